import { UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import type { Turn } from './limit.ts';

/**
 * How long a call may take: `signal` ends it whatever it does, `retryForMs` is the time in which a new try may begin, without what
 * it waits for a place. `rank`: who gets a place first; default `kill`.
 */
export type CallBudget = Turn & { retryForMs: number };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
const THROTTLED_DELAY_MS = 1_000;

/**
 * Repeats a read while its trouble may pass and the budget lasts; throws the last trouble. For reads and token requests
 * only: a kill is never repeated here. Delays double with jitter and are never shorter than `Retry-After`; when one does not
 * fit into the budget there is no further try. `read` tells how many ms it waited for a place: these are not charged to it.
 */
export async function retryRead<T>(clock: Clock, budget: CallBudget, read: (notCharged: (waitedMs: number) => void) => Promise<T>): Promise<T> {
  let giveUpAt = clock.now() + budget.retryForMs;
  for (let tries = 1; ; tries++) {
    try {
      return await read((waitedMs) => (giveUpAt += waitedMs));
    } catch (error) {
      if (!(error instanceof UpstreamFailed) || !error.retryable || budget.signal?.aborted) throw error;
      const delayMs = delayBefore(error, tries, clock.random());
      if (clock.now() + delayMs >= giveUpAt) throw error;
      await clock.sleep(delayMs, budget.signal).catch(() => {
        throw error; // the signal ended the wait: the trouble is the answer, not the waiting
      });
    }
  }
}

function delayBefore({ trouble }: UpstreamFailed, tries: number, random: number): number {
  const ceiling = Math.min(FIRST_DELAY_MS * 2 ** tries, LONGEST_DELAY_MS);
  const jittered = ceiling / 2 + (ceiling / 2) * random;
  // A server that says `Retry-After: 0` is not to be asked without a pause.
  return Math.max(jittered, (trouble.retryAfterSec ?? 0) * 1_000, trouble.kind === 'throttled' ? THROTTLED_DELAY_MS : 0);
}
