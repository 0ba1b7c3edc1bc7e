import { type DurableContext, type StepConfig, StepInterruptedError, StepSemantics } from '@aws/durable-execution-sdk-js';
import type { Moves } from '../kill/moves.ts';

type Retrying = Required<Pick<StepConfig<never>, 'retryStrategy'>>;

// Every step has to say so: without a strategy the SDK tries six times. It may still run twice when the function dies inside it.
const ONCE: Retrying = { retryStrategy: () => ({ shouldRetry: false }) };
const WAITS_FOR_SEC = 5 * 60;
const FIRST_DELAY_SEC = 2;
const LONGEST_DELAY_SEC = 60;

/**
 * The moves of a run as steps and waits of a durable execution. The body of the function runs again from the top at every resume,
 * and each move that stands on record returns what it returned before. The waits of one run are 5 minutes together at most.
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html
 */
export function durableMoves(context: DurableContext): Moves {
  let waitedSec = 0;
  return {
    step: (name, move, retryForSec) => context.step(name, move, retryForSec === undefined ? ONCE : retryFor(retryForSec)),
    async stepOnce(name, move) {
      try {
        // START is on record before the move begins, and a step found started is not run again.
        return await context.step(name, move, { semantics: StepSemantics.AtMostOncePerRetry, ...ONCE });
      } catch (error) {
        if (!isInterrupted(error)) throw error;
        return 'interrupted';
      }
    },
    async wait(name, seconds) {
      waitedSec += seconds;
      if (waitedSec > WAITS_FOR_SEC) return false;
      if (seconds > 0) await context.wait(name, { seconds: Math.ceil(seconds) });
      return true;
    },
    // A wait strategy has no time of its own, and a move that throws ends it for good.
    repeat: (name, first, move, nextDelaySec) =>
      context.waitForCondition(name, move, {
        initialState: first,
        waitStrategy(state) {
          const seconds = nextDelaySec(state);
          return seconds === undefined ? { shouldContinue: false } : { shouldContinue: true, delay: { seconds } };
        },
      }),
  };
}

/**
 * Runs a step again for about `totalSec`, with delays that double up to a minute, as long as its error is `retryable`; an
 * error's `retryAfterSec` is honoured. The attempts are counted, not timed: a clock would not be the same on replay.
 */
export function retryFor(totalSec: number): Retrying {
  return {
    retryStrategy(error, attempt) {
      const { retryable, retryAfterSec } = error as { retryable?: boolean; retryAfterSec?: number };
      const delaySec = Math.max(Math.min(FIRST_DELAY_SEC * 2 ** (attempt - 1), LONGEST_DELAY_SEC), Math.ceil(retryAfterSec ?? 0));
      if (retryable === false || waitedBefore(attempt) + delaySec > totalSec) return { shouldRetry: false };
      return { shouldRetry: true, delay: { seconds: delaySec } };
    },
  };
}

/** Seconds waited before attempt number `attempt` failed. */
function waitedBefore(attempt: number): number {
  let waitedSec = 0;
  for (let past = 1; past < attempt; past++) waitedSec += Math.min(FIRST_DELAY_SEC * 2 ** (past - 1), LONGEST_DELAY_SEC);
  return waitedSec;
}

/** Interrupted means unknown: the move may have been made or not. Over a step border only names survive. */
function isInterrupted(error: unknown): boolean {
  if (error instanceof StepInterruptedError) return true;
  const { name, cause } = error as { name?: string; cause?: { name?: string } };
  return name === 'StepInterruptedError' || cause?.name === 'StepInterruptedError';
}
