import { createLambdaSend, type LambdaFailed } from './lambda-send.ts';

export { LambdaFailed } from './lambda-send.ts';

/** One durable execution, as Lambda lists it. */
export type Execution = { arn: string; name: string; status: ExecutionStatus; startedAt: Date; endedAt?: Date };
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
export type ExecutionDetail = { status: ExecutionStatus; input: string; result?: string; error?: string };

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
 * Lambda's API for the durable function `killFunction` (a qualified name).
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createExecutions(killFunction: string): Executions {
  const send = createLambdaSend();

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
