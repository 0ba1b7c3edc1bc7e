import { dryRunReason, pausedRefusal } from '../core/decide.ts';
import type { End } from '../core/end.ts';
import { describeTrouble, troubleCode } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, MessageRef, Target } from '../core/request.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { closeRequest, type Closer, recordOf, showOrLog } from './close.ts';
import { examine, type Examined, type Examiner, expiredEnd, koocliLine } from './examine.ts';
import { followUntilOver, overEnd } from './follow.ts';
import type { Moves } from './moves.ts';
import { type KillEnd, killJob, type KillMoves, lookAgain, type Posted, postKill } from './post.ts';

/** `user` said yes, after `tookMs`; or the request ends here. `card` is the message to go on with. */
export type Answer = { answer: 'kill'; card: MessageRef; user: string; tookMs: number } | { answer: 'end'; card?: MessageRef; end: End };

/** Puts a question to people and waits for what they say. */
export type Ask = (request: KillRequest, job: Job, question: Question) => Promise<Answer>;

/** How patient a run is. */
export type Pace = {
  /** From then on nothing is sent, counted from when the request was received. */
  expiresAfterMs: number;
  /** A look counts for so long; after that it is looked and decided anew before the kill. 0 where the run can be interrupted anywhere. */
  lookCountsForMs: number;
  /** A new try of a read after the POST begins within this. */
  lookForMs: number;
  /** Ends every call, whatever it does. */
  signal?: AbortSignal;
  mostPosts: number;
  /** Whether the last POST, too, is given its time where it went unanswered. */
  settles: boolean;
  followIntervalSec: number;
  followTimeoutSec: number;
  /** What a request has come to whose job still lives when it was followed long enough. */
  ifStillAlive: 'still-running' | 'accepted';
};

/** What a run is handed: what differs between a durable execution and a REST call is in here, and nothing of it is asked for again. */
export type Run = Examiner & Closer & {
  mrs: Mrs;
  moves: Moves;
  pace: Pace;
  /** Left out where nobody can be asked. */
  ask?: Ask;
};

const SHOW_FOR_SEC = 60;

/**
 * One request from look to end, whatever asked for it: look → decide → ask? → look, decide again → record → kill → follow →
 * close. Everything with an effect, a time or a chance in it is a move with a constant name, and trouble with MRS is a value.
 */
export async function runRequest(parts: Run, request: KillRequest): Promise<End> {
  const { card, end } = await reachEnd(parts, request);
  await closeRequest(parts, request, end, card);
  return end;
}

type Ended = { end: End; card?: MessageRef | undefined };

async function reachEnd(parts: Run, request: KillRequest): Promise<Ended> {
  let expiresAt = request.receivedAt + parts.pace.expiresAfterMs;
  const first = await parts.moves.step('look', () => examine(parts, request, request.target, expiresAt));
  if (first.go === 'end') return { end: first.end };
  if (request.action === 'notify') return notify(parts, request, first.job);

  let card: MessageRef | undefined;
  let answeredBy: string | undefined;
  if (first.ask) {
    if (parts.ask === undefined) return { end: { outcome: 'refused', rule: 'ask', reason: first.ask.reason, job: first.job } };
    const answer = await parts.ask(request, first.job, first.ask);
    card = answer.card;
    if (answer.answer === 'end') return { end: answer.end, card };
    answeredBy = answer.user;
    expiresAt += answer.tookMs;
  }
  const again = await lookAndDecideAgain(parts, request, first, expiresAt);
  const refusal = refuseUnanswered(first.ask, again);
  if (refusal) return { end: withAnswer(refusal, answeredBy), card };
  const { cluster, job } = again as Subject;
  const dryRun = dryRunReason(parts.policy, request);
  if (dryRun !== undefined) return { end: withAnswer({ outcome: 'would-kill', job, reason: dryRun }, answeredBy), card };
  const killed = await recordAndKill(parts, request, { cluster, job, expiresAt, answeredBy }, card);
  return { end: withAnswer(killed.end, answeredBy), card: killed.card };
}

/** A request that only tells people: the card has a button, whose click is a request of that person. */
async function notify(parts: Run, request: KillRequest, job: Job): Promise<Ended> {
  await showOrLog(parts, 'notify', request, () => ({ stage: 'notify', job }));
  return { end: { outcome: 'notified', job, reason: 'people were told, as the rule wants; nothing was killed' } };
}

type Subject = Extract<Examined, { go: 'on' }>;

/** Whatever lay between, a question or a crash: what is killed is what is decided now. */
async function lookAndDecideAgain(parts: Run, request: KillRequest, first: Subject, expiresAt: number): Promise<Examined> {
  const { lookCountsForMs } = parts.pace;
  if (first.ask === undefined && lookCountsForMs > 0 && parts.clock.now() - first.seenAt <= lookCountsForMs) return first;
  const target: Target = { cluster: first.cluster.name, job: { by: 'mrs-id', id: first.job.job_id } };
  return parts.moves.step('look-again', () => examine(parts, request, target, expiresAt));
}

