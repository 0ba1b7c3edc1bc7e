import { describe, expect, it } from '@jest/globals';
import { executionOperation } from '../../../home/engine/invocation-event.ts';
import { currentInvocation } from '../../../home/engine/invocation.ts';
import { until } from '../../support/until.ts';
import { handTimers } from './hand-timers.ts';
import { createRaw, LIFE_MS, nameAndMessage, NOW, type Raw, SUCCEEDED } from './raw.ts';
import { never } from './stage.ts';

/** An engine that has begun. */
async function begun(...options: Parameters<typeof createRaw>): Promise<Raw> {
  const raw = createRaw(...options);
  await raw.engine.resume();
  return raw;
}

const phases = ({ store }: Raw): unknown[] => store.database.prepare('SELECT name, phase, throws, deaths FROM executions ORDER BY name').all().map((row) => ({ ...row }));

describe('before the end of the process', () => {
  it('what was done is put on record, and nothing more is begun', async () => {
    const raw = await begun({ keepsOperations: true });
    const held = Promise.withResolvers<void>();
    const said: string[] = [];
    raw.register('run', async (take) => {
      await take({ Id: 'one', Type: 'STEP', Action: 'START' });
      await held.promise;
      said.push(await nameAndMessage(take({ Id: 'one', Type: 'STEP', Action: 'SUCCEED' }, { Id: 'two', Type: 'STEP', Action: 'START' })));
      throw new Error('the call was refused');
    });
    await raw.engine.start('run', 'run', '{}').written;
    await until(() => raw.engine.operationsOf('run').length === 1);
    const gone = raw.engine.shutDown(60_000);
    await raw.engine.start('run', 'new', '{}').written;
    held.resolve();
    await gone;
    expect(said).toEqual(['InvalidParameterValueException: Invalid Checkpoint Token: the process is about to end']);
    expect(raw.engine.operationsOf('run')).toMatchObject([{ Id: 'one', Status: 'SUCCEEDED' }]);
    raw.clock.advanceTo(NOW + LIFE_MS);
    expect(phases(raw)).toEqual([{ name: 'new', phase: 'queued', throws: 0, deaths: 0 }, { name: 'run', phase: 'queued', throws: 0, deaths: 0 }]);
    expect([raw.told, raw.troubles]).toEqual([['run RUNNING', 'new RUNNING'], []]);
  });

  it('what does not settle in time is revoked, left for the next start, and not told as stuck', async () => {
    const stuck: string[] = [];
    const raw = await begun({ settlesWithinMs: 1, onStuck: (name) => void stuck.push(name) });
    let signal: AbortSignal | undefined;
    raw.register('run', async () => {
      signal = currentInvocation()?.signal;
      return never();
    });
    await raw.engine.start('run', 'run', '{}').written;
    await until(() => signal !== undefined);
    await raw.engine.shutDown(60);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([signal?.aborted, stuck, raw.engine.inFlight(), phases(raw)]).toEqual([true, [], [], [{ name: 'run', phase: 'queued', throws: 0, deaths: 0 }]]);
  });

  it('nothing is waited for where nothing runs, and bad ends are told no more', async () => {
    const bad: string[] = [];
    const raw = await begun({ onBadEnd: async ({ name }) => void bad.push(name) });
    raw.register('run', never);
    const { arn, written } = raw.engine.start('run', 'run', '{}');
    raw.store.flush();
    await written;
    await raw.engine.stop(arn);
    await until(() => bad.length === 1);
    const other = raw.engine.start('run', 'other', '{}');
    await other.written;
    await raw.engine.shutDown(0);
    await raw.engine.stop(other.arn);
    await new Promise((resolve) => setImmediate(resolve));
    expect([bad, raw.engine.byName('other')?.status]).toEqual([['run'], 'STOPPED']);
    const idle = await begun();
    await idle.engine.shutDown(60_000);
  });
});

