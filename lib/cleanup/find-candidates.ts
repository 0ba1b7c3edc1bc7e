import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { type CleanupPlan, planCleanup } from '../core/plan-cleanup.ts';
import type { Killswitch } from '../load.ts';
import type { RunningJobs } from '../kill/limits.ts';
import { findCluster } from '../mrs/cluster.ts';

/** What the rules would kill now, how many jobs run in each cluster, and the clusters that could not be read. */
export type Candidates = { plan: CleanupPlan; running: RunningJobs; unreadable: { cluster: string; reason: string }[] };

const LIST_FOR_MS = 60_000;
const MOST_SKEW_MS = 5 * 60_000;

/** Reads the active jobs of every cluster that a rule names, and plans. A cluster that cannot be read does not stop the others. */
export async function findCandidates(by: Killswitch): Promise<Candidates> {
  const mrs = by.mrsAs(by.credentials);
  const jobs: Job[] = [];
  const running: Record<string, number> = {};
  const unreadable: Candidates['unreadable'] = [];
  const clocksOff = new Set<string>();
  for (const name of new Set(by.policy.cleanup.map(({ cluster }) => cluster))) {
    const cluster = findCluster(by.clusters, name);
    if (cluster === undefined) continue; // the policy's check has refused such a rule
    const active: Job[] = [];
    try {
      for await (const job of mrs.activeJobs(cluster, { retryForMs: LIST_FOR_MS })) active.push(job);
    } catch (error) {
      if (!(error instanceof UpstreamFailed)) throw error;
      unreadable.push({ cluster: name, reason: describeTrouble(error.trouble) });
      continue;
    }
    jobs.push(...active);
    running[name] = active.filter(({ job_state: state }) => state === 'RUNNING').length;
    if (Math.abs(mrs.clockSkewMs(cluster) ?? 0) > MOST_SKEW_MS) clocksOff.add(name);
  }
  const moment = { now: new Date(by.clock.now()), paused: await by.readPaused() };
  return { plan: planCleanup(by.policy, jobs, moment, (cluster) => clocksOff.has(cluster)), running, unreadable };
}
