import type { VirtualClock } from '../local/clock.ts';

/** Who is at work on a clock that moves when nobody is. */
export type Pace = {
  /** No effect on one that rests: it goes on when its time comes. */
  begin: (worker: object) => void;
  end: (worker: object) => void;
  /** Rests until then (epoch ms); the clock jumps there once all others rest, but never past where it stops. */
  until: (worker: object, atMs: number) => Promise<void>;
  /** Does `run` then, unless what it returns was called: nobody rests for it, but the clock does not jump past it. */
  deadline: (atMs: number, run: () => void) => () => void;
  /** Resolves when nobody is at work and nothing comes by itself. */
  idle: () => Promise<void>;
};

/** `worker` rests for it; none: a deadline. */
type Time = { atMs: number; worker?: object };

/** Moves `clock` from one time that somebody rests for to the next. */
export function createPace(clock: VirtualClock): Pace {
  const working = new Set<object>();
  const resting = new Set<Time>();
  const deadlines = new Set<Time>();
  let waiting: (() => void)[] = [];

  // In a later turn, so that whoever just ended can begin again before the clock jumps.
  const restLater = (): void => void setImmediate(rest);
  function rest(): void {
    if (working.size > 0) return;
    const next = Math.min(...[...resting, ...deadlines].map(({ atMs }) => atMs));
    if (resting.size > 0 && next <= clock.stopsAt()) {
      clock.advanceTo(next);
      return restLater();
    }
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  }

  const at = (set: Set<Time>, entry: Time, run: () => void): (() => void) => {
    set.add(entry);
    const cancel = clock.setTimer(entry.atMs, () => {
      set.delete(entry);
      run();
    });
    return () => {
      set.delete(entry);
      cancel();
    };
  };

  return {
    begin(worker) {
      if (![...resting].some((entry) => entry.worker === worker)) working.add(worker);
    },
    end(worker) {
      working.delete(worker);
      restLater();
    },
    until: (worker, atMs) =>
      new Promise((resolve) => {
        if (atMs <= clock.now()) return resolve();
        working.delete(worker);
        at(resting, { atMs, worker }, () => {
          working.add(worker);
          resolve();
        });
        restLater();
      }),
    deadline: (atMs, run) => at(deadlines, { atMs }, run),
    idle: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        restLater();
      }),
  };
}
