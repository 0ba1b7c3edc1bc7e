import { type Engine, EngineFailed } from '../../lib/start/engine.ts';
import type { DurableEngine } from './engine.ts';

// What is started within one turn goes to the disk together; others get their turn in between.
const STARTS_AT_ONCE = 100;

/** The engine as the house starts and answers executions of one function: nothing is answered before it is on disk. Throws EngineFailed. */
export function enginePort(engine: DurableEngine, functionName: string): Engine {
  return {
    startsAtOnce: STARTS_AT_ONCE,
    async start(name, payload) {
      try {
        const { written } = engine.start(functionName, name, payload);
        await written;
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

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
