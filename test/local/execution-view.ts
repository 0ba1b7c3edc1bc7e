import type { ErrorObject, ExecutionStatus, Operation } from '@aws-sdk/client-lambda';
import type { Execution } from '../../home/engine/executions.ts';
import { executionOperation } from '../../home/engine/invocation-event.ts';
import type { Operation as RecordedOperation } from '../../home/engine/operations.ts';
import { functionArn } from './function-name.ts';

/** One execution as it is at this moment. `input` and `result` are JSON text, times epoch ms. */
export type ExecutionView = {
  arn: string;
  name: string;
  functionName: string;
  functionArn: string;
  status: ExecutionStatus;
  startMs: number;
  endMs?: number;
  input: string;
  result?: string;
  error?: ErrorObject;
  /** The first is the EXECUTION itself; children of finished contexts are still here. */
  operations: Operation[];
  invocations: number;
  checkpointCalls: number;
};

/** Takes the picture: what happens later does not change it. */
export function viewOf(execution: Execution, arn: string, operations: readonly RecordedOperation[]): ExecutionView {
  const { name, functionName, status, startMs, endMs, input, result, error, invocations, checkpointCalls } = execution;
  return {
    arn,
    name,
    functionName,
    functionArn: functionArn(functionName),
    status,
    startMs,
    input,
    operations: [executionOperation(execution), ...operations].map(withDates),
    invocations,
    checkpointCalls,
    ...(endMs !== undefined && { endMs }),
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  };
}

/** As the AWS SDK reads an operation: its times are Dates. */
export function withDates(operation: RecordedOperation): Operation {
  return JSON.parse(JSON.stringify(operation), (key, value: unknown) => (key.endsWith('Timestamp') && typeof value === 'string' ? new Date(value) : value)) as Operation;
}

/** How often operations were begun, each try of a step for itself, as Lambda counts them. */
export function countTries(operations: readonly Operation[]): number {
  return operations.reduce((sum, { Type: type, StepDetails: step }) => sum + (type === 'EXECUTION' ? 0 : Math.max(1, step?.Attempt ?? 1)), 0);
}