/** The end that the second look brings, unless the job may be killed on the answer that was given. */
function refuseUnanswered(asked: Question | undefined, again: Examined): End | undefined {
  if (again.go === 'end') return again.end;
  if (again.ask === undefined || again.ask.who === asked?.who || asked?.who === 'approver') return undefined;
  const instead = asked === undefined ? 'nobody was asked' : 'it was the requester who did';
  return { outcome: 'refused', rule: 'ask', reason: `${again.ask.reason}; ${instead}`, job: again.job };
}

function withAnswer(end: End, answeredBy: string | undefined): End {
  return answeredBy === undefined ? end : { ...end, answeredBy };
}

type Doomed = { cluster: Cluster; job: Job; expiresAt: number; answeredBy: string | undefined };

async function recordAndKill(parts: Run, request: KillRequest, doomed: Doomed, card: MessageRef | undefined): Promise<Ended> {
  const { moves } = parts;
  const { cluster, job } = doomed;
  // Its own step: without this on record there is no kill.
  const record = await moves.step('record', async () => ({ ...recordOf(parts, request, doomed.answeredBy), job }));
  await moves.step('audit-before', async () => parts.log.audit('killing', record));
  const ended = await killJob(killMoves(parts, doomed), parts.pace.mostPosts);
  if (ended.end !== 'accepted') return { end: endOfKill(ended, doomed), card };
  // Not before: nothing may come between the decision and the kill, and a message can take its time.
  const { show } = parts;
  const shown = show && (await moves.step('killing', () => show(request, { stage: 'killing', job }, card), SHOW_FOR_SEC).catch(() => undefined));
  const seen = await followUntilOver({ ...parts, ...parts.pace }, cluster, job);
  return { end: overEnd(seen) ?? aliveEnd(parts.pace, seen), card: shown ?? card };
}

/** The moves of killJob, each as a move of the run. */
function killMoves(parts: Run, { cluster, job, expiresAt }: Doomed): KillMoves {
  const { moves, pace, clock } = parts;
  return {
    async post(attempt) {
      const post = async (): Promise<Posted> => {
        if (clock.now() > expiresAt) return { kind: 'expired' };
        const posted = await postKill(parts, cluster, job, pace.signal);
        if (posted.kind === 'trouble') parts.log.warn('the kill was not accepted', { attempt, trouble: posted.trouble });
        return posted;
      };
      const posted = await moves.stepOnce(`kill-${attempt}`, post);
      if (posted === 'interrupted') return { kind: 'trouble', trouble: { service: 'MRS', kind: 'timeout', message: 'the function ended while the kill was being sent' } };
      return posted;
    },
    look: (look) => moves.step(`look-after-kill-${look}`, () => lookAgain(parts.mrs, cluster, job, { retryForMs: pace.lookForMs, signal: pace.signal })),
    async wait(seconds, attempt) {
      if (attempt >= pace.mostPosts && !pace.settles) return false;
      return moves.wait(`before-kill-${attempt + 1}`, seconds);
    },
  };
}

/** The end of a request whose POST was not accepted. */
function endOfKill(ended: Exclude<KillEnd, { end: 'accepted' }>, { cluster, job }: Doomed): End {
  const mayTakeEffect = 'effectUnknown' in ended && ended.effectUnknown ? ({ mayTakeEffect: true } as const) : {};
  const unknown = 'mayTakeEffect' in mayTakeEffect ? '; a kill was sent before and may still take effect' : '';
  switch (ended.end) {
    case 'over':
      return overEnd(ended.job) ?? { outcome: 'finished-first', reason: 'it is over', job: ended.job };
    case 'paused':
      return { outcome: 'refused', rule: 'paused', reason: `${pausedRefusal().reason}${unknown}`, job, ...mayTakeEffect };
    case 'expired':
      return { ...expiredEnd(), reason: `${expiredEnd().reason}${unknown}`, job, ...mayTakeEffect };
    case 'not-found':
      return { outcome: 'not-found', reason: `MRS knows no job ${job.job_id} any more`, job };
    case 'trouble': {
      const reason = `${describeTrouble(ended.trouble)}${unknown}; by hand: ${koocliLine(cluster, job.job_id)}`;
      return { outcome: 'failed', code: troubleCode(ended.trouble), trouble: ended.trouble, reason, job, ...mayTakeEffect };
    }
  }
}

function aliveEnd({ ifStillAlive, followTimeoutSec }: Pace, job: Job): End {
  switch (ifStillAlive) {
    case 'accepted':
      return { outcome: 'accepted', job, reason: 'MRS took the kill; the job ends within seconds, or minutes while its logs are copied' };
    case 'still-running': {
      const reason = `MRS took the kill, but the job was still ${job.job_state} when it was last seen, within ${followTimeoutSec} s; copying its logs can take that long`;
      return { outcome: 'still-running', job, reason };
    }
  }
}
