import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Execution, type Executions, openExecutions } from '../../../home/engine/executions.ts';
import { memoryStore } from '../../support/memory-store.ts';

let executions: Executions;
let ids: number;

beforeEach(() => {
  ids = 0;
  executions = openExecutions(memoryStore(), () => `id-${++ids}`);
});

const begin = (name: string | undefined, { functionName = 'run', input = '{}', version = '1', startMs = 5 } = {}): { execution: Execution; started: boolean } =>
  executions.begin(functionName, name, input, version, startMs);
const names = (some: readonly Execution[]): string[] => some.map(({ name }) => name);
/** Brings it to where it waits. */
function wait(name: string): void {
  executions.markRunning(name);
  executions.markSettled(name, 0);
}

const NEW = { name: 'a', id: 'id-1', functionName: 'run', version: '1', input: '{}', status: 'RUNNING', startMs: 5, invocations: 0, checkpointCalls: 0, throws: 0, deaths: 0, mayBeDeadly: false };

describe('an execution', () => {
  it('begins once under its name, as it is on record', () => {
    expect(begin('a')).toEqual({ execution: NEW, started: true });
    expect(executions.byName('a')).toEqual(NEW);
    expect(begin('a', { version: '2', startMs: 9 })).toEqual({ execution: NEW, started: false });
    for (const other of [{ input: '{"other":1}' }, { functionName: 'other' }]) {
      expect(() => begin('a', other)).toThrow(expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException', status: 409, message: 'Durable execution a already started with a different payload' }));
    }
    expect(executions.byName('b')).toBeUndefined();
  });

  it('without a name has its id for one', () => {
    expect([begin(undefined).execution.name, begin(undefined)]).toMatchObject(['id-1', { execution: { name: 'id-2', id: 'id-2' }, started: true }]);
  });

  it.each(['a', 'Az09_-', 'x'.repeat(64)])('may be called %p', (name) => expect(begin(name).started).toBe(true));

  it.each(['', 'x'.repeat(65), 'a b', ' a', 'a ', 'a/b', 'ä', 'a\n'])('may not be called %p', (name) => {
    expect(() => begin(name)).toThrow(expect.objectContaining({ name: 'InvalidParameterValueException', message: 'DurableExecutionName must be 1 to 64 of a-z, A-Z, 0-9, - and _' }));
  });

  it('is on record with what it came to', () => {
    begin('good');
    begin('bad');
    executions.finish('good', 'SUCCEEDED', 9, { result: '1' }, true);
    executions.finish('bad', 'FAILED', 8, { error: { ErrorType: 'E' } }, false);
    expect(executions.byName('good')).toEqual({ ...NEW, name: 'good', id: 'id-1', status: 'SUCCEEDED', endMs: 9, result: '1' });
    expect(executions.byName('bad')).toEqual({ ...NEW, name: 'bad', id: 'id-2', status: 'FAILED', endMs: 8, error: { ErrorType: 'E' } });
    expect(names(executions.untold())).toEqual(['bad']);
    executions.markTold('bad');
    expect(executions.untold()).toEqual([]);
  });

  it('keeps a result that came before its end, or none', () => {
    begin('a');
    executions.keepResult('a', '"large"');
    expect(executions.byName('a')?.result).toBe('"large"');
    executions.keepResult('a', undefined);
    expect(executions.byName('a')).toEqual(NEW);
  });

  it('counts its invocations, its checkpoint calls, its throws and its deaths', () => {
    begin('a');
    executions.markRunning('a');
    executions.noteCheckpoint('a', false);
    expect(executions.byName('a')).toMatchObject({ invocations: 1, deaths: 1, checkpointCalls: 1 });
    executions.noteCheckpoint('a', true);
    expect(executions.byName('a')).toMatchObject({ deaths: 0, checkpointCalls: 2 });
    executions.markSettled('a', 3, 2);
    expect(executions.byName('a')).toMatchObject({ throws: 3, deaths: 2 });
    executions.queue('a', 6);
    executions.markRunning('a');
    executions.markSettled('a', 0);
    expect(executions.byName('a')).toMatchObject({ throws: 0, deaths: 0, invocations: 2 });
  });

  it('begins anew with another id, and nothing of what it did', () => {
    begin('a');
    executions.markRunning('a');
    executions.markSettled('a', 3, 2);
    executions.keepResult('a', '1');
    executions.renew('a', '2', 7);
    expect(executions.byName('a')).toEqual({ ...NEW, id: 'id-2', version: '2', invocations: 1 });
    expect(names(executions.inPhase('queued'))).toEqual(['a']);
  });
});

describe('which are invoked next', () => {
  beforeEach(() => ['new-1', 'new-2', 'goes-on', 'dead-1', 'dead-2'].forEach((name, index) => begin(name, { startMs: index })));

  it('what goes on, then what is new, the oldest first; what may be deadly last and alone', () => {
    wait('goes-on');
    executions.queue('goes-on', 100);
    for (const name of ['dead-1', 'dead-2']) {
      executions.markRunning(name);
      executions.queueDead(name, 50);
    }
    expect(executions.byName('dead-1')?.mayBeDeadly).toBe(true);
    expect(names(executions.nextQueued(9, true))).toEqual(['goes-on', 'new-1', 'new-2', 'dead-1']);
    expect(names(executions.nextQueued(9, false))).toEqual(['goes-on', 'new-1', 'new-2']);
    expect(names(executions.nextQueued(4, true))).toEqual(['goes-on', 'new-1', 'new-2', 'dead-1']);
    expect(names(executions.nextQueued(3, true))).toEqual(['goes-on', 'new-1', 'new-2']);
    expect(names(executions.nextQueued(1, true))).toEqual(['goes-on']);
  });

  it('by when they were queued, and not by when they began', () => {
    for (const [name, atMs] of [['new-1', 30], ['new-2', 20], ['goes-on', 10]] as const) {
      wait(name);
      executions.queue(name, atMs);
    }
    expect(names(executions.nextQueued(3, false))).toEqual(['goes-on', 'new-2', 'new-1']);
  });

  it('none that runs, waits for nothing, or is over', () => {
    executions.markRunning('new-1');
    executions.queue('new-1', 1);
    executions.queueDead('new-2', 1);
    executions.markSettled('new-2', 5);
    wait('goes-on');
    executions.queueDead('goes-on', 1);
    executions.finish('dead-1', 'SUCCEEDED', 9, {}, true);
    expect(names(executions.nextQueued(9, true))).toEqual(['new-2', 'dead-2']);
    expect(executions.byName('new-2')?.throws).toBe(0);
    expect([names(executions.inPhase('running')), names(executions.inPhase('waiting'))]).toEqual([['new-1'], ['goes-on']]);
  });
});

describe('the list of executions', () => {
  it('is by start, and says what is open, of which function and of which version', () => {
    begin('late', { startMs: 9 });
    begin('early', { startMs: 1, functionName: 'other', version: '2' });
    begin('over', { startMs: 5 });
    executions.finish('over', 'STOPPED', 6, {}, true);
    expect(names(executions.all())).toEqual(['early', 'over', 'late']);
    expect([executions.countOpen(), executions.countOpenByFunction()]).toEqual([2, { run: 1, other: 1 }]);
    expect([names(executions.ofOtherVersion('1')), names(executions.ofOtherVersion('3'))]).toEqual([['early'], ['early', 'late']]);
    expect(names(executions.inPhase('queued'))).toEqual(['early', 'late']);
  });

  it('forgets what was over by then and has been told, so many at once', () => {
    for (const name of ['a', 'b', 'c', 'untold', 'open', 'later']) begin(name);
    for (const name of ['a', 'b', 'c']) executions.finish(name, 'SUCCEEDED', 9, {}, true);
    executions.finish('later', 'SUCCEEDED', 10, {}, true);
    executions.finish('untold', 'FAILED', 9, {}, false);
    expect([executions.forget(10, 2), executions.forget(10, 2), executions.forget(10, 2)]).toEqual([2, 1, 0]);
    expect(names(executions.all()).toSorted()).toEqual(['later', 'open', 'untold']);
  });
});
