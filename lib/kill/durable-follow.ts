import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { Clock } from '../core/time.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { endOf, nextDelaySec } from './follow.ts';
import { lookAgain } from './moves.ts';

type Follower = { mrs: Mrs; clock: Clock; followIntervalSec: number; followTimeoutSec: number };

/** Travels from look to look through the checkpoints. Epoch ms. */
type State = { job: Job; giveUpAt?: number; isLate: boolean; delaySec?: number };

/**
 * Looks at a dying job until it is over or `followTimeoutSec` have passed. A look that fails is passed over: the next one may
 * tell. The deadline lives in the state, since a wait strategy has no time of its own and a check that throws ends it for good.
 */
export async function followUntilOver(context: DurableContext, by: Follower, cluster: Cluster, job: Job): Promise<End> {
  const state = await context.waitForCondition<State>(
    'follow',
    async (before) => {
      const seen = await lookAgain(by.mrs, cluster, job, { retryForMs: 0 });
      const now = by.clock.now();
      const giveUpAt = before.giveUpAt ?? now + by.followTimeoutSec * 1_000;
      return {
        job: seen.kind === 'job' ? seen.job : before.job,
        giveUpAt,
        isLate: now >= giveUpAt,
        delaySec: Math.min(nextDelaySec(by.followIntervalSec, before.delaySec), Math.max(1, Math.ceil((giveUpAt - now) / 1_000))),
      };
    },
    {
      initialState: { job, isLate: false },
      waitStrategy: ({ job: seen, isLate, delaySec = 1 }) =>
        isLate || endOf(seen) !== undefined ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds: delaySec } },
    },
  );
  const outcome = endOf(state.job);
  switch (outcome) {
    case 'killed':
      return { outcome, job: state.job, reason: 'MRS says that the job was killed' };
    case 'finished-first':
      return { outcome, job: state.job, reason: `it ended by itself: ${state.job.job_state}, result ${state.job.job_result}` };
    case undefined:
      return {
        outcome: 'still-running',
        job: state.job,
        reason: `MRS took the kill, but the job was still ${state.job.job_state} when it was last seen, within ${by.followTimeoutSec} s; copying its logs can take that long`,
      };
  }
}
