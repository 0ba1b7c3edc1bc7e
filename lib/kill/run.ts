import { declinedEnd, type End } from '../core/end.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import type { Card } from '../ledger/keys.ts';
import { closeRequest, noLedgerEnd } from './close.ts';
import { examine, type Examined } from './examine.ts';
import { withUnknownEffect } from './end-of-kill.ts';
import { endOfOver } from './follow.ts';
import { type Ended, killAndFollow } from './kill-and-follow.ts';
import { holdJob, settleNo } from './no.ts';
import { notify, POST_FOR_MS } from './notify.ts';
import { goOnFromWarning, lastCard, readWarningCards, releaseWarning } from './open-warning.ts';
import type { Run } from './parts.ts';
import { eachOnce } from './show-view.ts';
import { endKnown, type Known, mayHaveWorked, takeOver, targetOf } from './remember.ts';

/** How long the first move is tried: whenever the request was received, it is put on record, or said that it could not be. */
const BEGIN_FOR_SEC = 30 * 60;

/**
 * One request from look to end, whatever asked for it: take over → look → decide → ask? → look, decide again → record → kill →
 * follow → close. Everything with an effect, a time or a chance in it is a move with a constant name; trouble with MRS and with
 * the ledger is a value.
 */
export async function runRequest(parts: Run, request: KillRequest): Promise<End> {
  const known = await begin(parts, request);
  if ('outcome' in known) return closeRequest(parts, request, { id: parts.id, since: request.receivedAt, began: request.receivedAt, cards: [] }, known);
  const warningCards = request.warning ? await readWarningCards(parts, request, 'warning-cards') : [];
  const { card, end, leftovers, isHeld = false } = await reachEnd(parts, request, known, warningCards);
  const cards = eachOnce(card ? [card] : [], known.cards, warningCards);
  const settle = async (stands: End): Promise<void> => {
    await settleNo(parts, request, stands, { isHeld, isSeen: card !== undefined });
    if (request.warning) await releaseWarning(parts, request, stands.job?.job_id ?? known.job?.job_id ?? mrsIdOf(request));
  };
  return closeRequest({ ...parts, settle }, request, { ...known, id: parts.id, cards, seen: known.job, leftovers }, end);
}

/** What the ledger knows of this request: the run goes on from there. What begins with one call, as REST does, is known to be new. */
async function begin(parts: Run, request: KillRequest): Promise<Known | End> {
  if (!parts.pace.takesOver) return { since: request.receivedAt, began: request.receivedAt, posts: [], cards: [], choices: [] };
  return parts.moves.step('begin', () => takeOver(parts, request), BEGIN_FOR_SEC).catch(noLedgerEnd);
}

async function reachEnd(parts: Run, request: KillRequest, known: Known, warningCards: readonly Card[]): Promise<Ended> {
  const card = known.cards[0] ?? lastCard(warningCards);
  const ended = endKnown(known);
  if (ended) return { end: ended, card };
  // A no on record is the end of its start, whatever else fails.
  if (known.answer?.what === 'no') return { end: declinedEnd(known.answer.by), card };
  const isAsked = known.asked !== undefined && known.answer === undefined;
  const isTold = request.action === 'notify';
  const sentBefore = known.posts.some(mayHaveWorked);
  const target = targetOf(request, known);
  const expiresAt = request.receivedAt + parts.pace.expiresAfterMs + askedMs(known);

  const first = await parts.moves.step('look', () => examine(parts, request, target, known.posts.length > 0 || isAsked || (isTold && known.cards.length > 0) ? Infinity : expiresAt));
  if (first.go === 'end') return { end: afterKill(first.end, sentBefore), card };
  const lost = request.warning && (await goOnFromWarning(parts, request, first.job, warningCards));
  if (lost) return { end: lost, card };
  if (known.posts.some(({ answer }) => answer === 'accepted')) return killAndFollow(parts, request, { ...first, expiresAt, known, answeredBy: known.answer?.by }, card);
  const question = isAsked ? { who: known.asked?.who ?? 'requester', reason: known.asked?.why ?? 'ask: it was asked before' } as const : first.ask;
  const isHeld = isTold || (question !== undefined && known.answer === undefined && !isConfirmed(request, question));
  const held = isHeld ? await holdJob(parts, request, first.job, isTold ? POST_FOR_MS : parts.pace.holdsForMs) : undefined;
  if (held) return { end: held, card };
  if (isTold) return { ...(await notify(parts, request, { ...first, began: known.began })), isHeld };
  return { ...(await askAndKill(parts, request, known, { first, question, expiresAt, card })), isHeld };
}

