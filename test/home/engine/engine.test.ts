import type { OperationUpdate } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from '../../local/clock.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { until } from '../../support/until.ts';
import { handTimers } from './hand-timers.ts';
import { createRaw, LIFE_MS, nameAndMessage, NOW, PENDING, type Raw, SUCCEEDED } from './raw.ts';
import { never } from './stage.ts';

let raw: Raw;
beforeEach(async () => {
  raw = createRaw();
  await raw.engine.resume();
});
afterEach(() => raw.engine.close());

const retryNow: OperationUpdate = { Id: 's', Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 0 } };

/** Starts one with that body, and waits until nothing runs. */
async function run(speaker: Parameters<Raw['register']>[1], name = 'run'): Promise<string> {
  raw.register(name, speaker);
  const { arn, written } = raw.engine.start(name, name, '{}');
  await written;
  await raw.rest();
  return arn;
}

describe('what a function answers', () => {
  const invalid = (ErrorMessage: string) => ({ status: 'FAILED', error: { ErrorType: 'InvalidOutput', ErrorMessage } });
  it.each<[unknown, object]>([
    [{ Status: 'SUCCEEDED', Result: '1' }, { status: 'SUCCEEDED', result: '1' }],
    [{ Status: 'FAILED', Error: { ErrorType: 'E' } }, { status: 'FAILED', error: { ErrorType: 'E' } }],
    [{ Status: 'OTHER' }, invalid('the function answered {"Status":"OTHER"}')],
    [undefined, invalid('the function answered undefined')],
    [PENDING, invalid('the function answered PENDING, but nothing is pending')],
  ])('%j is what its execution comes to', async (answer, end) => {
    await run(() => answer);
    expect(raw.engine.byName('run')).toMatchObject({ ...end, endMs: NOW, invocations: 1 });
    expect([raw.engine.nextAtMs(), raw.engine.operationsOf('run'), raw.told.length]).toEqual([undefined, [], 2]);
  });

  it('PENDING is in order with a step that is ready, once: it is asked again at once, and has to begin it', async () => {
    await run(async (take, { InitialExecutionState: { Operations: operations } }) => {
      if (operations.length === 1) await take(retryNow);
      return PENDING;
    });
    expect(raw.engine.byName('run')).toMatchObject({ status: 'FAILED', invocations: 2, error: { ErrorMessage: 'the function answered PENDING, but nothing is pending' } });
  });

  it.each<[string, OperationUpdate]>([
    ['a callback', { Id: 'cb', Type: 'CALLBACK', Action: 'START' }],
    ['a wait', { Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 9 } }],
    ['a retry', { ...retryNow, StepOptions: { NextAttemptDelaySeconds: 9 } }],
  ])('PENDING is in order with %s', async (_, update) => {
    await run(async (take) => take(update).then(() => PENDING));
    expect(raw.engine.open()).toMatchObject([{ name: 'run', phase: 'waiting' }]);
  });

  it('PENDING is not in order with a step that only began', async () => {
    await run(async (take) => take({ Id: 's', Type: 'STEP', Action: 'START' }).then(() => PENDING));
    expect(raw.engine.byName('run')).toMatchObject({ status: 'FAILED', invocations: 1 });
  });

  it('PENDING is in order with a callback beside what ended, and not with a callback that ended', async () => {
    await run(async (take, { InitialExecutionState: { Operations: operations } }) => {
      if (operations.length > 1) return PENDING;
      const answer = await take({ Id: 'cb', Type: 'CALLBACK', Action: 'START' });
      await raw.engine.succeedCallback(answer.NewExecutionState?.Operations?.[0]?.CallbackDetails?.CallbackId ?? '', '1');
      return PENDING;
    });
    expect(raw.engine.byName('run')).toMatchObject({ status: 'FAILED', invocations: 2 });
    expect(raw.engine.operationsOf('run')).toEqual([]); // with its end goes what it did
  });
});

