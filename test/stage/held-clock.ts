import type { Clock } from '../../lib/core/time.ts';
import { virtualClock } from '../local/clock.ts';

/** A clock that stands still until the test lets time pass: a sleep ends when its time has come. Its chance is always 0. */
export type HeldClock = Clock & {
  pass(ms: number): void;
  /** How long the sleeps that wait go on, in ms, the shortest first. */
  sleeping(): number[];
};

/** Stands at `startMs`, epoch ms. */
export function createHeldClock(startMs: number): HeldClock {
  const clock = virtualClock(startMs);
  const waiting = new Set<{ atMs: number }>();
  return {
    now: clock.now,
    wall: clock.now,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        if (ms === 0) return resolve();
        const sleep = { atMs: clock.now() + ms };
        waiting.add(sleep);
        const cancel = clock.setTimer(sleep.atMs, () => {
          waiting.delete(sleep);
          resolve();
        });
        signal?.addEventListener('abort', () => {
          waiting.delete(sleep);
          cancel();
          reject(signal.reason as Error);
        }, { once: true });
      }),
    pass: (ms) => clock.advanceTo(clock.now() + ms),
    sleeping: () => [...waiting].map(({ atMs }) => atMs - clock.now()).toSorted((one, other) => one - other),
  };
}
