import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { type CleanupPlan, planCleanup, spareHeld } from '../core/plan-cleanup.ts';
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
  // All at once: several clusters that do not answer take no longer than one.
  const lists = await Promise.all(
    names.map(async (name) => {
      const cluster = findCluster(parts.clusters, name);
      return cluster === undefined ? [] : [await listActive(parts.mrs, cluster, retryForMs)]; // the policy's check has refused such a rule
    }),
  );
  const jobs: Job[] = [];
  const running: Record<string, number> = {};
  const unreadable: Candidates['unreadable'] = [];
  const clocksOff = new Set<string>();
  for (const list of lists.flat()) {
    if ('reason' in list) unreadable.push(list);
    else {
      for (const job of list.active) jobs.push(job);
      running[list.cluster] = list.active.filter(({ job_state: state }) => state === 'RUNNING').length;
      if (list.isClockOff) clocksOff.add(list.cluster);
    }
  }
  const moment = { now: new Date(parts.clock.now()), brake: await readBrake(parts, { trigger }, undefined, BRAKE_FOR_MS) };
  const plan = planCleanup(parts.policy, jobs, moment, (cluster) => clocksOff.has(cluster), trigger);
  return { plan: spareHeld(plan, await readHolds(parts, plan, isPlayed, trigger)), running, unreadable };
}

type Listed = { cluster: string; active: Job[]; isClockOff: boolean } | { cluster: string; reason: string };

async function listActive(mrs: Mrs, cluster: Cluster, retryForMs: number): Promise<Listed> {
  try {
    const active = (await Array.fromAsync(mrs.activeJobs(cluster, { retryForMs }))).flat();
    return { cluster: cluster.name, active, isClockOff: Math.abs(mrs.clockSkewMs(cluster) ?? 0) > MOST_SKEW_MS };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { cluster: cluster.name, reason: describeTrouble(error.trouble) };
  }
}
