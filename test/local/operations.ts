import type { Operation, OperationUpdate } from '@aws-sdk/client-lambda';
import { invalidParameter } from './service-error.ts';

/** The operations of one execution by id, in the order they came; the first is the EXECUTION itself. */
export type Operations = Map<string, Operation>;

/** Whether nothing can happen to this operation any more. */
export function isOver({ Status: status }: Operation): boolean {
  return status !== 'STARTED' && status !== 'PENDING' && status !== 'READY';
}

/**
 * Applies one update of a checkpoint call at `nowMs` (epoch ms) and returns the operation as it is now. Operations are
 * replaced, never changed. Throws InvalidParameterValueException for what the service would not accept.
 * https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
 */
export function applyUpdate(operations: Operations, update: OperationUpdate, nowMs: number, callbackId: string): Operation {
  const { Id: id, ParentId: parentId, Type: type, Action: action } = update;
  if (id === undefined || type === undefined || action === undefined) throw invalidParameter('an update needs Id, Type and Action');
  if (parentId !== undefined && !operations.has(parentId)) throw invalidParameter(`operation ${id} has an unknown parent`);

  const known = operations.get(id);
  if (known !== undefined && known.Type !== type) throw invalidParameter(`operation ${id} is a ${known.Type}, not a ${type}`);
  if (known !== undefined && isOver(known)) throw invalidParameter(`operation ${id} is already ${known.Status}`);
  if (known === undefined && action !== 'START' && type !== 'STEP' && type !== 'CONTEXT') {
    throw invalidParameter(`operation ${id} was never started`);
  }

  const operation = changed(update, known ?? begun(update, nowMs), known !== undefined, nowMs, callbackId);
  operations.set(id, operation);
  return operation;
}

/** Ends a wait, a retry's delay or a callback from outside the code; returns the operation as it is now. */
export function settleOperation(operations: Operations, operation: Operation, change: Partial<Operation>): Operation {
  const settled = { ...operation, ...change };
  operations.set(settled.Id ?? '', settled);
  return settled;
}

/** What the code gets to see: children of a finished context are left out unless it asked to keep them. */
export function visibleOperations(operations: Operations): Operation[] {
  return [...operations.values()].filter((operation) => !isPruned(operations, operation));
}

function isPruned(operations: Operations, operation: Operation): boolean {
  const parent = operation.ParentId === undefined ? undefined : operations.get(operation.ParentId);
  if (parent === undefined) return false;
  if (isOver(parent) && parent.ContextDetails?.ReplayChildren !== true) return true;
  return isPruned(operations, parent);
}

function begun({ Id, ParentId, Name, Type, SubType }: OperationUpdate, nowMs: number): Operation {
  return {
    Id,
    Type,
    Status: 'STARTED',
    StartTimestamp: new Date(nowMs),
    ...(ParentId !== undefined && { ParentId }),
    ...(Name !== undefined && { Name }),
    ...(SubType !== undefined && { SubType }),
  };
}

function changed(update: OperationUpdate, before: Operation, wasKnown: boolean, nowMs: number, callbackId: string): Operation {
  switch (update.Type) {
    case 'STEP':
      return changedStep(update, before, nowMs);
    case 'CONTEXT':
      return changedContext(update, before, nowMs);
    case 'WAIT':
      if (update.Action === 'CANCEL') return { ...before, Status: 'CANCELLED', EndTimestamp: new Date(nowMs) };
      requireFirstStart(update, wasKnown);
      return { ...before, WaitDetails: { ScheduledEndTimestamp: laterBySeconds(nowMs, update.WaitOptions?.WaitSeconds) } };
    case 'CALLBACK':
      requireFirstStart(update, wasKnown);
      return { ...before, CallbackDetails: { CallbackId: callbackId } };
    case 'CHAINED_INVOKE':
    case 'EXECUTION':
    case undefined:
      throw invalidParameter(`operations of type ${update.Type} cannot be checkpointed here`);
  }
}

function changedStep(update: OperationUpdate, before: Operation, nowMs: number): Operation {
  const attempt = before.StepDetails?.Attempt ?? 0;
  const next = { Attempt: attempt + 1, Result: update.Payload, Error: update.Error };
  switch (update.Action) {
    case 'START':
      if (before.Status === 'PENDING') throw invalidParameter(`step ${before.Id} may not start before its delay is over`);
      return { ...before, Status: 'STARTED', StepDetails: { ...before.StepDetails, Attempt: attempt, NextAttemptTimestamp: undefined } };
    case 'SUCCEED':
      return { ...before, Status: 'SUCCEEDED', EndTimestamp: new Date(nowMs), StepDetails: next };
    case 'FAIL':
      return { ...before, Status: 'FAILED', EndTimestamp: new Date(nowMs), StepDetails: next };
    case 'RETRY': {
      const delaySeconds = update.StepOptions?.NextAttemptDelaySeconds ?? 0;
      if (delaySeconds === 0) return { ...before, Status: 'READY', StepDetails: next };
      return { ...before, Status: 'PENDING', StepDetails: { ...next, NextAttemptTimestamp: laterBySeconds(nowMs, delaySeconds) } };
    }
    case 'CANCEL':
    case undefined:
      throw invalidParameter(`${update.Action} does not fit a STEP`);
  }
}

function changedContext(update: OperationUpdate, before: Operation, nowMs: number): Operation {
  const ReplayChildren = update.ContextOptions?.ReplayChildren;
  const over = { ...before, EndTimestamp: new Date(nowMs) };
  switch (update.Action) {
    case 'START':
      return before;
    case 'SUCCEED':
      return { ...over, Status: 'SUCCEEDED', ContextDetails: { ReplayChildren, Result: update.Payload } };
    case 'FAIL':
      return { ...over, Status: 'FAILED', ContextDetails: { ReplayChildren, Error: update.Error } };
    case 'RETRY':
    case 'CANCEL':
    case undefined:
      throw invalidParameter(`${update.Action} does not fit a CONTEXT`);
  }
}

function requireFirstStart({ Id: id, Type: type, Action: action }: OperationUpdate, wasKnown: boolean): void {
  if (action !== 'START') throw invalidParameter(`${action} does not fit a ${type}`);
  if (wasKnown) throw invalidParameter(`operation ${id} is already started`);
}

function laterBySeconds(nowMs: number, seconds = 0): Date {
  if (!Number.isInteger(seconds) || seconds < 1) throw invalidParameter('a delay is a whole number of seconds, at least 1');
  return new Date(nowMs + seconds * 1000);
}
