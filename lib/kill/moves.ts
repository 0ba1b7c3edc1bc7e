import type { Clock } from '../core/time.ts';

/**
 * How a run does its moves. In a durable execution each is a step that is remembered, so that a resumed run goes on where it
 * was; within one HTTP request they are done at once. `name` is constant for a place in the run.
 */
export type Moves = {
  /** Does a move, again for about `retryForSec` (default 0) while its error is `retryable`; throws the last error. */
  step<T>(name: string, move: () => Promise<T>, retryForSec?: number): Promise<T>;
  /** Does what must not be done twice; `interrupted` where nobody knows whether it was done. */
  stepOnce<T>(name: string, move: () => Promise<T>): Promise<T | 'interrupted'>;
  /** False, without waiting, where so much time is not left. */
  wait(name: string, seconds: number): Promise<boolean>;
  /** Does `move` on what it returned last, first on `first`, until `nextDelaySec` of its result is undefined. */
  repeat<S>(name: string, first: S, move: (before: S) => Promise<S>, nextDelaySec: (state: S) => number | undefined): Promise<S>;
};

/**
 * Moves that are done at once and remembered by nobody, for a run within one request. `waitUntil` and `repeatUntil` (epoch ms)
 * bound the waits and the repeats. What may be tried again is tried three times.
 */
export function movesAtOnce(clock: Clock, { waitUntil, repeatUntil }: { waitUntil: number; repeatUntil: number }): Moves {
  return {
    step: (_name, move, retryForSec) => (retryForSec === undefined ? move() : tryThrice(clock, waitUntil, move)),
    stepOnce: (_name, move) => move(),
    async wait(_name, seconds) {
      if (clock.now() + seconds * 1_000 > waitUntil) return false;
      await clock.sleep(seconds * 1_000);
      return true;
    },
    async repeat(_name, first, move, nextDelaySec) {
      let state = first;
      while (clock.now() < repeatUntil) {
        state = await move(state);
        const delaySec = nextDelaySec(state);
        if (delaySec === undefined) break;
        const leftMs = repeatUntil - clock.now();
        if (leftMs <= 0) break;
        await clock.sleep(Math.min(delaySec * 1_000, leftMs));
        if (clock.now() >= repeatUntil) state = await move(state); // a last one: the time is up, and it may be over
      }
      return state;
    },
  };
}

const TRIES = 3;
const FIRST_PAUSE_MS = 100;

/** Tries a move up to three times while its error is `retryable`, the pauses spread and ending before `until` (epoch ms); throws the last error. */
export async function tryThrice<T>(clock: Clock, until: number, move: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await move();
    } catch (error) {
      const pauseMs = FIRST_PAUSE_MS * 2 ** tries * (0.5 + clock.random() / 2);
      if (!(error as { retryable?: boolean }).retryable || tries === TRIES || clock.now() + pauseMs > until) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
