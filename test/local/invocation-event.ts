import type { CheckpointDurableExecutionRequest, CheckpointDurableExecutionResponse, Operation } from '@aws-sdk/client-lambda';
import { DurableExecutionClientError, DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import type { Execution } from './executions.ts';
import { visibleOperations } from './operations.ts';
import { ServiceError } from './service-error.ts';

/** How a handler reaches the backend: by a client inside the event, or by its own over HTTP (`AWS_ENDPOINT_URL_LAMBDA`). */
export type ClientKind = 'injected' | 'http';

/** Takes one checkpoint call; the answer of a dead invocation never comes. */
export type Checkpoint = (request: CheckpointDurableExecutionRequest) => Promise<CheckpointDurableExecutionResponse>;

// Below the SDK's own bound for arming timers inside an invocation: a longer wait always suspends.
const REMAINING_MS = 60_000;

/** The event of one invocation, as the service sends it: times as ISO 8601 text, the EXECUTION operation first. */
export function invocationEvent(execution: Execution, token: string, shiftMs: number, client: ClientKind, checkpoint: Checkpoint): unknown {
  const plain: unknown = JSON.parse(
    JSON.stringify({
      DurableExecutionArn: execution.arn,
      CheckpointToken: token,
      ...(execution.invocations > 1 && { UpdatedOperationIds: [...execution.undelivered] }),
      InitialExecutionState: { Operations: shownOperations(execution, shiftMs), NextMarker: '' },
    }),
  );
  if (client === 'http') return plain;

  type Input = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0];
  type Client = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[1];
  const injected = {
    checkpoint: (request: CheckpointDurableExecutionRequest) => checkpoint(request).catch(rethrowForSdk),
    // The event holds every operation, so the SDK has no further page to ask for.
    getExecutionState: () => Promise.resolve({ Operations: [] }),
  } as Client;
  const event = new DurableExecutionInvocationInputWithClient(plain as Input, injected);
  return Object.assign(event, { UpdatedOperationIds: (plain as Input).UpdatedOperationIds });
}

/** The context a handler gets beside the event. `requestId` tells invocations apart. */
export function invocationContext(functionName: string, invokedFunctionArn: string, requestId: string): unknown {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: invokedFunctionArn.split(':').at(-1),
    invokedFunctionArn,
    memoryLimitInMB: '256',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => REMAINING_MS,
  };
}

/** All operations the code may see now, for an event or a state call. */
export function shownOperations({ operations }: Execution, shiftMs: number): Operation[] {
  return visibleOperations(operations).map((operation) => shifted(operation, shiftMs));
}

/**
 * Moves the times an operation waits for by `shiftMs`. The SDK compares them with the clock on the wall: under a
 * virtual clock that is behind, every wait would look over and be polled at once.
 */
export function shifted(operation: Operation, shiftMs: number): Operation {
  const retryAt = operation.StepDetails?.NextAttemptTimestamp;
  const endsAt = operation.WaitDetails?.ScheduledEndTimestamp;
  return {
    ...operation,
    ...(retryAt && { StepDetails: { ...operation.StepDetails, NextAttemptTimestamp: new Date(retryAt.getTime() + shiftMs) } }),
    ...(endsAt && { WaitDetails: { ScheduledEndTimestamp: new Date(endsAt.getTime() + shiftMs) } }),
  };
}

/** The SDK judges HTTP errors by their shape; an injected client has to say which it is: repeat the invocation, or give the execution up. */
function rethrowForSdk(error: unknown): never {
  const isFinal = error instanceof ServiceError && error.status < 500 && !error.message.startsWith('Invalid Checkpoint Token');
  throw new DurableExecutionClientError(String(error), { scope: isFinal ? 'EXECUTION' : 'INVOCATION', cause: error });
}
