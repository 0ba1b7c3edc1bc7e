import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Target } from '../core/request.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Began, JobSeen } from '../ledger/keys.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';

/**
 * The job of a warning, looked at by its id; `gone` where MRS does not know it any more, undefined where it cannot be looked at.
 * `seen` is what its run found; without it the id counts that was asked for.
 */
export async function lookAtWarned({ mrs, clusters }: { mrs: Mrs; clusters: readonly Cluster[] }, { seen, began }: { seen: JobSeen | undefined; began: Began | undefined }, budget: CallBudget): Promise<Job | 'gone' | undefined> {
  const { cluster: named, job: ref } = (began?.target ?? {}) as Partial<Target>;
  const cluster = findCluster(clusters, seen?.cluster ?? named ?? '');
  const jobId = seen?.job_id ?? (ref?.by === 'mrs-id' ? ref.id : undefined);
  if (cluster === undefined || jobId === undefined) return undefined;
  try {
    return await mrs.job(cluster, jobId, budget);
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return error.trouble.kind === 'not-found' ? 'gone' : undefined;
  }
}
