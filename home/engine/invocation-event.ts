import type { Execution } from './executions.ts';
import { type Operation, timestamp, visibleOperations } from './operations.ts';

/** What the SDK's handler is called with. https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html */
export type InvocationEvent = {
  DurableExecutionArn: string;
  CheckpointToken: string;
  UpdatedOperationIds?: string[];
  InitialExecutionState: { Operations: Operation[]; NextMarker: string };
};

// Below the SDK's own bound for arming timers inside an invocation: a longer wait always suspends.
const REMAINING_MS = 60_000;

/** The event of one invocation: the EXECUTION first, then what the code may see, all of it on one page. */
export function invocationEvent(execution: Execution, arn: string, token: string, operations: readonly Operation[], updatedIds: string[]): InvocationEvent {
  return {
    DurableExecutionArn: arn,
    CheckpointToken: token,
    ...(execution.invocations > 0 && { UpdatedOperationIds: updatedIds }),
    InitialExecutionState: { Operations: [executionOperation(execution), ...visibleOperations(operations)], NextMarker: '' },
  };
}

/** The execution as its own first operation. */
export function executionOperation({ id, name, input, status, startMs, endMs }: Execution): Operation {
  return {
    Id: id,
    Name: name,
    Type: 'EXECUTION',
    Status: status === 'RUNNING' ? 'STARTED' : status,
    StartTimestamp: timestamp(startMs),
    ExecutionDetails: { InputPayload: input },
    ...(endMs !== undefined && { EndTimestamp: timestamp(endMs) }),
  };
}

/** The context that a handler gets beside the event, as Lambda's. `requestId` tells invocations apart. */
export function invocationContext(functionName: string, functionArn: string, requestId: string): unknown {
  return {
    awsRequestId: requestId,
    functionName,
    functionVersion: functionArn.split(':').at(-1),
    invokedFunctionArn: functionArn,
    memoryLimitInMB: '256',
    logGroupName: functionName,
    logStreamName: 'engine',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => REMAINING_MS,
  };
}
