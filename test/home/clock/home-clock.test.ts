import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHomeClock, type HomeClock, type HomeClockOptions, type Seen } from '../../../home/clock/home-clock.ts';
import { createTimers } from '../../../home/clock/timers.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

let clocks: HomeClock[];
/** How wrong the machine's own clock is, in ms. */
let off: number;
let states: unknown[];
let remembered: Seen[];
beforeEach(() => {
  jest.useFakeTimers({ now: NOON });
  [clocks, off, states, remembered] = [[], 0, [], []];
});
afterEach(() => {
  for (const clock of clocks) clock.stop();
  jest.useRealTimers();
});

/** `ranMs`: how long the machine has been up. */
function start(options: Partial<HomeClockOptions> = {}, ranMs = HOUR_MS): HomeClock {
  const bootedAt = performance.now() - ranMs;
  const clock = createHomeClock({
    wall: () => Date.now() + off, monotonic: () => performance.now() - bootedAt, random: () => 0,
    onState: (state, byMs) => void states.push([state, Math.round(byMs)]), remember: (seen) => void remembered.push(seen), ...options,
  });
  clocks.push(clock);
  return clock;
}

const pass = (ms: number): void => jest.advanceTimersByTime(ms);

describe('the time of the own home', () => {
  it('is that of the wall clock, whole ms', () => {
    const clock = start();
    pass(90_000.5);
    expect([clock.now(), clock.wall()]).toEqual([NOON + 90_000, NOON + 90_000]);
    expect([clock.state(), clock.quietUntil(), states]).toEqual([undefined, 0, []]);
  });

  it('goes on where the wall clock falls back, and says so once', () => {
    const clock = start();
    pass(HOUR_MS);
    off = -10 * MINUTE_MS;
    const before = clock.now();
    expect([before, clock.state()]).toEqual([NOON + HOUR_MS, 'behind']);
    pass(HOUR_MS);
    expect(clock.now() - before).toBeGreaterThan(HOUR_MS - 5_000);
    expect(clock.now() - before).toBeLessThanOrEqual(HOUR_MS);
    expect(clock.wall()).toBe(NOON + 2 * HOUR_MS - 10 * MINUTE_MS);
    expect(states).toEqual([['behind', expect.any(Number)]]);
    off = 0;
    pass(2_000);
    expect([clock.state(), states.at(-1), clock.skippedMs(NOON, NOON + DAY_MS)]).toEqual([undefined, [undefined, 0], 0]);
  });

  it('never runs backwards, whatever the wall clock does', () => {
    const clock = start();
    let latest = clock.now();
    for (const by of [-5, 3_000, -70_000, 1, 900_000, -900_000, -DAY_MS, 2 * DAY_MS, 0, -1]) {
      off = by;
      for (const ms of [0, 1, 999, 7_000]) {
        pass(ms);
        expect(clock.now()).toBeGreaterThanOrEqual(latest);
        latest = clock.now();
      }
    }
  });

  it('follows the wall clock that is set forward, knows what it jumped over, and keeps from tidying for a day', () => {
    const clock = start();
    pass(10 * MINUTE_MS);
    off = 20 * MINUTE_MS;
    expect(clock.now()).toBe(NOON + 30 * MINUTE_MS);
    expect([clock.state(), clock.quietUntil()]).toEqual(['jumped', NOON + 30 * MINUTE_MS + DAY_MS]);
    expect([clock.skippedMs(NOON, NOON + HOUR_MS), clock.skippedMs(NOON + 20 * MINUTE_MS, NOON + HOUR_MS), clock.skippedMs(NOON + 30 * MINUTE_MS, NOON + HOUR_MS)]).toEqual([20 * MINUTE_MS, 10 * MINUTE_MS, 0]);
    expect(remembered.at(-1)).toMatchObject({ jumps: [{ from: NOON + 10 * MINUTE_MS, to: NOON + 30 * MINUTE_MS }] });
    pass(2_000);
    expect(states).toEqual([['jumped', 20 * MINUTE_MS]]);
    pass(DAY_MS);
    expect([clock.state(), states.at(-1)]).toEqual([undefined, [undefined, 0]]);
  });

  it('takes no drift for a jump', () => {
    const clock = start();
    off = MINUTE_MS;
    expect([clock.now(), clock.state()]).toEqual([NOON + MINUTE_MS, undefined]);
    off = 0;
    expect([clock.now(), clock.state()]).toEqual([NOON + MINUTE_MS, undefined]);
  });
});

