import { describe, expect, it } from '@jest/globals';
import { movesAtOnce, tryThrice } from '../../lib/kill/moves.ts';
import { whilePassing } from '../../lib/kill/while-passing.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { NOON } from '../core/a-job.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

const PASSES = new LedgerFailed('unavailable', 'no answer');
const STAYS = new LedgerFailed('refused', 'no such table');

/** Fails so often, then says `done`; `tries` are the moments (ms after noon) at which it was called. */
function failing(clock: SteppingClock, times: number, error: unknown = PASSES): { move: () => Promise<string>; tries: number[] } {
  const tries: number[] = [];
  return {
    tries,
    async move() {
      if (tries.push(clock.now() - NOON) <= times) throw error;
      return 'done';
    },
  };
}

/** The same clock, but for its chance, which is as great as it gets. */
const slowest = (clock: SteppingClock): SteppingClock => ({ ...clock, random: () => 1 });

describe('a move that may be tried again within one request', () => {
  it.each<[what: string, fails: number, error: unknown, untilMs: number, tries: number[], isDone: boolean]>([
    ['is done once where it goes well', 0, PASSES, 1_000, [0], true],
    ['is done again after 100 ms, and after 200 ms more', 2, PASSES, 1_000, [0, 100, 300], true],
    ['is done three times at most', 3, PASSES, 1_000, [0, 100, 300], false],
    ['is done once where its trouble stays', 1, STAYS, 1_000, [0], false],
    ['is done once where it broke by a bug', 1, new TypeError('a bug'), 1_000, [0], false],
    ['is done again up to the last ms that is left', 2, PASSES, 300, [0, 100, 300], true],
    ['is not done again later than that', 2, PASSES, 299, [0, 100], false],
  ])('%s', async (_, fails, error, untilMs, tries, isDone) => {
    const clock = createSteppingClock(NOON);
    const call = failing(clock, fails, error);
    const done = tryThrice(clock, NOON + untilMs, call.move);
    await (isDone ? expect(done).resolves.toBe('done') : expect(done).rejects.toBe(error));
    expect(call.tries).toEqual(tries);
  });

  it('is spread over twice that', async () => {
    const clock = createSteppingClock(NOON);
    const call = failing(clock, 2);
    await tryThrice(slowest(clock), Infinity, call.move);
    expect(call.tries).toEqual([0, 200, 600]);
  });
});

describe('the moves of a run within one request', () => {
  it('are tried again only where they may be', async () => {
    const clock = createSteppingClock(NOON);
    const moves = movesAtOnce(clock, { waitUntil: NOON + 100, repeatUntil: NOON });
    const [once, again, sole] = [failing(clock, 1), failing(clock, 1), failing(clock, 1)];
    await expect(moves.step('a', once.move)).rejects.toBe(PASSES);
    await expect(moves.stepOnce('c', sole.move)).rejects.toBe(PASSES);
    expect(await moves.step('b', again.move, 0)).toBe('done');
    expect([once.tries, again.tries, sole.tries]).toEqual([[0], [0, 100], [0]]);
    expect(await moves.stepOnce('c', sole.move)).toBe('done');
  });

  it('wait up to the last ms that is left, and no longer', async () => {
    const clock = createSteppingClock(NOON);
    const moves = movesAtOnce(clock, { waitUntil: NOON + 5_000, repeatUntil: NOON });
    expect([await moves.wait('a', 6), clock.now() - NOON]).toEqual([false, 0]);
    expect([await moves.wait('a', 5), clock.now() - NOON]).toEqual([true, 5_000]);
    expect([await moves.wait('a', 1), clock.now() - NOON]).toEqual([false, 5_000]);
  });

  it.each<[what: string, untilMs: number, delays: (number | undefined)[], looks: number[]]>([
    ['repeat nothing where no time is left', 0, [undefined], []],
    ['repeat once where that was enough', 10_000, [undefined], [0]],
    ['repeat after the delay that each result brings', 10_000, [2, 3, undefined], [0, 2_000, 5_000]],
    ['repeat a last time when the time is up', 6_000, [2, 3, 9, 9], [0, 2_000, 5_000, 6_000]],
    ['repeat a last time when the time is up to the ms', 2_000, [2, 9], [0, 2_000]],
  ])('%s', async (_, untilMs, delays, looks) => {
    const clock = createSteppingClock(NOON);
    const seen: number[] = [];
    const moves = movesAtOnce(clock, { waitUntil: NOON, repeatUntil: NOON + untilMs });
    const last = await moves.repeat('follow', 0, async (before) => (seen.push(clock.now() - NOON), before + 1), (count) => delays[count - 1]);
    expect([seen, last]).toEqual([looks, looks.length]);
  });

  it('do not repeat what took all the time that was left', async () => {
    const clock = createSteppingClock(NOON);
    let looks = 0;
    const moves = movesAtOnce(clock, { waitUntil: NOON, repeatUntil: NOON + 2_000 });
    await moves.repeat('follow', 0, async () => (clock.advanceTo(clock.now() + 2_000), ++looks), () => 1);
    expect([looks, clock.sleeps]).toEqual([1, []]);
  });
});

describe('a call whose trouble passes', () => {
  it.each<[what: string, fails: number, untilMs: number | undefined, leaveSec: (number | undefined)[], tries: number[], isDone: boolean]>([
    ['is made once where it goes well', 0, 10_000, [], [0], true],
    ['is made again after 0.2 s, then after twice that, at most 2 s', 6, 60_000, [0, 0, 0, 0, 0, 0], [0, 200, 600, 1_400, 3_000, 5_000, 7_000], true],
    ['is made again as late as it was told', 2, 60_000, [1, 5], [0, 1_000, 6_000], true],
    ['is made again no sooner than of itself', 1, 60_000, [0.1], [0, 200], true],
    ['is made again up to the last ms', 1, 200, [0], [0, 200], true],
    ['is not made again later', 1, 199, [0], [0], false],
    ['is made once where no time is given', 1, undefined, [0], [0], false],
    ['is made once where another try is of no use', 1, 60_000, [undefined], [0], false],
  ])('%s', async (_, fails, untilMs, leaveSec, tries, isDone) => {
    const clock = createSteppingClock(NOON);
    const call = failing(clock, fails);
    const left = [...leaveSec];
    const done = whilePassing(clock, untilMs === undefined ? undefined : NOON + untilMs, () => left.shift(), call.move);
    await (isDone ? expect(done).resolves.toBe('done') : expect(done).rejects.toBe(PASSES));
    expect(call.tries).toEqual(tries);
  });

  it('is spread over half of its pause more', async () => {
    const clock = createSteppingClock(NOON);
    const call = failing(clock, 2);
    await whilePassing(slowest(clock), Infinity, () => 0, call.move);
    expect(call.tries).toEqual([0, 300, 900]);
  });
});
