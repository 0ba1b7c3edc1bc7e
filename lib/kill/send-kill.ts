import type { Brake } from '../core/decide.ts';
import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import type { End } from '../core/end.ts';
import { isOver, type Job } from '../core/job.ts';
import type { Clock } from '../core/time.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { lookAgain, type Posted } from './post.ts';

/** What sending one POST needs. */
export type Sender = {
  mrs: Mrs;
  /** The brakes, read now. */
  readBrake: () => Promise<Brake | undefined>;
  clock: Clock;
  /** Takes the place in the hour again; the end where there is none. */
  retakePlace: () => Promise<End | undefined>;
  lookForMs: number;
  signal?: AbortSignal | undefined;
  /** Epoch ms: what was read before is not believed. Where the store can be older than the world, since this process began. */
  bornAt?: number | undefined;
};

/** What is to be killed. Epoch ms: when its state was last asked for, when its place in the hour was taken, and from when nothing is sent any more. */
export type Doomed = { cluster: Cluster; job: Job; seenAt: number; placedAt: number; expiresAt: number };

/** Neither the job's state nor the brakes may have been asked for longer ago than this when the POST leaves, nor the place been taken. */
const FRESH_FOR_MS = 10_000;

/**
 * Sends one POST. Directly before it leaves: the job's state and the place in the hour, each where that was more than 10 s
 * ago, or before this process began, then the brakes, as the last read; where that took too long, all once more. Trouble is a value.
 */
export async function sendKill(parts: Sender, { cluster, job, seenAt, placedAt, expiresAt }: Doomed): Promise<Posted> {
  const { mrs, readBrake, retakePlace, clock, lookForMs, signal, bornAt = -Infinity } = parts;
  let askedAt = seenAt < bornAt ? -Infinity : seenAt;
  let takenAt = placedAt;
  for (;;) {
    if (clock.now() > expiresAt) return { kind: 'expired' };
    if (clock.now() - askedAt > FRESH_FOR_MS) {
      askedAt = clock.now();
      const seen = await lookAgain(mrs, cluster, job, { retryForMs: lookForMs, signal });
      if (seen.kind === 'trouble') return { kind: 'unready', code: seen.trouble.errorCode ?? seen.trouble.kind, reason: `the job could not be read before the kill: ${describeTrouble(seen.trouble)}` };
      if (seen.kind === 'not-found') return { kind: 'unready', code: 'not-found', reason: 'MRS does not know this job any more' };
      if (isOver(seen.job)) return { kind: 'over', job: seen.job };
    }
    // Between one POST and the next lie minutes: each counts in the hour in which it leaves.
    if (clock.now() - takenAt > FRESH_FOR_MS) {
      takenAt = clock.now();
      const refusal = await retakePlace();
      if (refusal) return { kind: 'refused', refusal };
    }
    let kept: Brake | 'stale' | 'expired' | undefined;
    // Asked when a token is at hand: fetching one can take long enough for the switch to be turned.
    const isWanted = async (): Promise<boolean> => {
      const brakeAskedAt = clock.now();
      kept = await readBrake();
      if (kept !== undefined) return false;
      if (clock.now() > expiresAt) kept = 'expired';
      else if (clock.now() - Math.min(brakeAskedAt, askedAt) > FRESH_FOR_MS) kept = 'stale';
      return kept === undefined;
    };
    try {
      if (await mrs.kill(cluster, job.job_id, signal, isWanted)) return { kind: 'accepted' };
    } catch (error) {
      if (!(error instanceof UpstreamFailed)) throw error;
      return { kind: 'trouble', trouble: error.trouble };
    }
    if (kept === 'expired') return { kind: 'expired' };
    if (kept !== undefined && kept !== 'stale') return { kind: 'braked', brake: kept };
    askedAt = -Infinity; // both are read again, the brakes last
  }
}
