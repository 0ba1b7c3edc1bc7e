import type { DurableClock } from './clock.ts';

/**
 * Whether a virtual clock may jump to a timer by itself: `progress` (a wait, a retry, an invocation to repeat) yes;
 * `deadline` (a callback's or an execution's end of patience) no, because somebody outside may still answer first.
 */
export type TimerKind = 'progress' | 'deadline';

/** All timers of the backend, by owner (an execution's ARN) and purpose; a second one for the same purpose replaces the first. */
export type Timers = {
  set(owner: string, purpose: string, kind: TimerKind, atMs: number, run: () => void): void;
  cancel(owner: string, purpose: string): void;
  cancelAll(owner: string): void;
  /** Whether anything goes on without help from outside, of one owner or at all. */
  hasProgress(owner?: string): boolean;
  /** The nearest timer of any kind, epoch ms. */
  nextAtMs(): number | undefined;
  /** Cancels everything; whatever is set from now on never fires. */
  close(): void;
};

type Timer = { kind: TimerKind; atMs: number; cancel: () => void };

/** Makes the table of timers on one clock. */
export function createTimers(clock: DurableClock): Timers {
  const byOwner = new Map<string, Map<string, Timer>>();
  let isClosed = false;

  function cancel(owner: string, purpose: string): void {
    const own = byOwner.get(owner);
    own?.get(purpose)?.cancel();
    own?.delete(purpose);
    if (own?.size === 0) byOwner.delete(owner);
  }

  function cancelAll(owner: string): void {
    for (const purpose of byOwner.get(owner)?.keys() ?? []) cancel(owner, purpose);
  }

  return {
    set(owner, purpose, kind, atMs, run) {
      cancel(owner, purpose);
      if (isClosed) return;
      const own = byOwner.get(owner) ?? new Map<string, Timer>();
      byOwner.set(owner, own);
      const fire = (): void => {
        cancel(owner, purpose);
        run();
      };
      own.set(purpose, { kind, atMs, cancel: clock.setTimer(atMs, fire) });
    },
    cancel,
    cancelAll,
    hasProgress(owner) {
      const tables = owner === undefined ? byOwner.values() : [byOwner.get(owner) ?? new Map<string, Timer>()];
      for (const own of tables) for (const timer of own.values()) if (timer.kind === 'progress') return true;
      return false;
    },
    nextAtMs() {
      let next: number | undefined;
      for (const own of byOwner.values()) {
        for (const { atMs } of own.values()) next = next === undefined ? atMs : Math.min(next, atMs);
      }
      return next;
    },
    close() {
      isClosed = true;
      for (const owner of byOwner.keys()) cancelAll(owner);
    },
  };
}
