/** The time of the durable backend, in epoch ms. `setTimer` runs `run` once at `atMs` (at once if that is over) and returns what cancels it. */
export type DurableClock = { now: () => number; setTimer: (atMs: number, run: () => void) => () => void };

/** A clock that stands still until it is told to advance: timers due on the way run in order, each at its own time. */
export type VirtualClock = DurableClock & {
  advanceTo(ms: number): void;
  /** From then on nothing makes it jump by itself: a test wants to see what stands at that moment. */
  stopAt(ms: number): void;
  stopsAt(): number;
};

// Node fires a longer delay at once: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The clock on the wall. Its timers keep the process alive until they are cancelled. */
export function realClock(): DurableClock {
  return {
    now: () => Date.now(),
    setTimer(atMs, run) {
      let handle: NodeJS.Timeout;
      const arm = (): void => {
        const delayMs = atMs - Date.now();
        handle = delayMs > LONGEST_DELAY_MS ? setTimeout(arm, LONGEST_DELAY_MS) : setTimeout(run, Math.max(0, delayMs));
      };
      arm();
      return () => clearTimeout(handle);
    },
  };
}

/** A clock for tests, standing at `startMs` (epoch ms). It never goes back. */
export function virtualClock(startMs: number): VirtualClock {
  let nowMs = startMs;
  let stopMs = Infinity;
  let timers: { atMs: number; run: () => void }[] = [];

  return {
    now: () => nowMs,
    setTimer(atMs, run) {
      const timer = { atMs, run };
      const after = timers.findIndex((other) => other.atMs > atMs);
      timers.splice(after < 0 ? timers.length : after, 0, timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advanceTo(ms) {
      for (let next = timers[0]; next !== undefined && next.atMs <= ms; next = timers[0]) {
        timers.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = Math.max(nowMs, ms);
    },
    stopAt(ms) {
      stopMs = ms;
    },
    stopsAt: () => stopMs,
  };
}

/** Whether this clock moves only when it is told to. */
export function isVirtual(clock: DurableClock | VirtualClock): clock is VirtualClock {
  return 'advanceTo' in clock;
}