describe('an invocation that threw', () => {
  it('is repeated after a second, then after twice as long each time, a minute at most, until the life of the execution is over', async () => {
    await run(() => {
      throw new Error('not now');
    });
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      pauses.push((raw.engine.nextAtMs() ?? 0) - raw.clock.now());
      raw.clock.advanceTo(raw.engine.nextAtMs() ?? 0);
      await raw.rest();
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect([raw.engine.byName('run')?.throws, raw.engine.hasProgress(), raw.told.slice(0, 3)]).toEqual([9, true, ['run RUNNING', 'run threw not now', 'run threw not now']]);
    raw.clock.advanceTo(NOW + LIFE_MS);
    await raw.rest();
    expect(raw.engine.byName('run')).toMatchObject({ status: 'TIMED_OUT' });
    expect(raw.engine.byName('run')?.error).toBeUndefined();
  });

  it('and then went on begins to count anew', async () => {
    const does = ['throw', 'wait', 'throw'];
    await run(async (take) => {
      if (does.shift() === 'throw') throw new Error('not now');
      return take({ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 9 } }).then(() => PENDING);
    });
    expect(raw.engine.byName('run')?.throws).toBe(1);
    raw.clock.advanceTo(NOW + 1_000);
    await raw.rest();
    expect(raw.engine.byName('run')?.throws).toBe(0);
    raw.clock.advanceTo(NOW + 10_000);
    await raw.rest();
    expect(raw.engine.byName('run')?.throws).toBe(1);
  });
});

describe('what is open', () => {
  it('is told with where it is and when it goes on by itself, the oldest first', async () => {
    const arn = await run(async (take) => take({ Id: 'n', Name: 'nap', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 9 } }, { Id: 'd', Name: 'done', Type: 'STEP', Action: 'SUCCEED' }, { Id: 'x', Type: 'STEP', Action: 'START' }).then(() => PENDING), 'waits');
    raw.register('runs', never);
    raw.clock.advanceTo(NOW + 1);
    await raw.engine.start('runs', 'runs', '{"a":1}').written;
    raw.register('retries', async (take) => take({ ...retryNow, Name: 'again', StepOptions: { NextAttemptDelaySeconds: 5 } }).then(() => PENDING));
    await raw.engine.start('retries', 'retries', '{}').written;
    await until(() => raw.engine.open()[2]?.phase === 'waiting');
    expect(raw.engine.open()).toEqual([
      { name: 'waits', functionName: 'waits', version: '1', startMs: NOW, input: '{}', phase: 'waiting', at: 'nap', nextMs: NOW + 9_000 },
      { name: 'runs', functionName: 'runs', version: '1', startMs: NOW + 1, input: '{"a":1}', phase: 'running' },
      { name: 'retries', functionName: 'retries', version: '1', startMs: NOW + 1, input: '{}', phase: 'waiting', at: 'again', nextMs: NOW + 5_001 },
    ]);
    expect([raw.engine.inFlight(), raw.engine.countOpenByFunction(), raw.engine.isResting()]).toEqual([['runs'], { waits: 1, runs: 1, retries: 1 }, false]);
    await raw.engine.stop(arn, { ErrorType: 'E' });
    await raw.engine.stop(arn, undefined, 'FAILED');
    expect(raw.engine.get(arn)).toMatchObject({ status: 'STOPPED', error: { ErrorType: 'E' } });
  });

  it('is counted again where a start did not get to the disk', async () => {
    raw = createRaw({ mostOpen: 1 });
    raw.register('run', never);
    const lost = raw.engine.start('run', 'lost', '{}');
    raw.store.database.exec('ROLLBACK');
    await expect(lost.written).rejects.toThrow('no transaction is active');
    expect(raw.engine.byName('lost')).toBeUndefined();
    await raw.engine.start('run', 'taken', '{}').written;
    expect(raw.engine.start('run', 'taken', '{}').started).toBe(false);
    for (const name of ['other', 'pre-end-a', 'ends-a']) expect(() => raw.engine.start('run', name, '{}')).toThrow(expect.objectContaining({ name: 'TooManyRequestsException', message: '1 executions are open, and no more are taken until some have ended' }));
    for (const name of ['end-a', 'notice-a']) expect(raw.engine.start('run', name, '{}').started).toBe(true);
    expect(raw.told).toEqual(['taken RUNNING']);
  });

  it('of a function that is none is not taken', () => {
    expect(() => raw.engine.start('none', 'run', '{}')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException', message: 'Function none not found' }));
  });
});

