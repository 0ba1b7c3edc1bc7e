import type { Event, EventType, Operation } from '@aws-sdk/client-lambda';
import type { Execution } from './executions.ts';

/** Appends the change an operation just went through to the execution's history: names and times, no data. */
export function recordOperation(execution: Execution, operation: Operation, nowMs: number): void {
  const eventType = operationEvent(operation);
  if (eventType === undefined) return;
  const { Id, ParentId, Name, SubType } = operation;
  append(execution, { EventType: eventType, Id, ParentId, Name, SubType }, nowMs);
}

/** Appends the execution's own change of status. */
export function recordStatus(execution: Execution, nowMs: number): void {
  append(execution, { EventType: executionEvent(execution), Id: execution.id, Name: execution.name }, nowMs);
}

function append({ history }: Execution, event: Event, nowMs: number): void {
  history.push({ EventId: history.length + 1, EventTimestamp: new Date(nowMs), ...event });
}

function executionEvent({ status }: Execution): EventType {
  switch (status) {
    case 'RUNNING':
      return 'ExecutionStarted';
    case 'SUCCEEDED':
      return 'ExecutionSucceeded';
    case 'FAILED':
      return 'ExecutionFailed';
    case 'STOPPED':
      return 'ExecutionStopped';
    case 'TIMED_OUT':
      return 'ExecutionTimedOut';
  }
}

const EVENTS: Readonly<Record<string, EventType>> = {
  STEP_STARTED: 'StepStarted',
  STEP_SUCCEEDED: 'StepSucceeded',
  STEP_FAILED: 'StepFailed',
  WAIT_STARTED: 'WaitStarted',
  WAIT_SUCCEEDED: 'WaitSucceeded',
  WAIT_CANCELLED: 'WaitCancelled',
  CALLBACK_STARTED: 'CallbackStarted',
  CALLBACK_SUCCEEDED: 'CallbackSucceeded',
  CALLBACK_FAILED: 'CallbackFailed',
  CALLBACK_TIMED_OUT: 'CallbackTimedOut',
  CONTEXT_STARTED: 'ContextStarted',
  CONTEXT_SUCCEEDED: 'ContextSucceeded',
  CONTEXT_FAILED: 'ContextFailed',
};

function operationEvent({ Type: type, Status: status, StepDetails: step }: Operation): EventType | undefined {
  // A step that will be tried again ended this attempt: failed with an error, or succeeded with the state of a poll.
  if (type === 'STEP' && (status === 'PENDING' || status === 'READY')) return step?.Error === undefined ? 'StepSucceeded' : 'StepFailed';
  return EVENTS[`${type}_${status}`];
}
