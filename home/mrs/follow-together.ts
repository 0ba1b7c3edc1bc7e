import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { Clock } from '../../lib/core/time.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { currentInvocation, runOutside } from '../engine/invocation.ts';

/** How long the first of several looks waits for the others. */
const GATHER_MS = 1_000;
/** Fewer looks than these are read one by one, at once. */
const FEWEST = 3;
/** A list is read where it has no more pages than one for so many looks: who is not in it is read besides. */
const LOOKS_A_PAGE = 2;
const WALK_FOR_MS = 5_000;
/** So long nobody asks again for a list that was too long, or failed. */
const KNOWN_FOR_MS = 60_000;

/** Told the job as it is listed; undefined where it was not: then it is read by itself. */
type Look = { jobId: string; tell: (listed: Job | undefined) => void };
/** The looks of one cluster: those that are being gathered, when the latest came, and how many pages its list has at least. */
type Group = { gathering?: Look[] | undefined; latest: number[]; pages: number; pagesAt: number };

/**
 * MRS for many follows: those that look at jobs of one cluster within a second are served by one walk over its active jobs, begun
 * after the last of them asked. Who is in that list is alive, as it is listed. A list never says that a job is over: who is not in it
 * is read by itself, as are all where there are few of them, where the list is long for so many, or fails. Everything else, and who has
 * a time limit of their own, goes by as it came.
 */
export function followTogether(clock: Pick<Clock, 'now' | 'sleep'>): (mrs: Mrs) => Mrs {
  return (mrs) => {
    const groups = new Map<string, Group>();
    const groupOf = ({ id, region }: Cluster): Group => {
      const key = `${region} ${id}`;
      const group = groups.get(key) ?? { latest: [], pages: 1, pagesAt: 0 };
      groups.set(key, group);
      return group;
    };

    return {
      ...mrs,
      async job(cluster, jobId, budget) {
        if (budget.rank !== 'follow' || budget.signal !== undefined) return mrs.job(cluster, jobId, budget);
        const group = groupOf(cluster);
        const now = clock.now();
        group.latest = [...group.latest.slice(1 - FEWEST).filter((at) => at > now - GATHER_MS), now];
        if (group.gathering === undefined && group.latest.length < FEWEST) return mrs.job(cluster, jobId, budget);
        const listed = unlessRevoked(join(mrs, cluster, group, jobId));
        return (await (currentInvocation()?.waitAside(listed) ?? listed)) ?? mrs.job(cluster, jobId, budget);
      },
    };
  };

  function join(mrs: Mrs, cluster: Cluster, group: Group, jobId: string): Promise<Job | undefined> {
    const { promise, resolve: tell } = Promise.withResolvers<Job | undefined>();
    if (group.gathering) group.gathering.push({ jobId, tell });
    else {
      const looks = [{ jobId, tell }];
      group.gathering = looks;
      // It serves many: none of them is to end it for the others.
      void runOutside(() => serve(mrs, cluster, group, looks));
    }
    return promise;
  }

  async function serve(mrs: Mrs, cluster: Cluster, group: Group, looks: Look[]): Promise<void> {
    try {
      await clock.sleep(GATHER_MS);
    } finally {
      group.gathering = undefined; // who comes from now on waits for the next list
    }
    const open = new Map<string, Look[]>();
    for (const look of looks) open.set(keyOf(look.jobId), [...(open.get(keyOf(look.jobId)) ?? []), look]);
    try {
      await walk(mrs, cluster, group, open);
    } finally {
      for (const { tell } of [...open.values()].flat()) tell(undefined);
    }
  }

  /** Tells those who are listed, and takes them out of `open`. */
  async function walk(mrs: Mrs, cluster: Cluster, group: Group, open: Map<string, Look[]>): Promise<void> {
    const mostPages = Math.floor(open.size / LOOKS_A_PAGE);
    const knownPages = clock.now() < group.pagesAt + KNOWN_FOR_MS ? group.pages : 1;
    if (open.size < FEWEST || knownPages > mostPages) return;
    let pages = 0;
    const note = (atLeast: number): void => void Object.assign(group, { pages: atLeast, pagesAt: clock.now() });
    try {
      for await (const jobs of mrs.activeJobs(cluster, { rank: 'follow', retryForMs: 0, signal: AbortSignal.timeout(WALK_FOR_MS) })) {
        pages++;
        for (const job of jobs) {
          for (const { tell } of open.get(keyOf(job.job_id)) ?? []) tell(job);
          open.delete(keyOf(job.job_id));
        }
        if (open.size === 0) return;
        if (pages >= mostPages) return note(2 * pages); // at least: it is not tried again for a few looks more
      }
      note(pages);
    } catch {
      note(Infinity); // whatever it was: each reads by itself then, and hears of its own trouble
    }
  }
}

const keyOf = (jobId: string): string => jobId.toLowerCase();

/** Who waits for the others is not kept by them: an invocation that is revoked has to settle. */
function unlessRevoked<T>(told: Promise<T>): Promise<T> {
  const revoked = currentInvocation()?.signal;
  if (revoked === undefined) return told;
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(new UpstreamFailed({ service: 'MRS', kind: 'timeout', message: 'this run was stopped' }));
  if (revoked.aborted) leave();
  else revoked.addEventListener('abort', leave, { once: true });
  return Promise.race([told, promise]).finally(() => revoked.removeEventListener('abort', leave));
}
