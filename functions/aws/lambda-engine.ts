import type { LambdaClient, LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { Clock } from '../../lib/core/time.ts';
import { type Engine, EngineFailed } from '../../lib/start/engine.ts';

// Without `throwOnRequestTimeout` the SDK only warns.
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 8_000, throwOnRequestTimeout: true };

type Sdk = typeof import('@aws-sdk/client-lambda');

/** Makes one call with the SDK, `what` in words for the error. Throws EngineFailed. */
export type CallLambda = <T>(what: string, call: (client: LambdaClient, sdk: Sdk) => Promise<T>) => Promise<T>;

/**
 * Lambda's API, region and endpoint as the environment says, or as given. One try a call: our callers' callers send again. The SDK is loaded
 * on first use: it is 90 ms of cold start, for those who start something only.
 */
export function createLambdaCall(config: LambdaClientConfig = {}): CallLambda {
  let client: LambdaClient | undefined;
  return async (what, call) => {
    const sdk = await import('@aws-sdk/client-lambda');
    client ??= new sdk.LambdaClient({ ...config, maxAttempts: 1, requestHandler: TIMEOUTS });
    try {
      return await call(client, sdk);
    } catch (cause) {
      throw new EngineFailed(`${what} failed: ${(cause as Error).name}`, { cause });
    }
  };
}

/** Invokes `functionName` once and does not wait for it: what takes longer than an answer may. Throws EngineFailed. */
export async function invokeLater(callLambda: CallLambda, functionName: string, payload: unknown): Promise<void> {
  await callLambda('handing over a task', (lambda, { InvokeCommand }) =>
    lambda.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(payload)) })),
  );
}

/**
 * Lambda as the engine: the durable executions of `killFunction` (a qualified name).
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createLambdaEngine(callLambda: CallLambda, killFunction: string, clock: Clock): Engine {
  return {
    async start(name, payload, until) {
      const ask = () =>
        callLambda('starting an execution', (lambda, { InvokeCommand }) =>
          lambda.send(
            new InvokeCommand({ FunctionName: killFunction, InvocationType: 'Event', DurableExecutionName: name, Payload: Buffer.from(payload) }),
          ),
        );
      try {
        await whilePassing(clock, until, ask);
        return 'started';
      } catch (error) {
        if (isAlreadyStarted((error as EngineFailed).cause)) return 'exists';
        throw error;
      }
    },

    async inputOf(arn) {
      const found = await callLambda('reading an execution', (lambda, { GetDurableExecutionCommand }) =>
        lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn })),
      );
      return found.InputPayload ?? '';
    },

    async answer(callbackId, result) {
      try {
        await callLambda('answering a callback', (lambda, { SendDurableExecutionCallbackSuccessCommand }) =>
          lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId, Result: Buffer.from(result) })),
        );
        return 'taken';
      } catch (error) {
        const { name } = (error as EngineFailed).cause as Error;
        if (name === 'CallbackTimeoutException' || name === 'ResourceNotFoundException') return 'late';
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
      const { name, $metadata, retryAfterSeconds } = ((error as EngineFailed).cause ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number }; retryAfterSeconds?: string };
      const passes = name === 'TooManyRequestsException' || $metadata?.httpStatusCode === undefined;
      const leastMs = Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS), (Number(retryAfterSeconds) || 0) * 1_000);
      const pauseMs = leastMs * (1 + clock.random() / 2);
      if (!passes || until === undefined || clock.now() + pauseMs > until) throw error;
      await clock.sleep(pauseMs);
    }
  }
}

/** The older guide calls it AlreadyExists, the API page and the model AlreadyStarted. */
function isAlreadyStarted(error: unknown): boolean {
  return /^DurableExecutionAlready(?:Started|Exists)/.test((error as Error | undefined)?.name ?? '');
}
