import type { CallbackOptions } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callbackIn } from '../../../home/engine/callbacks.ts';
import { createRaw, LIFE_MS, NOW, PENDING, type Raw } from './raw.ts';

const OVER = expect.objectContaining({ name: 'CallbackTimeoutException', status: 400, message: 'The callback is already closed or expired' });

let raw: Raw;
beforeEach(() => void (raw = createRaw({ keepsOperations: true })));
afterEach(() => raw.engine.close());

/** An execution that waits for an answer; the callback's id. */
async function ask(options?: CallbackOptions, name = 'run'): Promise<string> {
  raw.register('ask', async (take, event) => {
    if (event.InitialExecutionState.Operations.length === 1) await take({ Id: 'cb', Type: 'CALLBACK', Action: 'START', CallbackOptions: options });
    return PENDING;
  });
  await raw.engine.resume();
  await raw.engine.start('ask', name, '{}').written;
  await raw.rest();
  return operation(name)?.CallbackDetails?.CallbackId ?? '';
}

const operation = (name = 'run') => raw.engine.operationsOf(name).find(({ Id: id }) => id === 'cb');
const encoded = (place: unknown): string => Buffer.from(typeof place === 'string' ? place : JSON.stringify(place)).toString('base64');
const placeIn = (id: string): Record<string, unknown> => JSON.parse(Buffer.from(id, 'base64').toString()) as Record<string, unknown>;

describe('a callback', () => {
  it.each<[string, CallbackOptions | undefined, object]>([
    ['without times', undefined, {}],
    ['with no times', { TimeoutSeconds: 0, HeartbeatTimeoutSeconds: 0 }, {}],
    ['with a heartbeat', { HeartbeatTimeoutSeconds: 30 }, { heartbeatMs: 30_000 }],
  ])('%s has an id that says where it is', async (_, options, rest) => {
    expect(placeIn(await ask(options))).toEqual({ arn: 'arn:mrs-killswitch:engine:function:ask:1/durable-execution/run/id-1', operationId: 'cb', ...rest });
  });

  it.each<[string, CallbackOptions | undefined, number]>([
    ['without times', undefined, LIFE_MS],
    ['with no times', { TimeoutSeconds: 0, HeartbeatTimeoutSeconds: 0 }, LIFE_MS],
    ['with a time', { TimeoutSeconds: 60 }, 60_000],
    ['with a heartbeat', { TimeoutSeconds: 60, HeartbeatTimeoutSeconds: 30 }, 30_000],
  ])('%s is waited for just so long', async (_, options, forMs) => {
    await ask(options);
    expect([raw.engine.nextAtMs(), raw.engine.hasProgress()]).toEqual([NOW + forMs, false]);
  });

  it('with no time for a heartbeat takes one, and is waited for as long as before', async () => {
    const id = await ask({ TimeoutSeconds: 60 });
    raw.clock.advanceTo(NOW + 10_000);
    await raw.engine.heartbeat(id);
    expect(raw.engine.nextAtMs()).toBe(NOW + 60_000);
    expect(raw.store.database.prepare('SELECT count(*) AS timers FROM timers').get()).toEqual({ timers: 2 });
  });

  it('gets its time anew with each heartbeat, and not without', async () => {
    const id = await ask({ TimeoutSeconds: 60, HeartbeatTimeoutSeconds: 30 });
    raw.clock.advanceTo(NOW + 10_000);
    await raw.engine.heartbeat(id);
    expect(raw.engine.nextAtMs()).toBe(NOW + 40_000);
    raw.clock.advanceTo(NOW + 40_000);
    expect(operation()).toMatchObject({
      Status: 'TIMED_OUT', EndTimestamp: '2026-01-05T12:00:40.000Z', CallbackDetails: { CallbackId: id, Error: { ErrorType: 'CallbackTimeout', ErrorMessage: 'Callback heartbeat timed out' } },
    });
    expect(raw.engine.nextAtMs()).toBe(NOW + LIFE_MS);
    await raw.rest();
  });

  it('times out', async () => {
    await ask({ TimeoutSeconds: 60 });
    raw.clock.advanceTo(NOW + 60_000);
    expect(operation()?.CallbackDetails?.Error).toEqual({ ErrorType: 'CallbackTimeout', ErrorMessage: 'Callback timed out' });
    await raw.rest();
  });

  it('takes its answer, and no time runs for it any more', async () => {
    const id = await ask({ TimeoutSeconds: 60, HeartbeatTimeoutSeconds: 30 });
    raw.clock.advanceTo(NOW + 1_000);
    await raw.engine.succeedCallback(id, '"yes"');
    expect(operation()).toEqual({ Id: 'cb', Type: 'CALLBACK', Status: 'SUCCEEDED', StartTimestamp: '2026-01-05T12:00:00.000Z', EndTimestamp: '2026-01-05T12:00:01.000Z', CallbackDetails: { CallbackId: id, Result: '"yes"' } });
    expect(raw.engine.nextAtMs()).toBe(NOW + LIFE_MS);
  });

  it('takes a failure', async () => {
    const id = await ask();
    await raw.engine.failCallback(id, { ErrorType: 'Declined' });
    expect(operation()).toMatchObject({ Status: 'FAILED', CallbackDetails: { CallbackId: id, Error: { ErrorType: 'Declined' } } });
  });

  it('takes no answer whose id is none, or of what is no open callback', async () => {
    const id = await ask();
    const { arn, operationId } = placeIn(id) as { arn: string; operationId: string };
    for (const wrong of ['', 'no id', encoded('no JSON'), encoded('null'), encoded({}), encoded({ arn }), encoded({ operationId }), encoded({ arn: [arn], operationId }), encoded({ arn, operationId: {} }), encoded({ arn: `${arn}1`, operationId }), encoded({ arn, operationId: 'other' })]) {
      expect(() => raw.engine.succeedCallback(wrong, '1')).toThrow(OVER);
      expect(() => raw.engine.heartbeat(wrong)).toThrow(OVER);
    }
    expect(operation()?.Status).toBe('STARTED');
    await raw.engine.stop(arn);
    expect(() => raw.engine.succeedCallback(id, '1')).toThrow(OVER);
    expect(operation()?.Status).toBe('STARTED');
  });
});

describe('the purpose of a timer', () => {
  it.each([
    ['cb/timeout', { operationId: 'cb', isHeartbeat: false }], ['a/b/heartbeat', { operationId: 'a/b', isHeartbeat: true }], ['/timeout', { operationId: '', isHeartbeat: false }],
    ['cb', undefined], ['timeout', undefined], ['cb/timeouts', undefined], ['cb/other', undefined],
  ])('%p is of the callback %p', (purpose, callback) => {
    expect(callbackIn(purpose)).toEqual(callback);
  });
});
