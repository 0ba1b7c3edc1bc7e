import type { Brake } from '../core/decide.ts';
import type { End } from '../core/end.ts';
import { type Trouble, type TroubleKind, UpstreamFailed } from '../core/errors.ts';
import { isOver, type Job } from '../core/job.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { type KnownPost, lastPost, mayHaveWorked } from './remember.ts';

/** What became of one POST. All but the first two were not sent. */
export type Posted =
  | { kind: 'accepted' }
  | { kind: 'trouble'; trouble: Trouble }
  /** A brake was on when it was about to be sent. */
  | { kind: 'braked'; brake: Brake }
  /** The request had become too old by then. */
  | { kind: 'expired' }
  /** The job was seen over by then. */
  | { kind: 'over'; job: Job }
  /** Its place in the hour was gone by then. */
  | { kind: 'refused'; refusal: End }
  /** It could not be put on record, or the job could not be read, before it. */
  | { kind: 'unready'; code: string; reason: string };

/** What a look at the job said. */
export type Seen = { kind: 'job'; job: Job } | { kind: 'not-found' } | { kind: 'trouble'; trouble: Trouble };

/** The outside of a kill. None of these throws for trouble with MRS. */
export type KillMoves = {
  /** Puts it on record, reads job and brakes, then POSTs once. `post` counts from 1 over all starts of the request. */
  post(post: number): Promise<Posted>;
  /** `look` counts from 1. */
  look(look: number): Promise<Seen>;
  /** False, without waiting, where so much time is not left. */
  wait(seconds: number, post: number): Promise<boolean>;
};

/** `effectUnknown`: a POST went unanswered and may still work. */
export type KillEnd =
  | { end: 'accepted' }
  /** All POSTs are spent and none was answered: the job tells the rest. */
  | { end: 'unanswered'; trouble: Trouble }
  /** A brake kept the next POST back, or the request's age did. */
  | { end: 'braked'; brake: Brake; effectUnknown: boolean }
  | { end: 'expired'; effectUnknown: boolean }
  | { end: 'unready'; code: string; reason: string; effectUnknown: boolean }
  /** Seen over before a POST; nothing more was sent. */
  | { end: 'over'; job: Job }
  | { end: 'refused'; refusal: End; effectUnknown: boolean }
  | { end: 'not-found' }
  /** MRS refused, or could not be read. */
  | { end: 'trouble'; trouble: Trouble; effectUnknown: boolean };

/** `mostPosts`: at most so many that were accepted or got no answer; 1: one POST, whatever becomes of it. `known`: those of earlier starts. */
export type KillOptions = { mostPosts: number; known?: readonly KnownPost[] };

/** At most so many POSTs a request that were accepted or got no answer. */
export const MOST_POSTS = 3;
const SETTLE_SEC = 10;
const LOST: Trouble = { service: 'MRS', kind: 'timeout', message: 'the run that sent the kill broke off before its answer' };

/**
 * Kills one job: POST; unless accepted, look at the job, and only if it is alive and the trouble may pass, wait, look again and
 * POST again. Never a POST after the job was seen over or could not be seen, never within 10 s of an unanswered one. What was
 * refused for now had no effect and may be sent again for as long as `wait` allows.
 */
export async function killJob(moves: KillMoves, { mostPosts, known = [] }: KillOptions): Promise<KillEnd> {
  let looks = 0;
  let refusals = 0;
  let spent = known.filter(mayHaveWorked).length;
  let effectUnknown = known.some(({ answer }) => answer === undefined || answer === 'unanswered');
  let isLastTry = false;

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

  let post = lastPost(known);
  // A POST of an earlier start without an answer on record: its 10 s count from now.
  if (effectUnknown) {
    if (!(await moves.wait(SETTLE_SEC, post))) return { end: 'trouble', trouble: LOST, effectUnknown };
    const seen = await endUnlessAlive();
    if (seen !== 'alive') return seen;
    if (spent >= mostPosts) return { end: 'unanswered', trouble: LOST };
  }
  for (;;) {
    const posted = await moves.post(++post);
    if (posted.kind === 'accepted') return { end: 'accepted' };
    if (posted.kind === 'refused') return { end: 'refused', refusal: posted.refusal, effectUnknown };
    if (posted.kind === 'over') return { end: 'over', job: posted.job };
    if (posted.kind === 'unready') return { end: 'unready', code: posted.code, reason: posted.reason, effectUnknown };
    if (posted.kind === 'braked') return { end: 'braked', brake: posted.brake, effectUnknown };
    if (posted.kind === 'expired') return { end: 'expired', effectUnknown };
    const { trouble } = posted;
    const isOpen = isUnanswered(trouble);
    if (isOpen) spent++;
    effectUnknown ||= isOpen;
    const failed: KillEnd = { end: 'trouble', trouble, effectUnknown };

    const now = await endUnlessAlive();
    // What MRS said of the kill tells more than that the job cannot be read either.
    if (now !== 'alive') return now.end === 'trouble' ? failed : now;
    const isSpent = isLastTry || spent >= mostPosts || mostPosts === 1;
    const delaySec = isSpent ? undefined : secondsBeforeRepeat(trouble, ++refusals);
    // 0160, 0175, 0200: MRS's own advice is to try once more, whatever that try meets.
    if (trouble.kind === 'kill-refused') isLastTry = true;
    // After the last POST too an unanswered one is given its time: the job tells better than "unknown".
    const settleSec = delaySec ?? (isOpen ? SETTLE_SEC : undefined);
    if (settleSec === undefined || !(await moves.wait(settleSec, post))) return failed;
    const later = await endUnlessAlive();
    if (later !== 'alive') return later.end === 'trouble' ? failed : later;
    if (delaySec === undefined) return { end: 'unanswered', trouble };
  }
}

/** The POST went out and MRS itself gave no answer, so it may have its effect all the same: also at 502 and 504 of the gateway. */
export function isUnanswered({ service, kind, status }: Trouble): boolean {
  if (service !== 'MRS') return false; // without a token nothing was sent
  return kind === 'timeout' || kind === 'unreachable' || (kind === 'unavailable' && (status === 502 || status === 504));
}

/** How long to wait before the POST may be repeated; undefined where MRS's answer ends it. `refusals` counts from 1. */
function secondsBeforeRepeat(trouble: Trouble, refusals: number): number | undefined {
  if (isUnanswered(trouble)) return Math.max(SETTLE_SEC, trouble.retryAfterSec ?? 0);
  // Never sooner than we would by ourselves: MRS may say 0 each time.
  const delaySec = Math.max(trouble.retryAfterSec ?? 0, 2 ** refusals);
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
      return refusals === 1 && trouble.service === 'MRS' ? (trouble.retryAfterSec ?? 0) : undefined;
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
