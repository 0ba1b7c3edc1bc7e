import type { Clock } from '../core/time.ts';

/** Whether what failed may go well in a moment: how long (s) it is to be left alone at least; undefined where another try is of no use. */
export type Passing = (error: unknown) => number | undefined;

/** What an error says of itself, as those of the ledger do. */
export const ifRetryable: Passing = (error) => ((error as { retryable?: boolean }).retryable ? 0 : undefined);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Makes a call again whose trouble passes, after the time that was named or a growing one, as long as the pause is over before `until`
 * (epoch ms); once where that is left out. The pauses are spread, since all who are refused together would come again together. Throws
 * what the last call threw.
 */
export async function whilePassing<T>(clock: Pick<Clock, 'now' | 'sleep' | 'random'>, until: number | undefined, passing: Passing, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const leaveSec = passing(error);
      if (leaveSec === undefined || until === undefined) throw error;
      const leastMs = Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS), leaveSec * 1_000);
      const pauseMs = leastMs * (1 + clock.random() / 2);
      if (clock.now() + pauseMs > until) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
