import type { OperationUpdate } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import { applyUpdate, isOver, type Operation, visibleOperations } from '../../../home/engine/operations.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const [AT_NOW, IN_5_S] = ['2026-01-05T12:00:00.000Z', '2026-01-05T12:00:05.000Z'];
const BEGAN = '2026-01-05T11:00:00.000Z';

/** An update without its id. */
type Update = Omit<OperationUpdate, 'Id'>;

function apply(update: Update, before?: Operation): Operation {
  return applyUpdate((id) => (id === 'o' ? before : undefined), { Id: 'o', ...update }, NOW, 'the-callback');
}

const of = (Type: Operation['Type'], Status: Operation['Status'], rest: Partial<Operation> = {}): Operation => ({ Id: 'o', Type, Status, StartTimestamp: BEGAN, ...rest }) as Operation;

describe('an update makes of an operation', () => {
  it.each<[string, Update, Operation | undefined, unknown]>([
    ['a step that begins', { Type: 'STEP', Action: 'START' }, undefined, { Id: 'o', Type: 'STEP', Status: 'STARTED', StartTimestamp: AT_NOW, StepDetails: { Attempt: 0 } }],
    ['what it is called', { Type: 'CONTEXT', Action: 'START', Name: 'all', ParentId: 'p', SubType: 'Parallel' }, undefined, { Id: 'o', Type: 'CONTEXT', Status: 'STARTED', StartTimestamp: AT_NOW, Name: 'all', ParentId: 'p', SubType: 'Parallel' }],
    ['a step that went well', { Type: 'STEP', Action: 'SUCCEED', Payload: '1' }, of('STEP', 'STARTED', { StepDetails: { Attempt: 1 } }), { Id: 'o', Type: 'STEP', Status: 'SUCCEEDED', StartTimestamp: BEGAN, EndTimestamp: AT_NOW, StepDetails: { Attempt: 2, Result: '1' } }],
    ['a step that failed without a START', { Type: 'STEP', Action: 'FAIL', Error: { ErrorType: 'E' } }, undefined, { Id: 'o', Type: 'STEP', Status: 'FAILED', StartTimestamp: AT_NOW, EndTimestamp: AT_NOW, StepDetails: { Attempt: 1, Error: { ErrorType: 'E' } } }],
    ['a step that is tried again at once', { Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 0 }, Payload: '1' }, of('STEP', 'STARTED', { StepDetails: { Attempt: 0 } }), { Id: 'o', Type: 'STEP', Status: 'READY', StartTimestamp: BEGAN, StepDetails: { Attempt: 1, Result: '1' } }],
    ['a step that is tried again without a time', { Type: 'STEP', Action: 'RETRY' }, of('STEP', 'STARTED'), { Id: 'o', Type: 'STEP', Status: 'READY', StartTimestamp: BEGAN, StepDetails: { Attempt: 1 } }],
    ['a step that is tried again later', { Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 5 } }, of('STEP', 'STARTED', { StepDetails: { Attempt: 0 } }), { Id: 'o', Type: 'STEP', Status: 'PENDING', StartTimestamp: BEGAN, StepDetails: { Attempt: 1, NextAttemptTimestamp: IN_5_S } }],
    ['a step that begins its next try', { Type: 'STEP', Action: 'START' }, of('STEP', 'READY', { StepDetails: { Attempt: 1, Result: '1', NextAttemptTimestamp: BEGAN } }), { Id: 'o', Type: 'STEP', Status: 'STARTED', StartTimestamp: BEGAN, StepDetails: { Attempt: 1, Result: '1' } }],
    ['a context that began again: the same', { Type: 'CONTEXT', Action: 'START' }, of('CONTEXT', 'STARTED'), { Id: 'o', Type: 'CONTEXT', Status: 'STARTED', StartTimestamp: BEGAN }],
    ['a context that went well', { Type: 'CONTEXT', Action: 'SUCCEED', Payload: '1', ContextOptions: { ReplayChildren: true } }, of('CONTEXT', 'STARTED'), { Id: 'o', Type: 'CONTEXT', Status: 'SUCCEEDED', StartTimestamp: BEGAN, EndTimestamp: AT_NOW, ContextDetails: { ReplayChildren: true, Result: '1' } }],
    ['a context that failed', { Type: 'CONTEXT', Action: 'FAIL', Error: { ErrorType: 'E' } }, undefined, { Id: 'o', Type: 'CONTEXT', Status: 'FAILED', StartTimestamp: AT_NOW, EndTimestamp: AT_NOW, ContextDetails: { Error: { ErrorType: 'E' } } }],
    ['a wait', { Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 5 } }, undefined, { Id: 'o', Type: 'WAIT', Status: 'STARTED', StartTimestamp: AT_NOW, WaitDetails: { ScheduledEndTimestamp: IN_5_S } }],
    ['a wait of a second', { Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } }, undefined, { Id: 'o', Type: 'WAIT', Status: 'STARTED', StartTimestamp: AT_NOW, WaitDetails: { ScheduledEndTimestamp: '2026-01-05T12:00:01.000Z' } }],
    ['a wait that is given up', { Type: 'WAIT', Action: 'CANCEL' }, of('WAIT', 'STARTED', { WaitDetails: { ScheduledEndTimestamp: IN_5_S } }), { Id: 'o', Type: 'WAIT', Status: 'CANCELLED', StartTimestamp: BEGAN, EndTimestamp: AT_NOW, WaitDetails: { ScheduledEndTimestamp: IN_5_S } }],
    ['a callback', { Type: 'CALLBACK', Action: 'START' }, undefined, { Id: 'o', Type: 'CALLBACK', Status: 'STARTED', StartTimestamp: AT_NOW, CallbackDetails: { CallbackId: 'the-callback' } }],
  ])('%s', (_, update, before, after) => {
    expect(apply(update, before)).toEqual(after);
  });

  it.each<[string, Update, Operation | undefined]>([
    ['operation o is a STEP, not a WAIT', { Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } }, of('STEP', 'STARTED')],
    ['operation o is already SUCCEEDED', { Type: 'STEP', Action: 'START' }, of('STEP', 'SUCCEEDED')],
    ['operation o was never started', { Type: 'WAIT', Action: 'CANCEL' }, undefined],
    ['operation o is already started', { Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 1 } }, of('WAIT', 'STARTED')],
    ['operation o is already started', { Type: 'CALLBACK', Action: 'START' }, of('CALLBACK', 'STARTED')],
    ['SUCCEED does not fit a WAIT', { Type: 'WAIT', Action: 'SUCCEED' }, of('WAIT', 'STARTED')],
    ['FAIL does not fit a CALLBACK', { Type: 'CALLBACK', Action: 'FAIL' }, of('CALLBACK', 'STARTED')],
    ['CANCEL does not fit a STEP', { Type: 'STEP', Action: 'CANCEL' }, of('STEP', 'STARTED')],
    ['undefined does not fit a STEP', { Type: 'STEP' } as Update, undefined],
    ['RETRY does not fit a CONTEXT', { Type: 'CONTEXT', Action: 'RETRY' }, undefined],
    ['CANCEL does not fit a CONTEXT', { Type: 'CONTEXT', Action: 'CANCEL' }, undefined],
    ['undefined does not fit a CONTEXT', { Type: 'CONTEXT' } as Update, undefined],
    ['operations of type CHAINED_INVOKE cannot be checkpointed here', { Type: 'CHAINED_INVOKE', Action: 'START' }, undefined],
    ['operations of type EXECUTION cannot be checkpointed here', { Type: 'EXECUTION', Action: 'START' }, undefined],
    ['operations of type undefined cannot be checkpointed here', { Action: 'START' } as Update, undefined],
    ['step o is STARTED and may not start now', { Type: 'STEP', Action: 'START' }, of('STEP', 'STARTED')],
    ['step o is PENDING and may not start now', { Type: 'STEP', Action: 'START' }, of('STEP', 'PENDING')],
    ['step o waits for its next try', { Type: 'STEP', Action: 'SUCCEED' }, of('STEP', 'PENDING')],
    ['a delay is a whole number of seconds, at least 1', { Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 1.5 } }, of('STEP', 'STARTED')],
    ['a delay is a whole number of seconds, at least 1', { Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: -1 } }, of('STEP', 'STARTED')],
    ['a delay is a whole number of seconds, at least 1', { Type: 'WAIT', Action: 'START' }, undefined],
  ])('nothing, since %s', (message, update, before) => {
    expect(() => apply(update, before)).toThrow(expect.objectContaining({ name: 'InvalidParameterValueException', status: 400, message }));
  });
});