describe('a new start of the process', () => {
  it('says what it found', async () => {
    const [store, clock] = [memoryStore(), virtualClock(NOW)];
    let ids = 100;
    const begin = (version: string): Raw => {
      const begun = createRaw({ version, createId: () => `new-${++ids}` }, store, clock);
      begun.register('hangs', never);
      begun.register('asks', async (take) => take({ Id: 'cb', Type: 'CALLBACK', Action: 'START', CallbackOptions: { TimeoutSeconds: 60 } }).then(() => PENDING));
      begun.register('ends', () => SUCCEEDED);
      return begun;
    };
    const first = begin('1');
    expect(await first.engine.resume()).toEqual({ goingOn: 0, afterDeath: [], failed: [], begunAnew: [] });
    for (const name of ['hangs', 'asks', 'ends']) await first.engine.start(name, name, '{}').written;
    await new Promise((resolve) => setImmediate(resolve));
    first.engine.close();
    const second = begin('1');
    expect(await second.engine.resume()).toEqual({ goingOn: 2, afterDeath: ['hangs'], failed: [], begunAnew: [] });
    second.engine.close();
    store.database.exec("UPDATE executions SET deaths = 3, phase = 'running' WHERE name = 'hangs'");
    const third = begin('1');
    expect(await third.engine.resume()).toEqual({ goingOn: 1, afterDeath: [], failed: ['hangs'], begunAnew: [] });
    third.engine.close();
    const fourth = begin('2');
    expect(await fourth.engine.resume()).toEqual({ goingOn: 1, afterDeath: [], failed: [], begunAnew: ['asks'] });
    expect([fourth.engine.operationsOf('asks'), fourth.engine.nextAtMs()]).toEqual([[], NOW + LIFE_MS]);
    fourth.engine.close();
  });
});

describe('trouble with the store', () => {
  it.each([
    ['when an invocation is to begin', 'BEGIN', 2], ['when its begin goes to the disk', 'COMMIT', 2], ['when its end is to be put on record', 'BEGIN', 3], ['when its end goes to the disk', 'COMMIT', 3],
  ])('%s is told, and a second later it goes on; the code runs once', async (_, statement, nth) => {
    raw = createRaw({ mostInvocations: 1 }); // what was not begun leaves its place
    await raw.engine.resume();
    const byHand = handTimers();
    try {
      let ran = 0;
      raw.register('run', () => {
        ran += 1;
        return SUCCEEDED;
      });
      const exec = raw.store.database.exec.bind(raw.store.database);
      let seen = 0;
      raw.store.database.exec = (sql) => {
        if (sql.startsWith(statement) && ++seen === nth) throw new Error('full');
        exec(sql);
      };
      await raw.engine.start('run', 'run', '{}').written;
      await byHand.advance(999);
      expect([raw.engine.byName('run')?.status, raw.troubles]).toEqual(['RUNNING', [new Error('full')]]);
      await byHand.advance(1);
      await byHand.advance(0);
      expect([raw.engine.byName('run')?.status, raw.engine.byName('run')?.invocations, ran, raw.engine.isResting()]).toEqual(['SUCCEEDED', 1, 1, true]);
    } finally {
      byHand.putBack();
    }
  });
});

describe('a death in a test', () => {
  it('is as if the process had died: what ran is not heard, and it is invoked again', async () => {
    const tokens: string[] = [];
    let late: Promise<string> | undefined;
    raw.register('run', async (take) => {
      tokens.push(take.token());
      if (tokens.length > 1) return SUCCEEDED;
      raw.engine.forget('run');
      late = nameAndMessage(take());
      return { Status: 'FAILED' };
    });
    await raw.engine.start('run', 'run', '{}').written;
    raw.engine.forget('none');
    await raw.rest();
    await raw.rest();
    expect([raw.engine.byName('run')?.status, tokens, await late]).toEqual(['SUCCEEDED', ['id-1/1/1', 'id-1/2/2'], 'InvalidParameterValueException: Invalid Checkpoint Token: it is not the latest one']);
    expect(raw.troubles).toEqual([]);
  });
});
