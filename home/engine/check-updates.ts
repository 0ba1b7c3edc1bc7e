import type { OperationAction, OperationType, OperationUpdate } from '@aws/durable-execution-sdk-js';
import type { FindOperation } from './operations.ts';
import { invalidParameter } from './service-error.ts';

/** Longer than any result of ours; the service takes no more in a step or context. */
const MOST_PAYLOAD_BYTES = 256 * 1_024;
const MOST_ERROR_BYTES = 32 * 1_024;

const ACTIONS: Record<OperationType, readonly OperationAction[]> = {
  STEP: ['START', 'SUCCEED', 'FAIL', 'RETRY'],
  CONTEXT: ['START', 'SUCCEED', 'FAIL'],
  WAIT: ['START', 'CANCEL'],
  CALLBACK: ['START'],
  EXECUTION: ['SUCCEED', 'FAIL'],
  CHAINED_INVOKE: [],
};

/**
 * Checks the updates of one call for what Lambda would not take, by themselves; what stands on record judges applyUpdate. Throws
 * InvalidParameterValueException. https://docs.aws.amazon.com/lambda/latest/api/API_OperationUpdate.html
 */
export function checkUpdates(updates: readonly OperationUpdate[], find: FindOperation): void {
  const seen = new Map<string, OperationUpdate>();
  for (const [index, update] of updates.entries()) {
    const { Id: id, ParentId: parentId, Type: type, Action: action } = update;
    if (id === undefined || type === undefined || action === undefined) throw invalidParameter('an update needs Id, Type and Action');
    if (!ACTIONS[type].includes(action)) throw invalidParameter(`${action} does not fit a ${type}`);
    if (type === 'EXECUTION' && index < updates.length - 1) throw invalidParameter('the update of the execution comes last');
    const before = seen.get(id);
    if (before !== undefined && (before.Action !== 'START' || action === 'START')) throw invalidParameter(`operation ${id} is updated twice in one call`);
    if (parentId !== undefined && (seen.get(parentId)?.Type ?? find(parentId)?.Type) !== 'CONTEXT') throw invalidParameter(`the parent of operation ${id} is no known context`);
    checkContent(update);
    seen.set(id, update);
  }
}

function checkContent(update: OperationUpdate): void {
  const { Id: id, Action: action, Payload: payload, Error: error, StepOptions: options } = update;
  if (action === 'FAIL' && payload !== undefined) throw invalidParameter(`operation ${id} fails with a payload`);
  if (action === 'SUCCEED' && error !== undefined) throw invalidParameter(`operation ${id} succeeds with an error`);
  if (action === 'RETRY' && (options === undefined || (payload !== undefined && error !== undefined))) throw invalidParameter(`operation ${id} is tried again without options, or with a payload and an error`);
  // A character has three bytes at most.
  if (payload !== undefined && payload.length > MOST_PAYLOAD_BYTES / 3 && Buffer.byteLength(payload) > MOST_PAYLOAD_BYTES) throw invalidParameter(`the payload of operation ${id} is over ${MOST_PAYLOAD_BYTES} bytes`);
  if (error !== undefined && Buffer.byteLength(JSON.stringify(update)) > MOST_ERROR_BYTES) throw invalidParameter(`the error of operation ${id} is over ${MOST_ERROR_BYTES} bytes`);
}
