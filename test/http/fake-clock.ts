import type { Clock } from '../../lib/core/time.ts';

/** A clock that stands still: a sleep is over at once, is written down, and moves `now` on. */
export type FakeClock = Clock & {
  /** Milliseconds of every sleep, in order. */
  sleeps: number[];
  pass(ms: number): void;
};

/** A clock that stands at `time` (ISO 8601), whose chance is always `random`. */
export function createFakeClock(time: string, random = 0): FakeClock {
  let now = Date.parse(time);
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    wall: () => now,
    random: () => random,
    pass: (ms) => void (now += ms),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
      now += ms;
    },
  };
}
