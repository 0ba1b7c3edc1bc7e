import type { Store } from '../store/store.ts';

/** Epoch ms. `setTimer` runs `run` once at `atMs` (at once if that is over) and returns what cancels it. */
export type EngineClock = { now: () => number; setTimer: (atMs: number, run: () => void) => () => void };

/**
 * `progress`: what goes on by itself, a wait, a retry, an invocation to repeat. `deadline`: the end of somebody's patience, a callback's
 * or an execution's, which an answer from outside may forestall.
 */
export type TimerKind = 'progress' | 'deadline';

export type Timer = { execution: string; purpose: string };

/** The timers of all executions, in the store; the clock has one alarm for the nearest. */
export type Timers = ReturnType<typeof openTimers>;

const TABLE = `
CREATE TABLE IF NOT EXISTS timers (execution TEXT NOT NULL, purpose TEXT NOT NULL, kind TEXT NOT NULL, atMs INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS timers_of ON timers (execution, purpose);
CREATE INDEX IF NOT EXISTS timers_due ON timers (atMs);
CREATE INDEX IF NOT EXISTS timers_progress ON timers (execution) WHERE kind = 'progress';`;

const MOST_AT_ONCE = 500;
/** The store did not take what was due: a full disk gets room by and by. */
const AGAIN_AFTER_MS = 1_000;

/** Opens the table, made where it is missing. `fire` is called within a write, for each timer that is due, when it stands no more;
 * `onUnreadable` instead where what is on record of its execution is no JSON: the others go on. */
export function openTimers(store: Store, clock: EngineClock, fire: (timer: Timer) => void, onUnreadable: (execution: string, error: SyntaxError) => void, onTrouble: (error: unknown) => void) {
  const { database } = store;
  database.exec(TABLE);
  const statements = {
    set: database.prepare(`INSERT INTO timers VALUES (:execution, :purpose, :kind, :atMs)
      ON CONFLICT (execution, purpose) DO UPDATE SET kind = excluded.kind, atMs = excluded.atMs`),
    cancel: database.prepare('DELETE FROM timers WHERE execution = ? AND purpose = ?'),
    cancelAll: database.prepare('DELETE FROM timers WHERE execution = ?'),
    cancelAllBut: database.prepare('DELETE FROM timers WHERE execution = ? AND purpose <> ?'),
    due: database.prepare(`SELECT rowid, execution, purpose FROM timers WHERE atMs <= ? ORDER BY atMs, rowid LIMIT ${MOST_AT_ONCE}`),
    stands: database.prepare('DELETE FROM timers WHERE rowid = ? RETURNING rowid'),
    next: database.prepare('SELECT min(atMs) AS atMs FROM timers'),
    progress: database.prepare("SELECT 1 FROM timers WHERE kind = 'progress' LIMIT 1"),
    progressOf: database.prepare("SELECT 1 FROM timers WHERE execution = ? AND kind = 'progress' LIMIT 1"),
    nextOf: database.prepare('SELECT purpose, atMs FROM timers WHERE execution = ? AND purpose <> ? ORDER BY atMs LIMIT 1'),
  };
  let alarm: { atMs: number; cancel: () => void } | undefined;
  let isClosed = false;

  const nextAtMs = (): number | undefined => {
    const atMs = statements.next.get()?.['atMs'];
    return typeof atMs === 'number' ? atMs : undefined;
  };

  function armFor(atMs: number): void {
    if (isClosed || (alarm !== undefined && alarm.atMs <= atMs)) return;
    alarm?.cancel();
    alarm = { atMs, cancel: clock.setTimer(atMs, ring) };
  }

  function arm(): void {
    const atMs = isClosed ? undefined : nextAtMs();
    if (atMs !== undefined) armFor(atMs);
  }

  function ring(): void {
    alarm = undefined;
    if (isClosed) return;
    try {
      store.writeNow(fireDue).written.catch(failed);
      arm();
    } catch (error) {
      failed(error);
    }
  }

  function failed(error: unknown): void {
    onTrouble(error);
    armFor(clock.now() + AGAIN_AFTER_MS);
  }

  function fireDue(): void {
    for (const { rowid, execution, purpose } of statements.due.all(clock.now())) {
      // What fired before it may have cancelled it.
      if (statements.stands.get(rowid ?? null) === undefined) continue;
      const timer: Timer = { execution: String(execution), purpose: String(purpose) };
      try {
        fire(timer);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        onUnreadable(timer.execution, error);
      }
    }
  }

  return {
    set(execution: string, purpose: string, kind: TimerKind, atMs: number): void {
      statements.set.run({ execution, purpose, kind, atMs });
      armFor(atMs);
    },
    cancel: (execution: string, purpose: string): void => void statements.cancel.run(execution, purpose),
    /** All of an execution, but the one for `except`. */
    cancelAll: (execution: string, except?: string): void => void (except === undefined ? statements.cancelAll.run(execution) : statements.cancelAllBut.run(execution, except)),
    /** Whether anything goes on without help from outside, of one execution or at all. */
    hasProgress: (execution?: string): boolean => (execution === undefined ? statements.progress.get() : statements.progressOf.get(execution)) !== undefined,
    /** The nearest of any kind. */
    nextAtMs,
    /** The nearest of one execution, but the one for `except`. */
    nextOf(execution: string, except: string): { purpose: string; atMs: number } | undefined {
      const row = statements.nextOf.get(execution, except);
      return row && { purpose: String(row['purpose']), atMs: Number(row['atMs']) };
    },
    /** Sets the alarm for the nearest; what is over already fires soon. */
    arm,
    /** Nothing fires any more. */
    close(): void {
      isClosed = true;
      alarm?.cancel();
    },
  };
}
