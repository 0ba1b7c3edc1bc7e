import { withGlobal } from '@sinonjs/fake-timers';

/**
 * The time of one simulation. While it is held, the timers, the date and the chance of this process are its own: what the SDK
 * and middy set goes off here, in its order, and nothing on the wall is waited for.
 */
export type HeldTime = {
  /** Epoch ms. */
  now: () => number;
  /** Runs `run` at that moment, at once where it is over; returns what cancels it. */
  at: (atMs: number, run: () => void) => () => void;
  after: (delayMs: number, run: () => void) => void;
  /** Lets the time go on, one timer after the other, up to `untilMs` or until nothing is to come. Rejects after `mostTurns`. */
  run: (untilMs: number, mostTurns: number) => Promise<void>;
  /** Gives timers, date and chance back. */
  giveBack: () => void;
};

const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date'] as const;

/** Holds the time of this process from `startMs` on. Two cannot be held at once. */
export function holdTime(startMs: number, random: () => number): HeldTime {
  const clock = withGlobal(globalThis).install({ now: startMs, toFake: [...FAKED] });
  const realRandom = Math.random;
  const realTimeout = AbortSignal.timeout.bind(AbortSignal);
  Math.random = random;
  // Node's own runs on the wall.
  AbortSignal.timeout = (delayMs) => {
    const controller = new AbortController();
    clock.setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delayMs);
    return controller.signal;
  };

  const at: HeldTime['at'] = (atMs, run) => {
    const timer = clock.setTimeout(run, Math.max(0, atMs - clock.now));
    return () => clock.clearTimeout(timer);
  };

  return {
    now: () => clock.now,
    at,
    after: (delayMs, run) => void at(clock.now + delayMs, run),
    async run(untilMs, mostTurns) {
      let isOver = false;
      at(untilMs, () => (isOver = true));
      for (let turns = 0; !isOver; turns++) {
        if (turns >= mostTurns) throw new Error(`still busy after ${mostTurns} turns`);
        // Ticks come when no promise has anything to go on with: by then everything that could go on without the time going on has gone on.
        // A real turn of the loop would show the same, and takes a third longer.
        await new Promise<void>((resolve) => process.nextTick(resolve));
        clock.next();
      }
    },
    giveBack() {
      clock.uninstall();
      Math.random = realRandom;
      AbortSignal.timeout = realTimeout;
    },
  };
}
