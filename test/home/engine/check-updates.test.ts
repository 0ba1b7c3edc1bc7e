import type { OperationUpdate } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import { checkUpdates } from '../../../home/engine/check-updates.ts';
import type { Operation } from '../../../home/engine/operations.ts';

/** On record: a context and a step. */
const ON_RECORD: Record<string, Operation> = { c: { Id: 'c', Type: 'CONTEXT', Status: 'STARTED' } as Operation, known: { Id: 'known', Type: 'STEP', Status: 'STARTED' } as Operation };
const check = (...updates: OperationUpdate[]): void => checkUpdates(updates, (id) => ON_RECORD[id]);
const refused = (message: string): unknown => expect.objectContaining({ name: 'InvalidParameterValueException', status: 400, message });
const step = (update: Partial<OperationUpdate>): OperationUpdate => ({ Id: 's', Type: 'STEP', Action: 'START', ...update });

const TYPES = ['STEP', 'CONTEXT', 'WAIT', 'CALLBACK', 'EXECUTION', 'CHAINED_INVOKE'] as const;
const FITS: Record<string, string> = {
  START: 'STEP CONTEXT WAIT CALLBACK', SUCCEED: 'STEP CONTEXT EXECUTION', FAIL: 'STEP CONTEXT EXECUTION', RETRY: 'STEP', CANCEL: 'WAIT',
};

describe('the updates of one checkpoint call', () => {
  it.each(Object.keys(FITS).flatMap((action) => TYPES.map((type) => [action, type, FITS[action]?.split(' ').includes(type) ?? false] as const)))('%s of a %s: taken is %p', (action, type, isTaken) => {
    const checked = (): void => check({ Id: 'o', Type: type, Action: action as 'START', StepOptions: {} });
    if (isTaken) expect(checked).not.toThrow();
    else expect(checked).toThrow(refused(`${action} does not fit a ${type}`));
  });

  it.each<[string, OperationUpdate[]]>([
    ['a step that begins and ends', [step({}), step({ Action: 'SUCCEED', Payload: '1' })]],
    ['a step in a context of the same call', [{ Id: 'new', Type: 'CONTEXT', Action: 'START' }, step({ ParentId: 'new' })]],
    ['a step in a context on record', [step({ ParentId: 'c' })]],
    ['the end of the execution, last', [step({}), { Id: 'e', Type: 'EXECUTION', Action: 'SUCCEED' }]],
    ['another try with what the last came to', [step({ Action: 'RETRY', StepOptions: {}, Payload: '1' })]],
    ['another try with what went wrong', [step({ Action: 'RETRY', StepOptions: {}, Error: {} })]],
    ['a payload of 262144 bytes', [step({ Action: 'SUCCEED', Payload: 'x'.repeat(262_144) })]],
    ['a payload of 262143 bytes in 87381 characters', [step({ Action: 'SUCCEED', Payload: '€'.repeat(87_381) })]],
    ['a failure without words', [step({ Action: 'FAIL' })]],
    ['an error of 32768 bytes with what is around it', [step({ Action: 'FAIL', Error: { ErrorMessage: 'x'.repeat(32_768 - 68) } })]],
    ['a long success', [step({ Action: 'SUCCEED', Payload: 'x'.repeat(40_000) })]],
  ])('%s is taken', (_, updates) => {
    expect(() => check(...updates)).not.toThrow();
  });

  it.each<[string, OperationUpdate[]]>([
    ['an update needs Id, Type and Action', [step({ Id: undefined as never })]],
    ['an update needs Id, Type and Action', [step({ Type: undefined as never })]],
    ['an update needs Id, Type and Action', [step({ Action: undefined as never })]],
    ['the update of the execution comes last', [{ Id: 'e', Type: 'EXECUTION', Action: 'SUCCEED' }, step({})]],
    ['operation s is updated twice in one call', [step({}), step({})]],
    ['operation s is updated twice in one call', [step({ Action: 'SUCCEED' }), step({ Action: 'FAIL' })]],
    ['the parent of operation s is no known context', [step({ ParentId: 'x' })]],
    ['the parent of operation s is no known context', [step({ ParentId: 'known' })]],
    ['the parent of operation s is no known context', [step({ Id: 'other' }), step({ ParentId: 'other' })]],
    ['operation s fails with a payload', [step({ Action: 'FAIL', Payload: '1' })]],
    ['operation s succeeds with an error', [step({ Action: 'SUCCEED', Error: {} })]],
    ['operation s is tried again without options, or with a payload and an error', [step({ Action: 'RETRY' })]],
    ['operation s is tried again without options, or with a payload and an error', [step({ Action: 'RETRY', StepOptions: {}, Payload: '1', Error: {} })]],
    ['the payload of operation s is over 262144 bytes', [step({ Action: 'SUCCEED', Payload: 'x'.repeat(262_145) })]],
    ['the payload of operation s is over 262144 bytes', [step({ Action: 'SUCCEED', Payload: '€'.repeat(87_382) })]],
    ['the error of operation s is over 32768 bytes', [step({ Action: 'FAIL', Error: { ErrorMessage: 'x'.repeat(32_768 - 67) } })]],
  ])('%s: refused', (message, updates) => {
    expect(() => check(...updates)).toThrow(refused(message));
  });
});
