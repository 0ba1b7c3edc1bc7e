import { type DurableClock, isVirtual, type VirtualClock } from './clock.ts';
import type { Timers } from './timers.ts';

/** Who is at work. When nobody is, a virtual clock jumps to what comes next, and `idle` resolves once nothing comes by itself. */
export type Activity = {
  begin: (worker: object) => void;
  end: (worker: object) => void;
  idle: () => Promise<void>;
  close: () => void;
};

/** Watches one backend; `timers` must run on `clock`. */
export function createActivity(clock: DurableClock | VirtualClock, timers: Timers): Activity {
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
    if (isClosed || workers.size > 0) return;
    if (timers.hasProgress() && !isStopped()) {
      // Never past a deadline on the way: what it ends may have something to do before the clock goes on.
      if (isVirtual(clock)) {
        clock.advanceTo(timers.nextAtMs() ?? clock.now());
        scheduleRest();
      }
      return;
    }
    resolveWaiting();
  }

  function isStopped(): boolean {
    return isVirtual(clock) && (timers.nextAtMs() ?? 0) > clock.stopsAt();
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
