import type { Job } from '../core/job.ts';
import { formatDuration } from '../core/time.ts';
import { FirstPost, NAME_KEPT_MS, nameKey, namePartition } from '../ledger/keys.ts';
import type { Ledger, PutEntry } from '../ledger/port.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { StartId } from './start-id.ts';
import { listAll } from './remember.ts';

/**
 * Whoever kills a job leaves its name with the moment of the first POST, `at` by the wall clock, so that no alert kills the healthy re-run of it within
 * the hour: put with the record of each POST, which stretches it. The key is the request's own, whose POSTs come one after the other:
 * the moment never moves. A job without a name cannot be run again by it, and stands there as one that dies.
 */
export function firstPostEntries({ name }: StartId, cluster: Pick<Cluster, 'id'>, { job_name, job_id }: Job, at: number, now: number): PutEntry[] {
  return [{ key: nameKey(cluster.id, job_name, job_id, name), value: { at } satisfies FirstPost, until: now + NAME_KEPT_MS }];
}

/** The first POSTs to jobs of one name in one cluster within the last hour; `at` is epoch ms. */
export type FirstPosts = readonly { jobId: string; at: number }[];

/** Reads them. Throws LedgerFailed. */
export async function readFirstPosts(ledger: Ledger, clusterId: string, jobName: string, now: number): Promise<FirstPosts> {
  const entries = await listAll(ledger, namePartition(clusterId, jobName), now);
  return entries.map(({ key, value }) => ({ jobId: key.rest.slice(0, key.rest.indexOf(' ')), at: FirstPost.safeParse(value).data?.at ?? 0 }));
}

/** Whether we are killing this very job. */
export function isDying(posts: FirstPosts, { job_id }: Job): boolean {
  return posts.some(({ jobId }) => jobId === job_id);
}

/** When (epoch ms) the job was killed that this one is the re-run of; undefined where it is none. A job whose time MRS left out may be one. */
export function killedBefore(posts: FirstPosts, { job_id, job_name, submitted_time }: Job): number | undefined {
  if (job_name === '') return undefined;
  const moments = posts.filter(({ jobId }) => jobId !== job_id).map(({ at }) => at);
  const oldest = Math.min(...moments);
  return moments.length > 0 && (submitted_time <= 0 || submitted_time > oldest) ? oldest : undefined;
}

/** `a newer run; etl was killed 12 min ago` */
export function newerRunText(name: string, killedAt: number, now: number): string {
  return `a newer run; ${name} was killed ${formatDuration(now - killedAt)} ago`;
}
