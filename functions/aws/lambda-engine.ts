import { AwsRefused } from '../../lib/aws/send-aws.ts';
import type { Clock } from '../../lib/core/time.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { type Engine, EngineFailed } from '../../lib/start/engine.ts';
import type { CallLambda } from './lambda-call.ts';

/** Invokes `functionName` once and does not wait for it: what takes longer than an answer may. Throws EngineFailed. */
export async function invokeLater(callLambda: CallLambda, functionName: string, payload: unknown): Promise<void> {
  const headers = { 'x-amz-invocation-type': 'Event' };
  await callLambda('handing over a task', { method: 'POST', path: invocations(functionName), headers, body: JSON.stringify(payload) });
}

/**
 * Lambda as the engine: the durable executions of `durableFunction` (a qualified name).
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createLambdaEngine(callLambda: CallLambda, durableFunction: string, clock: Clock): Engine {
  return {
    async start(name, payload, until) {
      const headers = { 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': name };
      const ask = () => callLambda('starting an execution', { method: 'POST', path: invocations(durableFunction), headers, body: payload });
      try {
        await whilePassing(clock, until, ask);
        return 'started';
      } catch (error) {
        if (/^DurableExecutionAlready(?:Started|Exists)/.test(refusalOf(error) ?? '')) return 'exists'; // the older guide says Exists, the API page and the model Started
        throw error;
      }
    },

    async inputOf(arn) {
      const { InputPayload: input } = await callLambda('reading an execution', { method: 'GET', path: `/2025-12-01/durable-executions/${encodeURIComponent(arn)}`, body: '' });
      return typeof input === 'string' ? input : '';
    },

    async answer(callbackId, result) {
      try {
        await callLambda('answering a callback', { method: 'POST', path: `/2025-12-01/durable-execution-callbacks/${encodeURIComponent(callbackId)}/succeed`, body: result });
        return 'taken';
      } catch (error) {
        const code = refusalOf(error);
        if (code === 'CallbackTimeoutException' || code === 'ResourceNotFoundException') return 'late';
        throw error;
      }
    },
  };
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Makes a call again that Lambda throttles, after the time that Lambda names or a growing one, or that got no answer, as over a
 * connection that was kept open while this function slept; as long as the pause is over before `until` (epoch ms). The pauses are spread, since
 * all who are throttled together would come again together. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
async function whilePassing<T>(clock: Clock, until: number | undefined, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const { cause } = error as EngineFailed;
      const passes = cause instanceof NoAnswer || refusalOf(error) === 'TooManyRequestsException';
      const retryAfterSec = cause instanceof AwsRefused ? cause.retryAfterSec : 0;
      const leastMs = Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS), retryAfterSec * 1_000);
      const pauseMs = leastMs * (1 + clock.random() / 2);
      if (!passes || until === undefined || clock.now() + pauseMs > until) throw error;
      await clock.sleep(pauseMs);
    }
  }
}

const invocations = (functionName: string): string => `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;

/** Lambda's name for what it refused; undefined where it gave no answer. */
function refusalOf(error: unknown): string | undefined {
  return error instanceof EngineFailed && error.cause instanceof AwsRefused ? error.cause.code : undefined;
}