describe('what was stopped and does not settle', () => {
  it('is told as stuck after ten seconds, where nothing else is said', async () => {
    const timers = handTimers();
    try {
      const stuck: string[] = [];
      const raw = await begun({ onStuck: (name) => void stuck.push(name) });
      raw.register('run', never);
      const { arn, written } = raw.engine.start('run', 'run', '{}');
      await written;
      await timers.advance(0);
      await raw.engine.stop(arn);
      await timers.advance(9_999);
      expect(stuck).toEqual([]);
      await timers.advance(1);
      expect(stuck).toEqual(['run']);
    } finally {
      timers.putBack();
    }
  });
});

describe('at its begin', () => {
  it('nothing runs before what was left is in order', async () => {
    const raw = createRaw();
    raw.register('run', () => SUCCEEDED);
    await raw.engine.start('run', 'run', '{}').written;
    await raw.rest();
    expect(raw.engine.byName('run')?.status).toBe('RUNNING');
    await raw.engine.resume();
    await raw.rest();
    expect(raw.engine.byName('run')?.status).toBe('SUCCEEDED');
  });

  it('what cannot be read is FAILED with what is wrong with it, and the others go on', async () => {
    const raw = createRaw();
    raw.register('run', () => SUCCEEDED);
    for (const name of ['bad', 'good']) await raw.engine.start('run', name, '{}').written;
    raw.store.database.exec("INSERT INTO operations (execution, id, operation, isNews) VALUES ('bad', 'o', 'no JSON', 0)");
    await raw.engine.resume();
    await raw.rest();
    expect(raw.engine.byName('bad')).toMatchObject({ status: 'FAILED', error: { ErrorType: 'RecordUnreadable', ErrorMessage: expect.stringMatching(/^what is on record of it cannot be read: .*JSON/) as unknown } });
    expect([raw.engine.byName('good')?.status, raw.troubles]).toEqual(['SUCCEEDED', []]);
  });

  it('who may be deadly runs alone among its like, until it gets further', async () => {
    const first = await begun();
    first.register('run', never);
    for (const name of ['a', 'b']) await first.engine.start('run', name, '{}').written;
    await until(() => first.engine.inFlight().length === 2);
    first.engine.close();
    const second = createRaw({}, first.store, first.clock);
    const [begins, ends] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let calls = 0;
    second.register('run', async (take) => {
      await take({ Id: 's', Type: 'STEP', Action: 'START' });
      calls += 1;
      await begins.promise;
      await take({ Id: 's', Type: 'STEP', Action: 'SUCCEED' }, { Id: 't', Type: 'STEP', Action: 'START' });
      await ends.promise;
      return SUCCEEDED;
    });
    await second.engine.resume();
    await until(() => calls === 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(second.engine.inFlight()).toEqual(['a']);
    begins.resolve();
    await until(() => second.engine.inFlight().length === 2);
    expect([second.engine.inFlight(), second.engine.byName('a')?.deaths]).toEqual([['a', 'b'], 0]);
    ends.resolve();
    await second.rest();
    second.engine.close();
  });

  it('more than a thousand begin in one go', async () => {
    const raw = await begun({ mostInvocations: 5_000 });
    raw.register('run', never);
    await Promise.all(Array.from({ length: 1_001 }, (_, index) => raw.engine.start('run', `e${index}`, '{}').written));
    await until(() => raw.engine.inFlight().length === 1_001);
    expect(raw.engine.inFlight()).toHaveLength(1_001);
    raw.engine.close();
  });

  it('an execution that is over is one operation with its end', () => {
    const over = { name: 'run', id: 'id-1', functionName: 'f', version: '1', input: '{}', status: 'FAILED', startMs: NOW, endMs: NOW + 1, invocations: 1, checkpointCalls: 0, throws: 0, deaths: 0, mayBeDeadly: false } as const;
    expect(executionOperation(over)).toEqual({ Id: 'id-1', Name: 'run', Type: 'EXECUTION', Status: 'FAILED', StartTimestamp: '2026-01-05T12:00:00.000Z', EndTimestamp: '2026-01-05T12:00:00.001Z', ExecutionDetails: { InputPayload: '{}' } });
  });
});
