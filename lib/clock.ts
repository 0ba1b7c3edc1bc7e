import { setTimeout } from 'node:timers/promises';
import type { Clock } from './core/time.ts';

/** The real clock and the real chance. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};
