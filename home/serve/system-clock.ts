import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../lib/core/time.ts';

/** The machine's own clock and the real chance, until the store is open and its clock with it. */
export const systemClock: Clock = {
  now: Date.now,
  wall: Date.now,
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};
