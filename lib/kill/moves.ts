import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Posted, Seen } from './kill.ts';

/** Reads one job that was found before; trouble is a value. */
export async function lookAgain(mrs: Mrs, cluster: Cluster, job: Job, budget: CallBudget): Promise<Seen> {
  try {
    return { kind: 'job', job: await mrs.job(cluster, job.job_id, budget) };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return error.trouble.kind === 'not-found' ? { kind: 'not-found' } : { kind: 'trouble', trouble: error.trouble };
  }
}

/** Sends one POST, unless the off switch is on by then; trouble is a value. */
export async function postKill(
  { mrs, readPaused }: { mrs: Mrs; readPaused: () => boolean | Promise<boolean> },
  cluster: Cluster,
  job: Job,
  signal?: AbortSignal,
): Promise<Posted> {
  try {
    // Read when a token is at hand: fetching one can take long enough for the switch to be turned.
    const wasSent = await mrs.kill(cluster, job.job_id, signal, async () => !(await readPaused()));
    return { kind: wasSent ? 'accepted' : 'paused' };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { kind: 'trouble', trouble: error.trouble };
  }
}
