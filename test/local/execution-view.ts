import type { ErrorObject, ExecutionStatus, Operation } from '@aws-sdk/client-lambda';
import type { Execution } from './executions.ts';

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
export function viewOf({ operations, endMs, result, error, ...execution }: Execution): ExecutionView {
  return {
    arn: execution.arn,
    name: execution.name,
    functionName: execution.functionName,
    functionArn: execution.functionArn,
    status: execution.status,
    startMs: execution.startMs,
    input: execution.input,
    operations: [...operations.values()],
    invocations: execution.invocations,
    checkpointCalls: execution.checkpointCalls,
    ...(endMs !== undefined && { endMs }),
    ...(result !== undefined && { result }),
    ...(error !== undefined && { error }),
  };
}
