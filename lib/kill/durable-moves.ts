import { type DurableContext, StepInterruptedError, StepSemantics } from '@aws/durable-execution-sdk-js';
import type { Job } from '../core/job.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Examiner } from './examine.ts';
import type { KillMoves, Posted } from './kill.ts';
import { lookAgain, postKill } from './moves.ts';
import { onceOnly } from './retry-strategy.ts';

const LOOK_FOR_MS = 60_000;
const WAITS_FOR_SEC = 5 * 60;

/** The moves of a kill as durable steps and waits. `expiresAt` is epoch ms: from then on nothing is sent. */
export function createDurableMoves(context: DurableContext, ports: Examiner, cluster: Cluster, job: Job, expiresAt: number): KillMoves {
  let waitedSec = 0;
  return {
    async post(attempt) {
      try {
        return await context.step(
          `kill-${attempt}`,
          async (): Promise<Posted> => (ports.clock.now() > expiresAt ? { kind: 'expired' } : postKill(ports, cluster, job)),
          // At most once: START is on record before the POST goes out, and a step found started is not run again.
          { semantics: StepSemantics.AtMostOncePerRetry, ...onceOnly },
        );
      } catch (error) {
        if (!isInterrupted(error)) throw error;
        return { kind: 'trouble', trouble: { service: 'MRS', kind: 'timeout', message: 'the function ended while the kill was being sent' } };
      }
    },
    look: (look) => context.step(`look-after-kill-${look}`, () => lookAgain(ports.mrs, cluster, job, { retryForMs: LOOK_FOR_MS }), onceOnly),
    async wait(seconds, attempt) {
      waitedSec += seconds;
      if (waitedSec > WAITS_FOR_SEC) return false;
      if (seconds > 0) await context.wait(`before-kill-${attempt + 1}`, { seconds: Math.ceil(seconds) });
      return true;
    },
  };
}

/** Interrupted means unknown: the body may have run or not. Over a step border only names survive. */
function isInterrupted(error: unknown): boolean {
  if (error instanceof StepInterruptedError) return true;
  const { name, cause } = error as { name?: string; cause?: { name?: string } };
  return name === 'StepInterruptedError' || cause?.name === 'StepInterruptedError';
}
