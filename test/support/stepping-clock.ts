import type { Clock } from '../../lib/core/time.ts';

/** A clock that stands still but for its own sleeps, which take no time and are recorded in ms. */
export type SteppingClock = Clock & { sleeps: number[] };

/** Starts at `startMs`, epoch ms; its chance is always 0. `onSleep` sees each sleep before it is over. */
export function createSteppingClock(startMs: number, onSleep: (ms: number) => void = () => undefined): SteppingClock {
  let nowMs = startMs;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => nowMs,
    async sleep(ms) {
      sleeps.push(ms);
      nowMs += ms;
      onSleep(ms);
    },
    random: () => 0,
  };
}
