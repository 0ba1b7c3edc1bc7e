import { type DurableClock, isVirtual, type VirtualClock } from './clock.ts';

/** Who is at work. When nobody is, a virtual clock jumps to what comes next, and `idle` resolves once nothing comes by itself. */
export type Activity = {
  begin: (worker: object) => void;
  end: (worker: object) => void;
  /** Somebody may have come to rest. */
  rested: () => void;
  idle: () => Promise<void>;
  close: () => void;
};

/** The engine as far as it is watched. */
type Watched = { isResting: () => boolean; hasProgress: () => boolean; nextAtMs: () => number | undefined };

/** Watches the engine of the moment, which must run on `clock`, and those who begin and end here. `wakes`: asked before the clock goes on; true where there is something to do again. */
export function createActivity(clock: DurableClock | VirtualClock, engine: () => Watched, wakes: () => boolean): Activity {
  const workers = new Set<object>();
  let waiting: (() => void)[] = [];
  let isScheduled = false;
  let isClosed = false;

  // In a later turn, so that whoever just ended can begin again before the clock jumps.
  function scheduleRest(): void {
    if (isScheduled || isClosed) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      rest();
    });
  }

  function rest(): void {
    if (isClosed || workers.size > 0 || !engine().isResting()) return;
    if (wakes()) return scheduleRest();
    if (engine().hasProgress() && !isStopped()) {
      // Never past a deadline on the way: what it ends may have something to do before the clock goes on.
      if (isVirtual(clock)) {
        clock.advanceTo(engine().nextAtMs() ?? clock.now());
        scheduleRest();
      }
      return;
    }
    resolveWaiting();
  }

  function isStopped(): boolean {
    return isVirtual(clock) && (engine().nextAtMs() ?? 0) > clock.stopsAt();
  }

  function resolveWaiting(): void {
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  }

  return {
    begin(worker) {
      workers.add(worker);
    },
    end(worker) {
      if (workers.delete(worker) && workers.size === 0) scheduleRest();
    },
    rested: scheduleRest,
    idle() {
      if (isClosed) return Promise.resolve();
      scheduleRest();
      return new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      isClosed = true;
      workers.clear();
      resolveWaiting();
    },
  };
}
