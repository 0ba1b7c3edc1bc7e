import type { Clock } from '../../lib/core/time.ts';
import { type DurableClock, isVirtual, type VirtualClock } from '../local/clock.ts';

/** The clock as the product sees it. Retries inside a step take no time but on a clock that the test moves. */
export function clockOf(clock: DurableClock | (VirtualClock & Clock)): Clock {
  if ('sleep' in clock) return clock;
  if (!isVirtual(clock)) return { now: clock.now, wall: clock.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), random: Math.random };
  return { now: clock.now, wall: clock.now, sleep: async (ms) => clock.advanceTo(clock.now() + ms), random: () => 0 };
}
