import type { CallbackOptions, ErrorObject, Operation } from '@aws-sdk/client-lambda';
import type { DurableClock } from './clock.ts';
import type { Execution } from './executions.ts';
import { callbackOver } from './service-error.ts';
import type { Timers } from './timers.ts';

/** How a test sees a callback; `open` while somebody waits for its answer. */
export type CallbackView = { id: string; executionName: string; name?: string; open: boolean };

/** The callbacks of all executions. The first answer counts; a late, second or unknown one throws CallbackTimeoutException. */
export type Callbacks = {
  idOf: (execution: Execution, operationId: string) => string;
  /** Begins to wait; the times run from now. */
  open: (execution: Execution, operation: Operation, options: CallbackOptions) => void;
  succeed: (id: string, result: string | undefined) => void;
  fail: (id: string, error: ErrorObject) => void;
  heartbeat: (id: string) => void;
  list: () => CallbackView[];
};

type Callback = { execution: Execution; operationId: string; heartbeatMs: number | undefined };

type Parts = {
  clock: DurableClock;
  timers: Timers;
  changeFromOutside: (execution: Execution, operation: Operation, change: Partial<Operation>) => void;
};

/** Makes the callback API out of its parts. https://docs.aws.amazon.com/lambda/latest/api/API_SendDurableExecutionCallbackSuccess.html */
export function createCallbacks({ clock, timers, changeFromOutside }: Parts): Callbacks {
  const callbacks = new Map<string, Callback>();

  function openOperation({ execution, operationId }: Callback): Operation | undefined {
    const operation = execution.operations.get(operationId);
    return execution.status === 'RUNNING' && operation?.Status === 'STARTED' ? operation : undefined;
  }

  function find(id: string): Callback & { operation: Operation } {
    const callback = callbacks.get(id);
    const operation = callback && openOperation(callback);
    if (callback === undefined || operation === undefined) throw callbackOver();
    return { ...callback, operation };
  }

  type End = { status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'; result?: string | undefined; error?: ErrorObject | undefined };

  function settle(id: string, { status, result, error }: End): void {
    const { execution, operation, operationId } = find(id);
    for (const purpose of purposes(operationId)) timers.cancel(execution.arn, purpose);
    changeFromOutside(execution, operation, {
      Status: status,
      EndTimestamp: new Date(clock.now()),
      CallbackDetails: { ...operation.CallbackDetails, Result: result, Error: error },
    });
  }

  function expireAfter(id: string, { execution }: Callback, purpose: string, ms: number, message: string): void {
    const expire = (): void => settle(id, { status: 'TIMED_OUT', error: { ErrorType: 'CallbackTimeout', ErrorMessage: message } });
    timers.set(execution.arn, purpose, 'deadline', clock.now() + ms, expire);
  }

  function restartHeartbeat(id: string, callback: Callback): void {
    const [, purpose] = purposes(callback.operationId);
    if (callback.heartbeatMs !== undefined) expireAfter(id, callback, purpose, callback.heartbeatMs, 'Callback heartbeat timed out');
  }

  return {
    idOf: ({ arn }, operationId) => Buffer.from(JSON.stringify({ arn, operationId })).toString('base64'),
    open(execution, operation, { TimeoutSeconds: timeoutSeconds, HeartbeatTimeoutSeconds: heartbeatSeconds }) {
      const id = operation.CallbackDetails?.CallbackId ?? '';
      const heartbeatMs = heartbeatSeconds === undefined || heartbeatSeconds === 0 ? undefined : heartbeatSeconds * 1000;
      const callback = { execution, operationId: operation.Id ?? '', heartbeatMs };
      callbacks.set(id, callback);
      const [timeout] = purposes(callback.operationId);
      if (timeoutSeconds !== undefined && timeoutSeconds > 0) {
        expireAfter(id, callback, timeout, timeoutSeconds * 1000, 'Callback timed out');
      }
      restartHeartbeat(id, callback);
    },
    succeed: (id, result) => settle(id, { status: 'SUCCEEDED', result }),
    fail: (id, error) => settle(id, { status: 'FAILED', error }),
    heartbeat: (id) => restartHeartbeat(id, find(id)),
    list: () => [...callbacks].map(([id, callback]) => viewOf(id, callback, openOperation(callback) !== undefined)),
  };
}

function purposes(operationId: string): [timeout: string, heartbeat: string] {
  return [`${operationId}/timeout`, `${operationId}/heartbeat`];
}

function viewOf(id: string, { execution, operationId }: Callback, open: boolean): CallbackView {
  const operation = execution.operations.get(operationId);
  // waitForCallback gives its name to the context around the callback.
  const name = operation?.Name ?? execution.operations.get(operation?.ParentId ?? '')?.Name;
  return { id, executionName: execution.name, open, ...(name !== undefined && { name }) };
}
