// Node fires a longer delay at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export type Timers = {
  /** Runs `run` once at `atMs` by `now` (epoch ms), at once where that is over; returns what cancels it. */
  set: (atMs: number, run: () => void) => () => void;
  /** Runs, in their order, those whose time is over though Node's own timers do not know it: the time jumped. */
  check: () => void;
};

type Timer = { atMs: number; run: () => void; handle?: NodeJS.Timeout };

/** Timers by a time that can jump. Node's own go by the monotonic clock: they wait, and what is early waits on. */
export function createTimers(now: () => number): Timers {
  const waiting = new Set<Timer>();

  const arm = (timer: Timer): void => {
    const delayMs = timer.atMs - now();
    timer.handle = setTimeout(() => (now() < timer.atMs ? arm(timer) : fire(timer)), Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(delayMs))));
  };
  const fire = (timer: Timer): void => {
    if (!waiting.delete(timer)) return;
    clearTimeout(timer.handle);
    timer.run();
  };

  return {
    set(atMs, run) {
      const timer: Timer = { atMs, run };
      waiting.add(timer);
      arm(timer);
      return () => {
        waiting.delete(timer);
        clearTimeout(timer.handle);
      };
    },
    check() {
      const nowMs = now();
      const due = [...waiting].filter(({ atMs }) => atMs <= nowMs).toSorted((a, b) => a.atMs - b.atMs);
      // Each by itself: what one of them throws does not keep the others waiting.
      for (const timer of due) {
        clearTimeout(timer.handle);
        timer.handle = setTimeout(fire, 0, timer);
      }
    },
  };
}
