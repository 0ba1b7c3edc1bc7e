import type { CallbackOptions, ErrorObject } from '@aws/durable-execution-sdk-js';
import type { Execution } from './executions.ts';
import { type Operation, timestamp } from './operations.ts';
import type { Records } from './records.ts';
import { callbackOver } from './service-error.ts';

/** What a callback's id holds: nothing has to be remembered to find it again. */
type Place = { arn: string; operationId: string; heartbeatMs?: number };

export type CallbackEnd = { status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'; result?: string | undefined; error?: ErrorObject | undefined };

/**
 * The callbacks: the first answer counts; a late, second or unknown one throws CallbackTimeoutException. All within a write.
 * https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html
 */
export type Callbacks = ReturnType<typeof createCallbacks>;

export function createCallbacks(records: Records) {
  const { clock, journal, timers } = records;

  function find(id: string): Place & { execution: Execution; operation: Operation } {
    const place = placeIn(id);
    const execution = place && executionOf(place);
    const operation = place && execution && journal.find(execution.name, place.operationId);
    if (place === undefined || execution?.status !== 'RUNNING' || operation?.Status !== 'STARTED') throw callbackOver();
    return { ...place, execution, operation };
  }

  function executionOf({ arn }: Place): Execution | undefined {
    try {
      return records.find(arn);
    } catch {
      return undefined;
    }
  }

  function settleFound({ execution, operation }: { execution: Execution; operation: Operation }, { status, result, error }: CallbackEnd): void {
    for (const purpose of Object.values(purposesOf(operation.Id))) timers.cancel(execution.name, purpose);
    records.changeFromOutside(execution.name, operation, {
      Status: status,
      EndTimestamp: timestamp(clock.now()),
      CallbackDetails: { ...operation.CallbackDetails, Result: result, Error: error },
    });
  }

  return {
    idOf(execution: Execution, operationId: string, { HeartbeatTimeoutSeconds: heartbeatSec = 0 }: CallbackOptions): string {
      const place: Place = { arn: records.arnOf(execution), operationId, ...(heartbeatSec > 0 && { heartbeatMs: heartbeatSec * 1_000 }) };
      return Buffer.from(JSON.stringify(place)).toString('base64');
    },
    /** Begins to wait; the times run from now. */
    open({ name }: Execution, { Id: id }: Operation, { TimeoutSeconds: timeoutSec = 0, HeartbeatTimeoutSeconds: heartbeatSec = 0 }: CallbackOptions): void {
      const { timeout, heartbeat } = purposesOf(id);
      if (timeoutSec > 0) timers.set(name, timeout, 'deadline', clock.now() + timeoutSec * 1_000);
      if (heartbeatSec > 0) timers.set(name, heartbeat, 'deadline', clock.now() + heartbeatSec * 1_000);
    },
    settle: (id: string, end: CallbackEnd): void => settleFound(find(id), end),
    heartbeat(id: string): void {
      const { execution, operation, heartbeatMs } = find(id);
      if (heartbeatMs !== undefined) timers.set(execution.name, purposesOf(operation.Id).heartbeat, 'deadline', clock.now() + heartbeatMs);
    },
    /** A callback's time is up. */
    expire(execution: Execution, operation: Operation, isHeartbeat: boolean): void {
      if (operation.Status !== 'STARTED') return;
      const message = isHeartbeat ? 'Callback heartbeat timed out' : 'Callback timed out';
      settleFound({ execution, operation }, { status: 'TIMED_OUT', error: { ErrorType: 'CallbackTimeout', ErrorMessage: message } });
    },
  };
}

/** The purposes of a callback's timers. */
function purposesOf(operationId = ''): { timeout: string; heartbeat: string } {
  return { timeout: `${operationId}/timeout`, heartbeat: `${operationId}/heartbeat` };
}

/** The operation that a timer of one of these purposes belongs to. */
export function callbackIn(purpose: string): { operationId: string; isHeartbeat: boolean } | undefined {
  const [, operationId, which] = /^(.*)\/(timeout|heartbeat)$/.exec(purpose) ?? [];
  return operationId === undefined ? undefined : { operationId, isHeartbeat: which === 'heartbeat' };
}

function placeIn(id: string): Place | undefined {
  try {
    const place = JSON.parse(Buffer.from(id, 'base64').toString()) as Partial<Place>;
    return typeof place.arn === 'string' && typeof place.operationId === 'string' ? (place as Place) : undefined;
  } catch {
    return undefined;
  }
}