/** What a job that was found comes to: asked about where somebody has to agree, looked at again, killed. */
async function askAndKill(parts: Run, request: KillRequest, known: Known, { first, question, expiresAt: until, card }: { first: Subject; question: Question | undefined; expiresAt: number; card: MessageRef | undefined }): Promise<Ended> {
  const sentBefore = known.posts.some(mayHaveWorked);
  let expiresAt = until;
  let answeredBy = known.answer?.what === 'yes' ? known.answer.by : undefined;
  let asked = answeredBy === undefined ? undefined : (known.asked?.who ?? 'requester');
  let shown = card;
  if (question && asked === undefined && !isConfirmed(request, question)) {
    if (parts.ask === undefined) return { end: { outcome: 'refused', rule: 'ask', reason: question.reason, job: first.job } };
    const answer = await parts.ask(request, first.job, question, known);
    shown = answer.card ?? card;
    if (answer.answer === 'end') return { end: answer.end, card: shown };
    answeredBy = answer.user;
    asked = question.who;
    expiresAt += answer.tookMs;
  }
  if (asked === undefined && request.confirmedBy !== undefined) [asked, answeredBy] = ['requester', request.confirmedBy];
  const again = await lookAndDecideAgain(parts, request, first, { asked, expiresAt });
  const refusal = refuseUnanswered(asked, again);
  if (refusal) return { end: withAnswer(afterKill(refusal, sentBefore), answeredBy), card: shown };
  const subject = again as Subject;
  if (subject.dryRun !== undefined) return { end: withAnswer({ outcome: 'would-kill', job: subject.job, reason: subject.dryRun }, answeredBy), card: shown };
  const killed = await killAndFollow(parts, request, { ...subject, expiresAt, known, answeredBy }, shown);
  return { ...killed, end: withAnswer(killed.end, answeredBy) };
}

function mrsIdOf({ target: { job } }: KillRequest): string | undefined {
  return job.by === 'mrs-id' ? job.id : undefined;
}

/** The time that a question took, as far as it stands in the ledger, comes on top of the 15 minutes. */
function askedMs({ asked, answer }: Known): number {
  return asked === undefined ? 0 : Math.max(0, (answer?.at ?? asked.until) - asked.at);
}

/** A job that is found over after a POST of an earlier start ended by it, or by itself; one that is not may still end by it. */
function afterKill(end: End, sentBefore: boolean): End {
  if (!sentBefore || end.outcome === 'not-found') return end;
  return end.outcome === 'already-over' && end.job ? endOfOver(end.job) : withUnknownEffect(end);
}

/** The click that asked was the requester's answer too. */
function isConfirmed({ confirmedBy }: KillRequest, { who }: Question): boolean {
  return confirmedBy !== undefined && who === 'requester';
}

type Subject = Extract<Examined, { go: 'on' }>;

/** Whatever lay between, a question or a crash: what is killed is what is decided now. */
async function lookAndDecideAgain(parts: Run, request: KillRequest, first: Subject, { asked, expiresAt }: { asked: string | undefined; expiresAt: number }): Promise<Examined> {
  const { lookCountsForMs } = parts.pace;
  if (asked === undefined && lookCountsForMs > 0 && parts.clock.now() - first.seenAt <= lookCountsForMs) return first;
  const target = { cluster: first.cluster.name, job: { by: 'mrs-id', id: first.job.job_id } } as const;
  return parts.moves.step('look-again', () => examine(parts, request, target, expiresAt));
}

/** The end that the second look brings, unless the job may be killed on the answer that was given. */
function refuseUnanswered(asked: Question['who'] | undefined, again: Examined): End | undefined {
  if (again.go === 'end') return again.end;
  if (again.ask === undefined || again.ask.who === asked || asked === 'approver') return undefined;
  const instead = asked === undefined ? 'this was not so when it was looked at first; ask again' : 'only the requester has confirmed it; ask again';
  return { outcome: 'refused', rule: 'ask', reason: `${again.ask.reason}; ${instead}`, job: again.job };
}

function withAnswer(end: End, answeredBy: string | undefined): End {
  return answeredBy === undefined ? end : { ...end, answeredBy };
}