describe('an operation', () => {
  it.each([['STARTED', false], ['PENDING', false], ['READY', false], ['SUCCEEDED', true], ['FAILED', true], ['CANCELLED', true], ['TIMED_OUT', true]] as const)('that is %s is over: %p', (status, over) => {
    expect(isOver(of('STEP', status))).toBe(over);
  });

  it.each<[string, Operation[], string[]]>([
    ['its context is over', [of('CONTEXT', 'SUCCEEDED'), { ...of('STEP', 'SUCCEEDED'), Id: 's', ParentId: 'o' }], ['o']],
    ['the context around its context is over', [of('CONTEXT', 'FAILED'), { ...of('CONTEXT', 'STARTED'), Id: 'c', ParentId: 'o' }, { ...of('STEP', 'STARTED'), Id: 's', ParentId: 'c' }], ['o']],
  ])('is not shown to the code when %s', (_, operations, shown) => {
    expect(visibleOperations(operations).map(({ Id: id }) => id)).toEqual(shown);
  });

  it.each<[string, Operation[]]>([
    ['its context goes on', [of('CONTEXT', 'STARTED'), { ...of('STEP', 'SUCCEEDED'), Id: 's', ParentId: 'o' }]],
    ['its context keeps its children', [of('CONTEXT', 'SUCCEEDED', { ContextDetails: { ReplayChildren: true } }), { ...of('STEP', 'SUCCEEDED'), Id: 's', ParentId: 'o' }]],
    ['nobody knows its context', [{ ...of('STEP', 'SUCCEEDED'), ParentId: 'x' }]],
    ['it is in none', [of('STEP', 'SUCCEEDED'), { ...of('STEP', 'SUCCEEDED'), Id: undefined as never }]],
  ])('is shown when %s', (_, operations) => {
    expect(visibleOperations(operations)).toEqual(operations);
  });
});
