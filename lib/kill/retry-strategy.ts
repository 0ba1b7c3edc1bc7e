import type { StepConfig } from '@aws/durable-execution-sdk-js';

type Retrying = Required<Pick<StepConfig<never>, 'retryStrategy'>>;

/**
 * A step that is not run again when it throws. Every step has to say so: without a strategy the SDK tries six times. The step
 * may still run twice when the function dies inside it.
 */
export const onceOnly: Retrying = { retryStrategy: () => ({ shouldRetry: false }) };

const FIRST_DELAY_SEC = 2;
const LONGEST_DELAY_SEC = 60;

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
