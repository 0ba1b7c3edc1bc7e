import { type CheckpointDurableExecutionRequest, type CheckpointDurableExecutionResponse, DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import { rethrowForSdk } from '../../home/engine/client-error.ts';
import type { InvocationEvent } from '../../home/engine/invocation-event.ts';
import type { Operation } from '../../home/engine/operations.ts';

/** How a handler reaches the engine: by a client inside the event, or by its own over HTTP (`AWS_ENDPOINT_URL_LAMBDA`). */
export type ClientKind = 'injected' | 'http';

/** Takes one checkpoint call; the answer of a dead invocation never comes. */
export type Checkpoint = (request: CheckpointDurableExecutionRequest) => Promise<CheckpointDurableExecutionResponse>;

/** The event with a client in it, which wins over the handler's own. */
export function withClient(event: InvocationEvent, checkpoint: Checkpoint): unknown {
  type Input = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0];
  type Client = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[1];
  const client = {
    checkpoint: (request: CheckpointDurableExecutionRequest) => checkpoint(request).catch(rethrowForSdk),
    // The event holds every operation, so the SDK has no further page to ask for.
    getExecutionState: () => Promise.resolve({ Operations: [] }),
  } as unknown as Client;
  const input = new DurableExecutionInvocationInputWithClient(event as unknown as Input, client);
  return Object.assign(input, { UpdatedOperationIds: event.UpdatedOperationIds });
}

/**
 * Moves the times an operation waits for by `shiftMs`. The SDK compares them with the clock on the wall: under a
 * virtual clock that is behind, every wait would look over and be polled at once.
 */
export function shifted(operation: Operation, shiftMs: number): Operation {
  const retryAt = operation.StepDetails?.NextAttemptTimestamp;
  const endsAt = operation.WaitDetails?.ScheduledEndTimestamp;
  const later = (at: Date | string): string => new Date(new Date(at).getTime() + shiftMs).toISOString();
  return {
    ...operation,
    ...(retryAt && { StepDetails: { ...operation.StepDetails, NextAttemptTimestamp: later(retryAt) } }),
    ...(endsAt && { WaitDetails: { ScheduledEndTimestamp: later(endsAt) } }),
  };
}
