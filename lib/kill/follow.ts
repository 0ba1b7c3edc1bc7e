import { isOver, type Job, wasKilled } from '../core/job.ts';

const GROWTH = 1.4;
const LONGEST_DELAY_SEC = 30;

/** Seconds until the next look at a dying job: the first one given, then about 1.4 times the last, at most 30; whole seconds. */
export function nextDelaySec(firstSec: number, previousSec: number | undefined): number {
  return previousSec === undefined ? firstSec : Math.min(LONGEST_DELAY_SEC, Math.max(previousSec + 1, Math.round(previousSec * GROWTH)));
}

/** How a job that was told to die has ended; undefined while it has not. */
export function endOf(job: Job): 'killed' | 'finished-first' | undefined {
  if (!isOver(job)) return undefined;
  return wasKilled(job) ? 'killed' : 'finished-first';
}
