import type { LambdaClient } from '@aws-sdk/client-lambda';
import { AppError } from '../core/errors.ts';

/** One durable execution, as Lambda lists it. */
export type Execution = { arn: string; name: string; status: ExecutionStatus; startedAt: Date; endedAt?: Date };
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
export type ExecutionDetail = { status: ExecutionStatus; input: string; result?: string; error?: string };

/** Lambda did not do what we asked of it; `cause` is the SDK's error. */
export class LambdaFailed extends AppError {
  readonly code = 'lambda_failed';
  override readonly retryable = true;
}

/** The Lambda calls that we need for one durable function. All throw LambdaFailed. */
export type Executions = {
  /** Asks for a new execution; `exists` where the name is taken, by one that runs or that has ended. */
  start(name: string, payload: string): Promise<'started' | 'exists'>;
  /** Newest first. Costs one call a page of 1000; the quota is 15 a second and region. */
  list(filter: { startedAfter: Date; mostPages: number }): AsyncGenerator<Execution, void, undefined>;
  get(arn: string): Promise<ExecutionDetail>;
  /** Answers an open callback; `late` where it is answered, expired or unknown: the service tells these not apart. */
  answer(callbackId: string, result: string): Promise<'taken' | 'late'>;
};

/**
 * Lambda's API for the durable function `killFunction` (a qualified name). One try a call: our callers' callers send again.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createExecutions(killFunction: string): Executions {
  let client: Promise<LambdaClient> | undefined;
  const load = () => import('@aws-sdk/client-lambda'); // 90 ms of cold start, for those who start something only

  async function send<T>(what: string, call: (client: LambdaClient, sdk: Awaited<ReturnType<typeof load>>) => Promise<T>): Promise<T> {
    const sdk = await load();
    client ??= Promise.resolve(new sdk.LambdaClient({ maxAttempts: 1 }));
    try {
      return await call(await client, sdk);
    } catch (cause) {
      throw new LambdaFailed(`${what} failed: ${(cause as Error).name}`, { cause });
    }
  }

  return {
    async start(name, payload) {
      try {
        await send('starting an execution', (lambda, { InvokeCommand }) =>
          lambda.send(
            new InvokeCommand({
              FunctionName: killFunction,
              InvocationType: 'Event',
              DurableExecutionName: name,
              Payload: Buffer.from(payload),
            }),
          ),
        );
        return 'started';
      } catch (error) {
        if (isAlreadyStarted((error as LambdaFailed).cause)) return 'exists';
        throw error;
      }
    },

    async *list({ startedAfter, mostPages }) {
      let marker: string | undefined;
      for (let page = 1; page <= mostPages; page++) {
        const answer = await send('listing executions', (lambda, { ListDurableExecutionsByFunctionCommand }) =>
          lambda.send(
            new ListDurableExecutionsByFunctionCommand({
              // Without its qualifier: executions of all versions count.
              FunctionName: killFunction.replace(/:[^:]+$/, ''),
              StartedAfter: startedAfter,
              MaxItems: 1_000,
              ...(marker === undefined ? {} : { Marker: marker }),
            }),
          ),
        );
        for (const found of answer.DurableExecutions ?? []) {
          yield {
            arn: found.DurableExecutionArn ?? '',
            name: found.DurableExecutionName ?? '',
            status: (found.Status ?? 'RUNNING') as ExecutionStatus,
            startedAt: found.StartTimestamp ?? startedAfter,
            ...(found.EndTimestamp ? { endedAt: found.EndTimestamp } : {}),
          };
        }
        marker = answer.NextMarker;
        if (!marker) return;
      }
    },

    async get(arn) {
      const found = await send('reading an execution', (lambda, { GetDurableExecutionCommand }) =>
        lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn })),
      );
      return {
        status: (found.Status ?? 'RUNNING') as ExecutionStatus,
        input: found.InputPayload ?? '',
        ...(found.Result === undefined ? {} : { result: found.Result }),
        ...(found.Error?.ErrorMessage === undefined ? {} : { error: found.Error.ErrorMessage }),
      };
    },

    async answer(callbackId, result) {
      try {
        await send('answering a callback', (lambda, { SendDurableExecutionCallbackSuccessCommand }) =>
          lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId: callbackId, Result: Buffer.from(result) })),
        );
        return 'taken';
      } catch (error) {
        const { name } = (error as LambdaFailed).cause as Error;
        if (name === 'CallbackTimeoutException' || name === 'ResourceNotFoundException') return 'late';
        throw error;
      }
    },
  };
}

/** The older guide calls it AlreadyExists, the API page and the model AlreadyStarted. */
function isAlreadyStarted(error: unknown): boolean {
  return /^DurableExecutionAlready(?:Started|Exists)/.test((error as Error | undefined)?.name ?? '');
}
