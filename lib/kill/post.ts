import { type Trouble, type TroubleKind, UpstreamFailed } from '../core/errors.ts';
import { isOver, type Job } from '../core/job.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Cluster } from '../mrs/cluster.ts';

/** What became of one POST. */
export type Posted =
  | { kind: 'accepted' }
  /** The off switch was on when it was about to be sent: it was not. */
  | { kind: 'paused' }
  /** The request had become too old by then: it was not sent. */
  | { kind: 'expired' }
  | { kind: 'trouble'; trouble: Trouble };

/** What a look at the job said. */
export type Seen = { kind: 'job'; job: Job } | { kind: 'not-found' } | { kind: 'trouble'; trouble: Trouble };

/** The outside of a kill. None of these throws for trouble with MRS. */
export type KillMoves = {
  /** Reads the off switch, then POSTs once. `attempt` counts from 1. */
  post(attempt: number): Promise<Posted>;
  /** `look` counts from 1. */
  look(look: number): Promise<Seen>;
  /** False, without waiting, where so much time is not left. */
  wait(seconds: number, attempt: number): Promise<boolean>;
};

/** `effectUnknown`: a POST went unanswered and may still work. */
export type KillEnd =
  | { end: 'accepted' }
  /** The off switch or the request's age kept the next POST back. */
  | { end: 'paused' | 'expired'; effectUnknown: boolean }
  /** Seen over after a POST that was not accepted; nothing more was sent. */
  | { end: 'over'; job: Job }
  | { end: 'not-found' }
  /** MRS refused, did not answer, or could not be read. */
  | { end: 'trouble'; trouble: Trouble; effectUnknown: boolean };

/** At most so many POSTs a request. */
export const MOST_POSTS = 3;
const SETTLE_SEC = 10;

/**
 * Kills one job: POST; unless accepted, look at the job, and only if it is alive and the trouble may pass, wait, look again
 * and POST again. Never a POST after the job was seen over or could not be seen, never within 10 s of an unanswered one.
 */
export async function killJob(moves: KillMoves, mostPosts: number): Promise<KillEnd> {
  let looks = 0;
  let effectUnknown = false;
  let lastAttempt = mostPosts;

  /** An end, unless the job is seen alive. */
  async function endUnlessAlive(): Promise<KillEnd | 'alive'> {
    const seen = await moves.look(++looks);
    switch (seen.kind) {
      case 'job':
        return isOver(seen.job) ? { end: 'over', job: seen.job } : 'alive';
      case 'not-found':
        return { end: 'not-found' };
      case 'trouble':
        return { end: 'trouble', trouble: seen.trouble, effectUnknown };
    }
  }

  for (let attempt = 1; ; attempt++) {
    const posted = await moves.post(attempt);
    if (posted.kind === 'accepted') return { end: 'accepted' };
    if (posted.kind !== 'trouble') return { end: posted.kind, effectUnknown };
    const { trouble } = posted;
    effectUnknown ||= isUnanswered(trouble);
    // 0160, 0175, 0200: MRS's own advice is to try once more, whatever that try meets.
    if (trouble.kind === 'kill-refused') lastAttempt = Math.min(lastAttempt, attempt + 1);
    const failed: KillEnd = { end: 'trouble', trouble, effectUnknown };

    const now = await endUnlessAlive();
    // What MRS said of the kill tells more than that the job cannot be read either.
    if (now !== 'alive') return now.end === 'trouble' ? failed : now;
    const delaySec = attempt < lastAttempt ? secondsBeforeRepeat(trouble, attempt) : undefined;
    // After the last POST too an unanswered one is given its time: the job tells better than "unknown".
    const settleSec = delaySec ?? (isUnanswered(trouble) ? SETTLE_SEC : undefined);
    if (settleSec === undefined || !(await moves.wait(settleSec, attempt))) return failed;
    const later = await endUnlessAlive();
    if (later !== 'alive') return later.end === 'trouble' ? failed : later;
    if (delaySec === undefined) return failed;
  }
}

/** The POST went out and MRS itself gave no answer, so it may have its effect all the same: also at 502 and 504 of the gateway. */
function isUnanswered({ service, kind, status }: Trouble): boolean {
  if (service !== 'MRS') return false; // without a token nothing was sent
  return kind === 'timeout' || kind === 'unreachable' || (kind === 'unavailable' && (status === 502 || status === 504));
}

/** How long to wait before the POST may be repeated; undefined where MRS's answer ends it. */
function secondsBeforeRepeat(trouble: Trouble, attempt: number): number | undefined {
  if (isUnanswered(trouble)) return Math.max(SETTLE_SEC, trouble.retryAfterSec ?? 0);
  const delaySec = trouble.retryAfterSec ?? 2 * attempt;
  const kind: TroubleKind = trouble.kind;
  switch (kind) {
    case 'throttled':
    case 'busy':
    case 'unavailable':
    case 'unreachable':
    case 'timeout':
    case 'kill-refused':
      return delaySec;
    case 'unauthorized': // the token died early; the next attempt has a new one
      return attempt === 1 && trouble.service === 'MRS' ? (trouble.retryAfterSec ?? 0) : undefined;
    case 'forbidden':
    case 'not-found':
    case 'rejected':
      return undefined;
  }
}

/** Reads one job that was found before; trouble is a value. */
export async function lookAgain(mrs: Mrs, cluster: Cluster, job: Job, budget: CallBudget): Promise<Seen> {
  try {
    return { kind: 'job', job: await mrs.job(cluster, job.job_id, budget) };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return error.trouble.kind === 'not-found' ? { kind: 'not-found' } : { kind: 'trouble', trouble: error.trouble };
  }
}

/** Sends one POST, unless the off switch is on by then; trouble is a value. */
export async function postKill(
  { mrs, readPaused }: { mrs: Mrs; readPaused: () => boolean | Promise<boolean> },
  cluster: Cluster,
  job: Job,
  signal?: AbortSignal,
): Promise<Posted> {
  try {
    // Read when a token is at hand: fetching one can take long enough for the switch to be turned.
    const wasSent = await mrs.kill(cluster, job.job_id, signal, async () => !(await readPaused()));
    return { kind: wasSent ? 'accepted' : 'paused' };
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { kind: 'trouble', trouble: error.trouble };
  }
}
