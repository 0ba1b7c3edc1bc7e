import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realClock, type VirtualClock, virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';
import type { FunctionFailure } from './function-failure.ts';
import type { Handler } from './functions.ts';
import type { StatusEvent } from './status-event.ts';
import { runs } from '../support/full-size.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);
const DAY_SEC = 86_400;

let clock: VirtualClock;
let events: StatusEvent[];
let failures: FunctionFailure[];
let backend: DurableBackend;

beforeEach(() => {
  clock = virtualClock(START_MS);
  events = [];
  failures = [];
  backend = createDurableBackend({
    clock,
    onStatusChange: (event) => events.push(event),
    onFunctionFailure: (failure) => failures.push(failure),
  });
  backend.register('ask', durable((context) => context.waitForCallback('answer', async () => {})));
  backend.register('quick', durable(async () => 'done'));
});
afterEach(() => backend.close());

function durable(body: (context: DurableContext, event: unknown) => Promise<unknown>): Handler {
  return withDurableExecution((event: unknown, context: DurableContext) => body(context, event));
}

describe('names of executions', () => {
  it('gives back the execution that has this name and payload, running or ended', async () => {
    const first = backend.start('ask', 'run', '{"nonce":1}');
    expect(first.started).toBe(true);
    expect(backend.start('ask:durable', 'run', '{"nonce":1}')).toEqual({ arn: first.arn, started: false });
    await backend.idle();
    backend.stop(first.arn);
    expect(backend.start('ask', 'run', '{"nonce":1}')).toEqual({ arn: first.arn, started: false });
    expect(backend.list({})).toHaveLength(1);
  });

  it('refuses the name with another payload, running or ended', async () => {
    const { arn } = backend.start('ask', 'run', '{"nonce":1}');
    const again = (): unknown => backend.start('ask', 'run', '{"nonce":2}');
    expect(again).toThrow(expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException', status: 409 }));
    backend.stop(arn);
    expect(again).toThrow(expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException' }));
  });

  it('makes up a name where none is given, and refuses a bad one', () => {
    expect(backend.start('quick', undefined, '{}').arn).not.toBe(backend.start('quick', undefined, '{}').arn);
    for (const name of ['', 'a b', 'ü', 'x'.repeat(65)]) {
      expect(() => backend.start('quick', name, '{}')).toThrow(expect.objectContaining({ name: 'InvalidParameterValueException' }));
    }
    expect(() => backend.start('missing', 'run', '{}')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });

  it('puts function, version, name and id into the ARN', () => {
    expect(backend.start('quick:durable', 'run', '{}').arn).toBe(
      'arn:aws:lambda:us-east-1:123456789012:function:quick:1/durable-execution/run/00000000-0000-4000-8000-000000000001',
    );
  });
});

describe('ends of executions', () => {
  it('tells of the begin and the end in the shape of EventBridge', async () => {
    const { arn } = backend.start('quick', 'run', '{}');
    await backend.settled('run');
    expect(events.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(events[1]).toMatchObject({
      source: 'aws.lambda',
      'detail-type': 'Durable Execution Status Change',
      time: '2026-01-05T12:00:00Z',
      detail: {
        durableExecutionArn: arn,
        durableExecutionName: 'run',
        functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:quick:1',
        startTimestamp: '2026-01-05T12:00:00.000Z',
        endTimestamp: '2026-01-05T12:00:00.000Z',
      },
    });
  });

  it('stops once, with the error given, and takes no answer any more', async () => {
    const { arn } = backend.start('ask', 'run', '{}');
    await backend.idle();
    backend.stop(arn, { ErrorType: 'Operator', ErrorMessage: 'enough' });
    backend.stop(arn, { ErrorMessage: 'again' });
    expect(await backend.settled('run')).toMatchObject({ status: 'STOPPED', error: { ErrorMessage: 'enough' } });
    expect(events.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'STOPPED']);
    expect(backend.callbacks()).toEqual([expect.objectContaining({ executionName: 'run', open: false })]);
    expect(() => backend.stop('arn:unknown')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });

  it('lets a stopped invocation run on only to its next checkpoint', async () => {
    const steps: string[] = [];
    const body = async (context: DurableContext): Promise<void> => {
      await context.step('one', async () => {
        steps.push('one');
        backend.stop(backend.list({})[0]?.arn ?? '');
      });
      await context.step('two', async () => steps.push('two'));
    };
    backend.register('long', durable(body));
    backend.start('long', 'run', '{}');
    expect((await backend.settled('run')).status).toBe('STOPPED');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(steps).toEqual(['one']);
  });

  it('times out an execution whose answer never comes, when the clock gets there', async () => {
    backend.start('ask', 'run', '{}');
    await backend.idle();
    clock.advanceTo(START_MS + 7_199_999);
    expect(backend.list({ statuses: ['RUNNING'] })).toHaveLength(1);
    clock.advanceTo(START_MS + 7_200_000);
    expect(await backend.settled('run')).toMatchObject({ status: 'TIMED_OUT', endMs: START_MS + 7_200_000 });
  });

  it('times out by the life of its own function, where that has one; what runs keeps the one that it began with', async () => {
    const asks = durable((context) => context.waitForCallback('answer', async () => {}));
    backend.register('warn', asks, { executionTimeoutSec: 29 * DAY_SEC });
    backend.start('warn', 'old', '{}');
    backend.register('warn', asks, { executionTimeoutSec: DAY_SEC });
    backend.start('warn', 'new', '{}');
    backend.start('ask', 'usual', '{}');
    await backend.idle();
    clock.advanceTo(START_MS + 30 * DAY_SEC * 1_000);
    const lives = await Promise.all(['old', 'new', 'usual'].map(async (name) => ((await backend.settled(name)).endMs ?? 0) - START_MS));
    expect(lives).toEqual([29 * DAY_SEC * 1_000, DAY_SEC * 1_000, 7_200_000]);
  });

  it('lives through weeks: a callback that nobody answers for 14 days, and a wait of 14 more, in no time', async () => {
    const body = async (context: DurableContext): Promise<string> => {
      const answer = await context.waitForCallback('answer', async () => {}, { timeout: { seconds: 14 * DAY_SEC } }).catch((error: unknown) => (error as Error).name);
      await context.wait('kept', { seconds: 14 * DAY_SEC });
      return String(answer);
    };
    backend.register('warn', durable(body), { executionTimeoutSec: 29 * DAY_SEC });
    backend.start('warn', 'run', '{}');
    await backend.idle();
    clock.advanceTo(START_MS + 14 * DAY_SEC * 1_000);
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', endMs: START_MS + 28 * DAY_SEC * 1_000 });
    expect(backend.list({ executionName: 'run' })[0]?.invocations).toBe(3);
  });

  it('repeats an invocation that threw, with growing pauses, until the execution times out', async () => {
    backend.register('broken', async () => Promise.reject(new Error('no')));
    backend.start('broken', 'run', '{}');
    const { status, invocations } = await backend.settled('run');
    expect(status).toBe('TIMED_OUT');
    expect(invocations).toBeGreaterThan(100);
    expect(invocations).toBeLessThan(150);
    expect(failures[0]).toMatchObject({ functionName: 'broken', executionName: 'run', error: { message: 'no' } });
  });

  it('fails for an error outside of any step, without another try', async () => {
    backend.register('faulty', durable(() => Promise.reject(new TypeError('wrong'))));
    backend.start('faulty', 'run', '{}');
    const error = expect.objectContaining({ ErrorMessage: 'wrong' });
    expect(await backend.settled('run')).toMatchObject({ status: 'FAILED', invocations: 1, error });
  });

  it('fails an answer of PENDING when nothing is pending, and an answer that is none', async () => {
    backend.register('pending', async () => ({ Status: 'PENDING' }));
    backend.register('nonsense', async () => 'hello');
    backend.start('pending', 'a', '{}');
    backend.start('nonsense', 'b', '{}');
    expect((await backend.settled('a')).error?.ErrorMessage).toMatch('nothing is pending');
    expect((await backend.settled('b')).error?.ErrorMessage).toMatch('hello');
  });
});

describe('resuming', () => {
  it('goes on at once where a retry has no delay', async () => {
    let runs = 0;
    const retryStrategy = (): { shouldRetry: true; delay: { seconds: number } } => ({ shouldRetry: true, delay: { seconds: 0 } });
    const fails = async (): Promise<number> => ((runs += 1) < 3 ? Promise.reject(new Error('again')) : runs);
    backend.register('retry', durable((context) => context.step('flaky', fails, { retryStrategy })));
    backend.start('retry', 'run', '{}');
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', result: '3', endMs: START_MS });
  });

  it('repeats a step whose body was killed, and does not hear what the dead one does later', async () => {
    let runs = 0;
    const dies = async (): Promise<string> => {
      runs += 1;
      if (runs === 1) {
        backend.crashNow('run');
        await new Promise((resolve) => setTimeout(resolve, 5));
        return 'dead';
      }
      return 'alive';
    };
    backend.register('dies', durable((context) => context.step('body', dies)));
    backend.start('dies', 'run', '{}');
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', result: '"alive"', invocations: 2 });
    expect(runs).toBe(2);
  });

  it('does not take the answer or the throw of an invocation that was killed', async () => {
    let runs = 0;
    backend.register('raw', async () => {
      runs += 1;
      const run = runs;
      if (run < 3) backend.crashNow('run');
      await new Promise((resolve) => setTimeout(resolve, run < 3 ? 2 : 20));
      if (run === 2) throw new Error('dead');
      return { Status: 'SUCCEEDED', Result: `${run}` };
    });
    backend.start('raw', 'run', '{}');
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', result: '3', invocations: 3 });
    expect(failures).toEqual([]);
  });

  it('lets parallel branches wait side by side', async () => {
    const branches = [60, 120].map((seconds) => async (context: DurableContext) => context.wait('pause', { seconds }).then(() => seconds));
    backend.register('both', durable(async (context) => (await context.parallel('both', branches)).getResults()));
    backend.start('both', 'run', '{}');
    expect(await backend.settled('run')).toMatchObject({ status: 'SUCCEEDED', result: '[60,120]', endMs: START_MS + 120_000 });
  });

  it('carries very many executions at once', async () => {
    const polls = { initialState: 0, waitStrategy: (count: number) => ({ shouldContinue: count < 10, delay: { seconds: 30 } }) };
    backend.register('follow', durable((context) => context.waitForCondition('poll', async (count: number) => count + 1, polls as never)));
    const names = Array.from({ length: runs(400) }, (_, index) => `run-${index}`);
    for (const name of names) backend.start('follow', name, '{}');
    const views = await Promise.all(names.map((name) => backend.settled(name)));
    expect(new Set(views.map(({ status, result }) => `${status} ${result}`))).toEqual(new Set(['SUCCEEDED 10']));
  }, 20_000);

  it('waits in real time on the real clock, and rests in between', async () => {
    const real = createDurableBackend({ clock: realClock() });
    real.register('nap', durable((context) => context.wait('nap', { seconds: 1 })));
    real.start('nap', 'run', '{}');
    const { startMs, endMs = 0, invocations, status, operations } = await real.settled('run');
    expect(status).toBe('SUCCEEDED');
    expect(endMs - startMs).toBeGreaterThanOrEqual(1000);
    expect(endMs - startMs).toBeLessThan(2000);
    expect(invocations).toBe(2);
    await real.idle();
    expect(operations.map(({ Type: type, Status: state }) => `${type} ${state}`)).toEqual(['EXECUTION SUCCEEDED', 'WAIT SUCCEEDED']);
    real.close();
  });
});

describe('list', () => {
  it('filters by function, name, status and start, newest first', async () => {
    backend.start('quick', 'a', '{}');
    await backend.settled('a');
    clock.advanceTo(START_MS + 60_000);
    backend.start('ask', 'b', '{}');
    await backend.idle();
    clock.advanceTo(START_MS + 120_000);
    backend.start('quick', 'c', '{}');
    await backend.settled('c');

    const names = (filter: Parameters<DurableBackend['list']>[0]): string => backend.list(filter).map(({ name }) => name).join('');
    expect(names({})).toBe('cba');
    expect(names({ oldestFirst: true })).toBe('abc');
    expect(names({ functionName: 'quick' })).toBe('ca');
    expect(names({ executionName: 'b' })).toBe('b');
    expect(names({ statuses: ['RUNNING', 'FAILED'] })).toBe('b');
    expect(names({ startedAfterMs: START_MS })).toBe('cb');
    expect(names({ startedBeforeMs: START_MS + 120_000, startedAfterMs: START_MS })).toBe('b');
  });
});

describe('plain functions', () => {
  it('run at once and later, and a throw is told of', async () => {
    const seen: unknown[] = [];
    backend.registerPlain('note', async (event) => void seen.push(event));
    backend.registerPlain('bad', async () => Promise.reject(new Error('boom')));
    backend.callLater('note', '{"text":"hi"}');
    backend.callLater('bad', '{}');
    await backend.idle();
    expect(seen).toEqual([{ text: 'hi' }]);
    expect(failures).toEqual([{ functionName: 'bad', error: new Error('boom') }]);
    expect(await backend.call('bad', '{}')).toEqual({ kind: 'threw', error: new Error('boom') });
    expect(() => backend.callLater('ask', '{}')).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });
});
