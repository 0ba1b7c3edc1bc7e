import type { CallBudget } from '../../lib/http/retry.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { orRevoked } from '../engine/invocation.ts';

/** MRS for what runs in an invocation: where that is revoked, its calls end at once, whether they wait for an answer, for a place or for the next try. */
export function untilRevoked(mrs: Mrs): Mrs {
  const ending = (budget: CallBudget): CallBudget => ({ ...budget, signal: orRevoked(budget.signal) });
  return {
    ...mrs,
    job: (cluster, jobId, budget) => mrs.job(cluster, jobId, ending(budget)),
    activeJobs: (cluster, budget) => mrs.activeJobs(cluster, ending(budget)),
    recentJobs: (cluster, budget) => mrs.recentJobs(cluster, ending(budget)),
    clusters: (cluster, budget) => mrs.clusters(cluster, ending(budget)),
    kill: (cluster, jobId, signal, isWanted) => mrs.kill(cluster, jobId, orRevoked(signal), isWanted),
  };
}
