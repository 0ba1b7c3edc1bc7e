import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type VirtualClock, virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);
const OVER = expect.objectContaining({ name: 'CallbackTimeoutException', status: 400 });

let clock: VirtualClock;
let backend: DurableBackend;

beforeEach(async () => {
  clock = virtualClock(START_MS);
  backend = createDurableBackend({ clock });
  const ask = withDurableExecution((_: unknown, context: DurableContext) =>
    context
      .waitForCallback('answer', async () => {}, { timeout: { seconds: 900 }, heartbeatTimeout: { seconds: 300 } })
      .catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error')),
  );
  backend.register('ask', ask);
  backend.start('ask', 'run', '{}');
  await backend.idle();
});
afterEach(() => backend.close());

function callbackId(): string {
  return backend.callbacks()[0]?.id ?? '';
}

describe('a callback', () => {
  it('is open until the first answer, which wakes the code', async () => {
    expect(backend.callbacks()).toEqual([{ id: callbackId(), executionName: 'run', name: 'answer', open: true }]);
    backend.succeedCallback(callbackId(), '{"decision":"yes"}');
    expect((await backend.settled('run')).result).toBe(JSON.stringify('{"decision":"yes"}'));
    expect(backend.callbacks()[0]?.open).toBe(false);
  });

  it('has an id that fits a Slack button and the service model', () => {
    expect(callbackId()).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    expect(callbackId().length).toBeLessThanOrEqual(1024);
  });

  it('refuses a second, a late and an unknown answer', async () => {
    backend.succeedCallback(callbackId(), 'yes');
    expect(() => backend.succeedCallback(callbackId(), 'no')).toThrow(OVER);
    await backend.settled('run');
    expect(() => backend.failCallback(callbackId(), {})).toThrow(OVER);
    expect(() => backend.heartbeat(callbackId())).toThrow(OVER);
    expect(() => backend.succeedCallback('bm9uZQ==', 'yes')).toThrow(OVER);
    expect((await backend.settled('run')).result).toBe('"yes"');
  });

  it('fails with the words of the sender', async () => {
    backend.failCallback(callbackId(), { ErrorType: 'Declined', ErrorMessage: 'not today' });
    expect((await backend.settled('run')).result).toBe('"CallbackExternalError: not today"');
  });

  it('stays open while nobody moves the clock, and times out when it gets there', async () => {
    for (const minutes of [4, 8, 12]) {
      clock.advanceTo(START_MS + minutes * 60_000);
      backend.heartbeat(callbackId());
    }
    await backend.idle();
    clock.advanceTo(START_MS + 899_999);
    expect(backend.callbacks()[0]?.open).toBe(true);
    clock.advanceTo(START_MS + 900_000);
    expect(await backend.settled('run')).toMatchObject({ result: '"CallbackTimeoutError: Callback timed out"', endMs: START_MS + 900_000 });
    expect(() => backend.succeedCallback(callbackId(), 'yes')).toThrow(OVER);
  });

  it('times out without a heartbeat', async () => {
    clock.advanceTo(START_MS + 300_000);
    expect((await backend.settled('run')).result).toBe('"CallbackTimeoutError: Callback heartbeat timed out"');
  });

  it('times out on the way when another execution lets the clock go on', async () => {
    const nap = withDurableExecution((_: unknown, context: DurableContext) => context.wait('nap', { hours: 1 }));
    backend.register('nap', nap);
    backend.start('nap', 'sleeper', '{}');
    await backend.settled('sleeper');
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', endMs: START_MS + 300_000 });
  });
});
