import type { Clock } from '../core/time.ts';
import type { End } from '../core/end.ts';
import { isOver, type Job, wasKilled } from '../core/job.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Moves } from './moves.ts';
import { lookAgain } from './post.ts';

const GROWTH = 1.4;
const LONGEST_DELAY_SEC = 30;

/** Seconds until the next look at a dying job: the first one given, then about 1.4 times the last, at most 30; whole seconds. */
export function nextDelaySec(firstSec: number, previousSec: number | undefined): number {
  return previousSec === undefined ? firstSec : Math.min(LONGEST_DELAY_SEC, Math.max(previousSec + 1, Math.round(previousSec * GROWTH)));
}

/** The end of a request whose job is over, after the kill was sent. */
export function endOfOver(job: Job): End {
  if (wasKilled(job)) return { outcome: 'killed', job, reason: 'MRS says that the job was killed' };
  return { outcome: 'finished-first', job, reason: `it ended by itself: ${job.job_state}, result ${job.job_result}` };
}

/** The same of a job that may be alive; undefined while it is. */
export function overEnd(job: Job): End | undefined {
  return isOver(job) ? endOfOver(job) : undefined;
}

type Follower = { mrs: Mrs; moves: Moves; clock: Clock; signal?: AbortSignal | undefined; followIntervalSec: number; followTimeoutSec: number };

/** What is carried from look to look. `giveUpAt` is epoch ms. */
type State = { job: Job; giveUpAt?: number; isLate: boolean; delaySec?: number };

/**
 * Looks at a dying job until it is over or `followTimeoutSec` have passed since the first look; returns it as it was seen last. A
 * look that fails is passed over: the next one may tell. The deadline lives in the state, so that a resumed run keeps it.
 */
export async function followUntilOver(parts: Follower, cluster: Cluster, job: Job): Promise<Job> {
  const state = await parts.moves.repeat<State>(
    'follow',
    { job, isLate: false },
    async (before) => {
      const seen = await lookAgain(parts.mrs, cluster, job, { rank: 'follow', retryForMs: 0, signal: parts.signal });
      const now = parts.clock.now();
      const giveUpAt = before.giveUpAt ?? now + parts.followTimeoutSec * 1_000;
      return {
        job: seen.kind === 'job' ? seen.job : before.job,
        giveUpAt,
        isLate: now >= giveUpAt,
        delaySec: Math.min(nextDelaySec(parts.followIntervalSec, before.delaySec), Math.max(1, Math.ceil((giveUpAt - now) / 1_000))),
      };
    },
    ({ job: seen, isLate, delaySec = 1 }) => (isLate || isOver(seen) ? undefined : delaySec),
  );
  return state.job;
}
