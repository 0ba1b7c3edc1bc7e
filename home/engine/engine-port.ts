import type { Clock } from '../../lib/core/time.ts';
import { type Engine, EngineFailed } from '../../lib/start/engine.ts';
import { type Passing, whilePassing } from '../../lib/kill/while-passing.ts';
import { findTrouble } from '../store/sqlite-trouble.ts';
import type { DurableEngine } from './engine.ts';

// What is started within one turn goes to the disk together; others get their turn in between.
const STARTS_AT_ONCE = 100;

/** The engine as the house starts and answers executions of one function: nothing is answered before it is on disk. Throws EngineFailed. */
export function enginePort(engine: DurableEngine, functionName: string, clock: Pick<Clock, 'now' | 'sleep' | 'random'>): Engine {
  return {
    startsAtOnce: STARTS_AT_ONCE,
    async start(name, payload, until) {
      try {
        await whilePassing(clock, until, passing, async () => engine.start(functionName, name, payload).written);
        return 'started'; // the same bytes again are the first start's, as on Lambda
      } catch (cause) {
        if (nameOf(cause) === 'DurableExecutionAlreadyStartedException') return 'exists';
        throw new EngineFailed('starting an execution failed', { cause, isFull: nameOf(cause) === 'TooManyRequestsException' });
      }
    },
    async inputOf(arn) {
      try {
        return engine.get(arn).input;
      } catch (cause) {
        throw new EngineFailed('reading an execution failed', { cause });
      }
    },
    async answer(callbackId, result) {
      try {
        await engine.succeedCallback(callbackId, result);
        return 'taken';
      } catch (cause) {
        if (nameOf(cause) === 'CallbackTimeoutException') return 'late';
        throw new EngineFailed('answering a callback failed', { cause });
      }
    },
  };
}

/** A disk that is full for a moment; not what somebody has to mend, nor too many that are open. */
const passing: Passing = (error) => {
  const trouble = findTrouble(error)?.trouble;
  return trouble === undefined || trouble === 'refused' ? undefined : 0;
};

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
