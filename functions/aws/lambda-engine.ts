import { AwsRefused } from '../../lib/aws/send-aws.ts';
import type { Clock } from '../../lib/core/time.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { type Engine, EngineFailed } from '../../lib/start/engine.ts';
import { type Passing, whilePassing } from '../../lib/kill/while-passing.ts';
import type { CallLambda } from './lambda-call.ts';

/** Less is no time for an answer; Slack waits for 3 s. */
const LEAST_MS = 2_000;

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
      // Who asks waits for `until`: a call that hangs must not take longer.
      const withinMs = () => (until === undefined ? {} : { withinMs: Math.max(LEAST_MS, until - clock.now()) });
      const ask = () => callLambda('starting an execution', { method: 'POST', path: invocations(durableFunction), headers, body: payload, ...withinMs() });
      try {
        await whilePassing(clock, until, passing, ask);
        return 'started';
      } catch (error) {
        if (/^DurableExecutionAlready(?:Started|Exists)/.test(refusalOf(error) ?? '')) return 'exists'; // the older guide says Exists, the API page and the model Started
        throw error;
      }
    },

    async inputOf(arn) {
      // Whether the input comes by itself, AWS's own pages do not agree: https://docs.aws.amazon.com/lambda/latest/dg/durable-encryption.html
      const { InputPayload: input } = await callLambda('reading an execution', { method: 'GET', path: `/2025-12-01/durable-executions/${encodeURIComponent(arn)}?IncludeExecutionData=true`, body: '' });
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

/**
 * Lambda throttles, has trouble of its own, or gave no answer, as over a connection that was kept open while this function slept.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
const passing: Passing = (error) => {
  const { cause } = error as EngineFailed;
  if (cause instanceof AwsRefused) return refusalOf(error) === 'TooManyRequestsException' || cause.status >= 500 ? cause.retryAfterSec : undefined;
  return cause instanceof NoAnswer ? 0 : undefined;
};

const invocations = (functionName: string): string => `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;

/** Lambda's name for what it refused; undefined where it gave no answer. */
function refusalOf(error: unknown): string | undefined {
  return error instanceof EngineFailed && error.cause instanceof AwsRefused ? error.cause.code : undefined;
}
