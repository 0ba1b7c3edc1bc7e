import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../lib/core/time.ts';
import { orRevoked } from '../engine/invocation.ts';
import { addJump, type Jump, skippedBetween } from './jumps.ts';
import { createTimers } from './timers.ts';

/**
 * What the store remembers of the time: the latest moment (epoch ms) that it has seen, what the monotonic clock said then, and where
 * the time jumped.
 */
export type Seen = { latest: number; monotonic: number; jumps: readonly Jump[] };

export type HomeClock = Required<Clock> & {
  /** Runs `run` once at `atMs` by this clock, at once where that is over; returns what cancels it. Soon after a jump over it, too. */
  setTimer: (atMs: number, run: () => void) => () => void;
  /** Until when (epoch ms) nothing is tidied: a day from where the time jumped, or may have. */
  quietUntil: () => number;
  /** What the store has to remember from now on. */
  seen: () => Seen;
  /** Looks at the clocks no more. */
  stop: () => void;
};

export type HomeClockOptions = {
  /** Epoch ms by the machine's own clock. */
  wall: () => number;
  /** Ms since some moment; since the machine started (`process.hrtime`), where a jump is to be seen that happened between two processes. */
  monotonic: () => number;
  random: () => number;
  /** What the store remembers; undefined where it is new. */
  seen?: Seen | undefined;
  /** Told at once where the time jumped, and every ten seconds. Must not throw. */
  remember?: (seen: Seen) => void;
  /** Told once when the wall clock is seen to be wrong, and when it no longer is. `byMs`: how far it is behind, or how far it jumped. */
  onState?: (state: ReturnType<HomeClock['state']>, byMs: number) => void;
};

/** More is no drift, and no correction of one. */
const MOST_DRIFT_MS = 60_000;
const LOOK_EVERY_MS = 2_000;
const REMEMBER_EVERY_MS = 10_000;
const QUIET_MS = 86_400_000;
/** While the wall clock is behind, a thousandth slower, so that it catches up some time. */
const CATCHING_UP = 0.999;

/**
 * The time of a process that outlives its clock's mistakes. `now` never runs backwards, nor behind what the store has seen: where the
 * wall clock falls back, it goes on by the monotonic one. Where the wall clock is set forward, `now` follows, and remembers what it
 * jumped over: nothing is killed because of that.
 */
export function createHomeClock({ wall, monotonic, random, seen, remember, onState }: HomeClockOptions): HomeClock {
  let [nowMs, monotonicMs] = [seen?.latest ?? wall(), monotonic()];
  let jumps: readonly Jump[] = seen?.jumps ?? [];
  let quietUntil = Math.max(0, ...jumps.map(({ to }) => to + QUIET_MS));
  let told: ReturnType<HomeClock['state']>;
  let rememberedAt = monotonicMs;
  const timers = createTimers(() => now());

  const seenNow = (): Seen => ({ latest: Math.ceil(nowMs), monotonic: monotonicMs, jumps });

  /** Where `ran` (ms) is all that can have gone by since the last look; undefined where that is not known. */
  function goTo(wallMs: number, ran: number | undefined): void {
    const before = nowMs;
    const goneBy = ran ?? 0;
    nowMs = Math.max(wallMs, before + (wallMs < before + goneBy ? goneBy * CATCHING_UP : goneBy));
    if (ran === undefined) {
      // The process may have been away, or the clock set meanwhile: who was away so long has time to tidy.
      if (nowMs - before > QUIET_MS) quietUntil = nowMs + QUIET_MS;
      return;
    }
    if (nowMs - (before + ran) <= MOST_DRIFT_MS) return;
    jumps = addJump(jumps, { from: Math.floor(before + ran), to: nowMs });
    quietUntil = nowMs + QUIET_MS;
    told = 'jumped';
    onState?.('jumped', nowMs - (before + ran));
    tell();
    timers.check();
  }

  function tell(): void {
    rememberedAt = monotonicMs;
    remember?.(seenNow());
  }

  function now(): number {
    const before = monotonicMs;
    monotonicMs = monotonic();
    goTo(wall(), monotonicMs - before);
    return Math.floor(nowMs);
  }

  function state(): ReturnType<HomeClock['state']> {
    now();
    if (nowMs - wall() > MOST_DRIFT_MS) return 'behind';
    const [last] = jumps.slice(-1);
    return last !== undefined && nowMs < last.to + QUIET_MS ? 'jumped' : undefined;
  }

  function look(): void {
    const is = state();
    if (is !== told) onState?.(is, is === 'behind' ? nowMs - wall() : 0);
    told = is;
    timers.check();
    if (monotonicMs - rememberedAt >= REMEMBER_EVERY_MS) tell();
  }

  if (seen) goTo(wall(), ranSince(seen, monotonicMs, wall()));
  look();
  const looking = setInterval(look, LOOK_EVERY_MS);
  looking.unref(); // what is waited for keeps the process alive, and not the looking
  return {
    now,
    wall,
    random,
    sleep(ms, given) {
      const signal = orRevoked(given);
      return pause(ms, undefined, signal ? { signal } : {});
    },
    state,
    skippedMs: (since, until) => skippedBetween(jumps, since, until),
    setTimer: timers.set,
    quietUntil: () => quietUntil,
    seen: seenNow,
    stop: () => clearInterval(looking),
  };
}

/**
 * How long (ms) the machine ran since then; undefined where the monotonic clock may be of another run of it, or of another machine: it
 * stands lower than then, or more went by on it than on the wall clock. That one may have been set back as well: what was seen holds.
 */
function ranSince({ latest, monotonic }: Seen, monotonicMs: number, wallMs: number): number | undefined {
  const ran = monotonicMs - monotonic;
  return ran < 0 || latest + ran > wallMs + MOST_DRIFT_MS ? undefined : ran;
}
