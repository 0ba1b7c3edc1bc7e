import { type DurableContext, StepInterruptedError, StepSemantics } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import { durableMoves, retryFor } from '../../lib/start/durable-moves.ts';

type Strategy = (error: Error, attempt: number) => { shouldRetry: boolean; delay?: { seconds: number } };
type Step = { name: string; semantics?: StepSemantics; retryStrategy: Strategy };

/** A durable context that notes what it is asked for, and does it. */
function aContext(fail?: unknown) {
  const steps: Step[] = [];
  const waits: [string, object][] = [];
  const conditions: { name: string; initialState: unknown; waitStrategy: (state: unknown) => object }[] = [];
  const context = {
    async step(name: string, move: () => Promise<unknown>, config: Omit<Step, 'name'>) {
      steps.push({ name, ...config });
      if (fail !== undefined) throw fail as Error;
      return move();
    },
    wait: async (name: string, duration: object) => void waits.push([name, duration]),
    waitForCondition: async (name: string, move: (state: unknown) => Promise<unknown>, config: { initialState: unknown; waitStrategy: (state: unknown) => object }) => {
      conditions.push({ name, ...config });
      return move(config.initialState);
    },
  } as unknown as DurableContext;
  return { moves: durableMoves(context), steps, waits, conditions };
}
/** After how many seconds it is tried again; undefined where it is not. */
function tryAgain(strategy: Strategy | undefined, attempt: number, error: object = {}): number | undefined {
  const decided = strategy?.(error as Error, attempt);
  if (decided?.shouldRetry !== true) expect(decided).toEqual({ shouldRetry: false });
  return decided?.shouldRetry === true ? decided.delay?.seconds ?? 0 : undefined;
}

describe('a step', () => {
  it('is done once where nothing else is said', async () => {
    const { moves, steps } = aContext();
    expect(await moves.step('one', async () => 'done')).toBe('done');
    expect([steps[0]?.name, tryAgain(steps[0]?.retryStrategy, 1, { retryable: true })]).toEqual(['one', undefined]);
  });

  it('is tried again for as long as was said', async () => {
    const { moves, steps } = aContext();
    await moves.step('one', async () => 'done', 2);
    expect([tryAgain(steps[0]?.retryStrategy, 1), tryAgain(steps[0]?.retryStrategy, 2)]).toEqual([2, undefined]);
  });

  it('that must not be done twice is found started, and not run again', async () => {
    const { moves, steps } = aContext();
    expect(await moves.stepOnce('post', async () => 'done')).toBe('done');
    expect([steps[0]?.name, steps[0]?.semantics, tryAgain(steps[0]?.retryStrategy, 1)]).toEqual(['post', StepSemantics.AtMostOncePerRetry, undefined]);
  });

  it.each<[string, unknown]>([
    ['by its class', new StepInterruptedError('1', 'post')],
    ['by its name', Object.assign(new Error('x'), { name: 'StepInterruptedError' })],
    ['by its cause', new Error('x', { cause: Object.assign(new Error('y'), { name: 'StepInterruptedError' }) })],
  ])('that was interrupted is known %s', async (_, error) => {
    expect(await aContext(error).moves.stepOnce('post', async () => 'done')).toBe('interrupted');
  });

  it.each([new Error('other'), new Error('other', { cause: new Error('x') })])('that failed otherwise throws', async (error) => {
    await expect(aContext(error).moves.stepOnce('post', async () => 'done')).rejects.toBe(error);
  });
});

describe('a step is tried again', () => {
  const delays = (totalSec: number, error: object = {}) => Array.from({ length: 12 }, (_, index) => tryAgain(retryFor(totalSec).retryStrategy as Strategy, index + 1, error));
  const upTo = (...seconds: number[]) => [...seconds, ...Array.from({ length: 12 - seconds.length }, () => undefined)];

  it.each<[string, number, number[]]>([
    ['after 2 s, 4 s and so on, up to a minute', 300, [2, 4, 8, 16, 32, 60, 60, 60]],
    ['to the last second of its time', 62, [2, 4, 8, 16, 32]],
    ['not over it', 61, [2, 4, 8, 16]],
    ['not at all in no time', 0, []],
  ])('%s', (_, totalSec, seconds) => expect(delays(totalSec)).toEqual(upTo(...seconds)));

  it('not where its error says so, and later where its error does', () => {
    expect(delays(300, { retryable: false })).toEqual(upTo());
    expect(delays(300, { retryable: true, retryAfterSec: 9.5 }).slice(0, 5)).toEqual([10, 10, 10, 16, 32]);
  });
});

describe('a wait', () => {
  it('of whole seconds, of 5 min together at most', async () => {
    const { moves, waits } = aContext();
    expect([await moves.wait('a', 0.5), await moves.wait('b', 299.5), await moves.wait('c', 0.1), await moves.wait('d', 0)]).toEqual([true, true, false, false]);
    expect(waits).toEqual([['a', { seconds: 1 }], ['b', { seconds: 300 }]]);
  });

  it('of no time is none', async () => {
    const { moves, waits } = aContext();
    expect([await moves.wait('a', 0), waits]).toEqual([true, []]);
  });
});

it('a move is repeated until it says that it is done', async () => {
  const { moves, conditions } = aContext();
  expect(await moves.repeat('turn', 1, async (before: number) => before + 1, (state) => (state === 2 ? 10 : undefined))).toBe(2);
  const [{ name, initialState, waitStrategy } = { name: '', initialState: 0, waitStrategy: () => ({}) }] = conditions;
  expect([name, initialState, waitStrategy(2), waitStrategy(3)]).toEqual(['turn', 1, { shouldContinue: true, delay: { seconds: 10 } }, { shouldContinue: false }]);
});
