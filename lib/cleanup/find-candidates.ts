import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { type CleanupPlan, findRule, planCleanup, spareHeld } from '../core/plan-cleanup.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Policy } from '../policy/policy.ts';
import { type BrakeParts, readBrake } from '../kill/brake.ts';
import type { Log } from '../log/log.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { readHolds } from './holds.ts';
import type { RunningJobs } from '../start/limits.ts';

/** What the rules would kill now, how many jobs run in each cluster, and the clusters that could not be read. */
export type Candidates = { plan: CleanupPlan; running: RunningJobs; unreadable: { cluster: string; reason: string }[] };

/** What finding them needs. */
export type CandidateFinder = { policy: Policy; clusters: readonly Cluster[]; mrs: Mrs; log: Log } & BrakeParts;

const MOST_SKEW_MS = 5 * 60_000;
const BRAKE_FOR_MS = 5_000;

/**
 * Reads the active jobs of every cluster that a rule names, and plans. A cluster that cannot be read does not stop the others.
 * A new try of a read begins within `retryForMs`. `isPlayed`: a dry run has noes of its own. `trigger`: `slack` for a person.
 */
export async function findCandidates(parts: CandidateFinder, retryForMs: number, { isPlayed = false, trigger = 'cleanup' }: { isPlayed?: boolean; trigger?: 'cleanup' | 'slack' } = {}): Promise<Candidates> {
  const names = [...new Set(parts.policy.cleanup.map(({ cluster }) => cluster))];
  const now = new Date(parts.clock.wall()); // how old a job is goes by MRS's times
  const reading = readBrake(parts, { trigger }, undefined, BRAKE_FOR_MS);
  reading.catch(() => undefined); // it is said when its turn comes
  // All at once: several clusters that do not answer take no longer than one.
  const lists = await Promise.all(
    names.map(async (name) => {
      const cluster = findCluster(parts.clusters, name);
      return cluster === undefined ? [] : [await listFitting(parts, cluster, now, { rank: trigger === 'slack' ? 'person' : 'kill', retryForMs })]; // the policy's check has refused such a rule
    }),
  );
  const jobs: Job[] = [];
  const running: Record<string, number> = {};
  const unreadable: Candidates['unreadable'] = [];
  const clocksOff = new Set<string>();
  for (const list of lists.flat()) {
    if ('reason' in list) unreadable.push(list);
    else {
      jobs.push(...list.fitting);
      running[list.cluster] = list.running;
      if (list.isClockOff) clocksOff.add(list.cluster);
    }
  }
  const moment = { now, brake: await reading };
  const plan = planCleanup(parts.policy, jobs, moment, (cluster) => clocksOff.has(cluster), trigger);
  return { plan: spareHeld(plan, await readHolds(parts, plan, isPlayed, trigger)), running, unreadable };
}

type Listed = { cluster: string; fitting: Job[]; running: number; isClockOff: boolean } | { cluster: string; reason: string };

/** Of the active jobs those that a rule fits, and how many run; the others are let go page by page, however many there are. */
async function listFitting({ mrs, policy }: CandidateFinder, cluster: Cluster, now: Date, budget: CallBudget): Promise<Listed> {
  const fitting: Job[] = [];
  let running = 0;
  try {
    for await (const jobs of mrs.activeJobs(cluster, budget)) {
      fitting.push(...jobs.filter((job) => findRule(policy.cleanup, job, now) !== undefined));
      running += jobs.filter(({ job_state: state }) => state === 'RUNNING').length;
    }
    return { cluster: cluster.name, fitting, running, isClockOff: Math.abs(mrs.clockSkewMs(cluster) ?? 0) > MOST_SKEW_MS };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { cluster: cluster.name, reason: describeTrouble(error.trouble) };
  }
}
