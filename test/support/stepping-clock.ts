import type { Clock } from '../../lib/core/time.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';

/** A clock that stands still but for its own sleeps, which take no time and are recorded in ms. */
export type SteppingClock = Clock & VirtualClock & { sleeps: number[] };

/** Starts at `startMs`, epoch ms; its chance is always 0. `onSleep` sees each sleep when it is over. */
export function createSteppingClock(startMs: number, onSleep: (ms: number) => void = () => undefined): SteppingClock {
  const clock = virtualClock(startMs);
  const sleeps: number[] = [];
  return {
    ...clock,
    wall: clock.now,
    sleeps,
    async sleep(ms) {
      sleeps.push(ms);
      clock.advanceTo(clock.now() + ms);
      onSleep(ms);
    },
    random: () => 0,
  };
}
