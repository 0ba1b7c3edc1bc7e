import type { OperationUpdate, WireOperation } from '@aws/durable-execution-sdk-js';
import { invalidParameter } from './service-error.ts';

/** An operation as it stands on record: JSON, with times in ISO 8601. */
export type Operation = WireOperation;

/** Whether nothing can happen to this operation any more. */
export function isOver({ Status: status }: Operation): boolean {
  return status !== 'STARTED' && status !== 'PENDING' && status !== 'READY';
}

/** What an update is applied to: the operation of that id as it stands. */
export type FindOperation = (id: string) => Operation | undefined;

/**
 * The operation as one checked update of a checkpoint call at `nowMs` (epoch ms) makes it. Throws InvalidParameterValueException for what
 * Lambda would not accept. https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
 */
export function applyUpdate(find: FindOperation, update: OperationUpdate, nowMs: number, callbackId: string): Operation {
  const { Id: id = '', Type: type, Action: action } = update;
  const known = find(id);
  if (known !== undefined && known.Type !== type) throw invalidParameter(`operation ${id} is a ${known.Type}, not a ${type}`);
  if (known !== undefined && isOver(known)) throw invalidParameter(`operation ${id} is already ${known.Status}`);
  if (known === undefined && action !== 'START' && type !== 'STEP' && type !== 'CONTEXT') {
    throw invalidParameter(`operation ${id} was never started`);
  }
  return changed(update, known ?? begun(update, nowMs), known !== undefined, nowMs, callbackId);
}

/** What the code gets to see: children of a finished context are left out unless it asked to keep them. */
export function visibleOperations(operations: readonly Operation[]): Operation[] {
  const byId = new Map(operations.map((operation) => [operation.Id, operation]));
  const isPruned = ({ ParentId: parentId }: Operation): boolean => {
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    if (parent === undefined) return false;
    return (isOver(parent) && parent.ContextDetails?.ReplayChildren !== true) || isPruned(parent);
  };
  return operations.filter((operation) => !isPruned(operation));
}

/** Epoch ms as an operation has it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

function begun({ Id, ParentId, Name, Type, SubType }: OperationUpdate, nowMs: number): Operation {
  return {
    Id,
    Type,
    Status: 'STARTED',
    StartTimestamp: timestamp(nowMs),
    ...(ParentId !== undefined && { ParentId }),
    ...(Name !== undefined && { Name }),
    ...(SubType !== undefined && { SubType }),
  };
}

function changed(update: OperationUpdate, before: Operation, wasKnown: boolean, nowMs: number, callbackId: string): Operation {
  switch (update.Type) {
    case 'STEP':
      return changedStep(update, before, wasKnown, nowMs);
    case 'CONTEXT':
      return changedContext(update, before, nowMs);
    case 'WAIT':
      if (update.Action === 'CANCEL') return { ...before, Status: 'CANCELLED', EndTimestamp: timestamp(nowMs) };
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

function changedStep(update: OperationUpdate, before: Operation, wasKnown: boolean, nowMs: number): Operation {
  const attempt = before.StepDetails?.Attempt ?? 0;
  const next = { Attempt: attempt + 1, Result: update.Payload, Error: update.Error };
  if (update.Action !== 'START' && before.Status === 'PENDING') throw invalidParameter(`step ${before.Id} waits for its next try`);
  switch (update.Action) {
    case 'START':
      if (wasKnown && before.Status !== 'READY') throw invalidParameter(`step ${before.Id} is ${before.Status} and may not start now`);
      return { ...before, Status: 'STARTED', StepDetails: { ...before.StepDetails, Attempt: attempt, NextAttemptTimestamp: undefined } };
    case 'SUCCEED':
      return { ...before, Status: 'SUCCEEDED', EndTimestamp: timestamp(nowMs), StepDetails: next };
    case 'FAIL':
      return { ...before, Status: 'FAILED', EndTimestamp: timestamp(nowMs), StepDetails: next };
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
  const over = { ...before, EndTimestamp: timestamp(nowMs) };
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

function laterBySeconds(nowMs: number, seconds = 0): string {
  if (!Number.isInteger(seconds) || seconds < 1) throw invalidParameter('a delay is a whole number of seconds, at least 1');
  return timestamp(nowMs + seconds * 1_000);
}
