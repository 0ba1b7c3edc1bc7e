import type { ExecutionStatus } from '@aws-sdk/client-lambda';
import type { Execution } from '../../home/engine/executions.ts';
import { functionArn } from './function-name.ts';

/** What EventBridge delivers when an execution begins or ends. https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html */
export type StatusEvent = {
  version: '0';
  id: string;
  'detail-type': 'Durable Execution Status Change';
  source: 'aws.lambda';
  account: string;
  /** ISO 8601, to the second. */
  time: string;
  region: string;
  resources: string[];
  detail: {
    durableExecutionArn: string;
    durableExecutionName: string;
    functionArn: string;
    status: ExecutionStatus;
    /** ISO 8601. */
    startTimestamp: string;
    endTimestamp?: string;
  };
};

/** Shapes the event for the status the execution has now. */
export function statusEvent({ id, name, functionName, status, startMs, endMs }: Execution, arn: string): StatusEvent {
  const ownArn = functionArn(functionName);
  const [, , , region = '', account = ''] = ownArn.split(':');
  return {
    version: '0',
    id: `${id}-${status}`,
    'detail-type': 'Durable Execution Status Change',
    source: 'aws.lambda',
    account,
    time: new Date(endMs ?? startMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [],
    detail: {
      durableExecutionArn: arn,
      durableExecutionName: name,
      functionArn: ownArn,
      status,
      startTimestamp: new Date(startMs).toISOString(),
      ...(endMs !== undefined && { endTimestamp: new Date(endMs).toISOString() }),
    },
  };
}