describe('after a start', () => {
  const seen = (ago: Partial<Seen> = {}): Seen => ({ latest: NOON - MINUTE_MS, monotonic: HOUR_MS - MINUTE_MS, jumps: [], ...ago });

  it('goes on from what the store has seen, where the wall clock is behind that', () => {
    off = -HOUR_MS;
    const clock = start({ seen: seen() });
    expect([clock.now(), clock.state(), states]).toEqual([NOON - MINUTE_MS, 'behind', [['behind', HOUR_MS - MINUTE_MS]]]);
  });

  it('goes by the wall clock on another machine, which has been up for longer', () => {
    const clock = start({ seen: seen({ latest: NOON - 10 * MINUTE_MS, monotonic: MINUTE_MS }) }, 100 * DAY_MS);
    expect([clock.now(), clock.state(), clock.skippedMs(NOON - HOUR_MS, NOON), states]).toEqual([NOON, undefined, 0, []]);
  });

  it('sees a jump that happened while no process ran', () => {
    off = 10 * MINUTE_MS;
    const clock = start({ seen: seen() });
    expect([clock.now(), clock.state(), clock.skippedMs(NOON, NOON + HOUR_MS)]).toEqual([NOON + 10 * MINUTE_MS, 'jumped', 10 * MINUTE_MS]);
  });

  it.each([
    ['knows the jumps of before', { jumps: [{ from: NOON - HOUR_MS, to: NOON - 30 * MINUTE_MS }] }, 'jumped', 30 * MINUTE_MS, NOON - 30 * MINUTE_MS + DAY_MS],
    ['takes the time that a machine was down for no jump', { latest: NOON - 3 * HOUR_MS, monotonic: 5 * HOUR_MS }, undefined, 0, 0],
    ['does not tidy at once where it was down for more than a day', { latest: NOON - DAY_MS - 1, monotonic: 5 * HOUR_MS }, undefined, 0, NOON + DAY_MS],
    ['takes the time that its process was down for no jump', { latest: NOON - 20 * MINUTE_MS, monotonic: 40 * MINUTE_MS }, undefined, 0, 0],
  ])('%s', (_, before, state, skipped, quietUntil) => {
    const clock = start({ seen: seen(before) });
    expect([clock.now(), clock.state(), clock.skippedMs(NOON - HOUR_MS, NOON), clock.quietUntil()]).toEqual([NOON, state, skipped, quietUntil]);
  });

  it('tells every ten seconds what to remember', () => {
    start();
    pass(35_000);
    expect(remembered.map(({ latest, monotonic }) => [latest - NOON, monotonic - HOUR_MS])).toEqual([[10_000, 10_000], [20_000, 20_000], [30_000, 30_000]]);
  });
});

describe('a timer', () => {
  it('goes off once at its time, at once where that is over, and not when it was cancelled', () => {
    const clock = start();
    const ran: string[] = [];
    clock.setTimer(NOON - 1, () => void ran.push('over'));
    clock.setTimer(NOON + 90_000, () => void ran.push('later'));
    clock.setTimer(NOON + 60_000, () => void ran.push('cancelled'))();
    pass(0);
    expect(ran).toEqual(['over']);
    pass(89_999);
    expect(ran).toEqual(['over']);
    pass(HOUR_MS);
    expect(ran).toEqual(['over', 'later']);
  });

  it('waits for months', () => {
    const timers = createTimers(() => Date.now());
    let ran = 0;
    timers.set(NOON + 60 * DAY_MS, () => ran++);
    pass(60 * DAY_MS - 1);
    expect(ran).toBe(0);
    pass(1);
    expect(ran).toBe(1);
  });

  it('goes off within seconds where the clock was set forward over it, in order', () => {
    const clock = start();
    const ran: string[] = [];
    clock.setTimer(NOON + 3 * HOUR_MS, () => void ran.push('second'));
    clock.setTimer(NOON + 2 * HOUR_MS, () => void ran.push('first'));
    clock.setTimer(NOON + 5 * HOUR_MS, () => void ran.push('not yet'));
    off = 4 * HOUR_MS;
    pass(2_001);
    expect(ran).toEqual(['first', 'second']);
  });

  it('waits for its time by this clock, where the wall clock fell back', () => {
    const clock = start();
    let ranAt = 0;
    clock.setTimer(NOON + HOUR_MS, () => (ranAt = clock.now()));
    pass(30 * MINUTE_MS);
    off = -2 * HOUR_MS;
    pass(31 * MINUTE_MS);
    expect(ranAt).toBe(NOON + HOUR_MS);
  });
});
