import { declinedEnd, type End, isUntried } from '../core/end.ts';
import type { Show } from '../core/report.ts';
import type { Closed, KillRequest, MessageRef, Requested } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { Answer, EndEntry, type JobSeen, startAnswer, startEnd, startEndOf, startHeld, startTold, toldKey, type Told } from '../ledger/keys.ts';
import type { Ledger, PutEntry } from '../ledger/port.ts';
import type { Fields, Log } from '../log/log.ts';
import { countAfterWarning, countEnd, metricCode } from '../log/metrics.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Moves } from './moves.ts';
import { endEntry, endOfEntry, endUntil, historyEntries, runUntil, seenBy } from './history-entries.ts';
import { executionName, type StartId } from './start-id.ts';
import { eachOnce, END_FOR_SEC, readCards, readCardsIfShown, readCardsOfWarning, REPORT_FOR_SEC, showOnCards, showOrLog } from './show-view.ts';

/** What closing a request needs. */
export type Closer = {
  policyHash: string;
  clusters: readonly Cluster[];
  ledger: Ledger;
  clock: Clock;
  log: Log;
  /** The place that the request came from; left out where its caller gets the end as the answer. */
  show?: Show;
  /** Epoch ms: until when the ledger may be asked, where somebody waits for the answer. */
  deadline?: number;
  /** Remembers what an End says of the job for its rule; never throws. */
  settle?: (end: End) => Promise<void>;
  /** What the audit line says besides. */
  alsoAudit?: (end: End) => Fields;
};

/**
 * Which start of the request ends, since when it is known and when it began, what stands of its end already, which job the ledger
 * knows of it, and what is to be written besides.
 */
export type Ending = { id: StartId; since: number; began: number; cards: readonly MessageRef[]; end?: EndEntry | undefined; told?: Told | undefined; seen?: JobSeen | undefined; leftovers?: readonly PutEntry[] | undefined };

/**
 * The last moves of every request, wherever it ended: its End is claimed (the first one stands, and that one is said), then come
 * audit line and metric, the report to the place that it came from, that it was told, and its copies in the history. What
 * cannot be written or posted is logged; it never repeats a kill. Returns the End that stands.
 */
export async function closeRequest(parts: Closer & { moves: Moves }, request: Requested, given: Ending, end: End): Promise<End> {
  const { moves } = parts;
  let ending = given;
  const putHistory = (entry: EndEntry, told?: End): Promise<void> =>
    moves.step('history', () => putLast(parts, request, ending, { told, entry }), REPORT_FOR_SEC).catch(() => undefined);
  // Somebody waits for this answer: its copies are put beside the claim, and once more, after them, where another End stands.
  const beside = parts.show === undefined && ending.end === undefined ? putHistory(endEntry(parts, request, end, ending)) : undefined;
  const putAfter = async (last: End, entry: EndEntry, told?: End): Promise<void> => {
    await beside;
    if (beside === undefined || last !== end) await putHistory(entry, told);
  };
  const claimed = ending.end ?? (await moves.step('end', () => claimEnd(parts, request, ending, end), END_FOR_SEC).catch(() => undefined));
  const stands = endThatStands(end, claimed);
  await parts.settle?.(stands);
  // They may have been out of reach until now: no message of a warning, and no question that was lost, keeps its buttons.
  if (claimed !== undefined && ending.cards.length === 0) {
    const cards = stands.code === 'question_lost' ? await readCardsIfShown(parts, ending.id, 'cards-again') : await readCardsOfWarning(parts, request, ending.id, 'cards-again');
    ending = { ...ending, cards };
  }
  const isToBeTold = ending.told === undefined && parts.show !== undefined;
  if (ending.told === undefined) await moves.step('audit', async () => recordEnd(parts, request, stands, executionName(ending.id)));
  if (isToBeTold) await tell(parts, request, ending, stands);
  if (claimed !== undefined) {
    await putAfter(stands, claimed, isToBeTold ? stands : undefined);
    return stands;
  }
  if (isToBeTold) await moves.step('told', () => putLast(parts, request, ending, { told: stands }), REPORT_FOR_SEC).catch(() => undefined);
  const late = await claimLate(parts, request, ending, stands, 'end-late');
  await putAfter(late.end, late.entry);
  // The ledger may be back by now: what has no End on record is never tried anew, however often its alert comes.
  return late.isClaimed || parts.show === undefined ? late.end : (await claimLate(parts, request, ending, stands, 'end-last')).end;
}

/** Left out where its caller gets the end as the answer. A card that stands says its end in any case: it must not keep its buttons. */
async function tell(parts: Closer & { moves: Moves }, request: Requested, ending: Ending, stands: End): Promise<void> {
  if (ending.cards.length > 0 || (await isToBeSaid(parts, request, ending.id, stands))) await report(parts, request, ending, stands);
}

/** The ledger gave no End in time. Where another one came first, that is said too. */
async function claimLate(parts: Closer & { moves: Moves }, request: Requested, ending: Ending, said: End, step: 'end-late' | 'end-last'): Promise<{ end: End; entry: EndEntry; isClaimed: boolean }> {
  const late = await parts.moves.step(step, () => claimEnd(parts, request, ending, said), parts.show && REPORT_FOR_SEC).catch(() => undefined);
  const end = endThatStands(said, late);
  if (end.outcome !== said.outcome || end.code !== said.code) await report(parts, request, ending, end);
  if (late !== undefined) await reportOnLost(parts, request, ending, end);
  return { end, entry: late ?? endEntry(parts, request, said, ending), isClaimed: late !== undefined };
}

/** A card that stood when the ledger went away may be known to it alone: it says its end too, and loses its buttons. */
async function reportOnLost(parts: Closer & { moves: Moves }, request: Requested, { id, cards }: Ending, end: End): Promise<void> {
  if (parts.show === undefined) return;
  const own = await readCards(parts, 'cards-late', id, REPORT_FOR_SEC).catch(() => []);
  const ofAll = await readCardsOfWarning(parts, request, id, 'warning-cards-late');
  const known = eachOnce(own, ofAll);
  const lost = known.filter(({ ts }) => cards.every((card) => card.ts !== ts));
  await showOnCards(parts, request, () => ({ stage: 'end', end, tookMs: parts.clock.now() - request.receivedAt }), lost, 50);
}

/** Our own End knows more of the job than what stands in the ledger, as long as they say the same. */
function endThatStands(own: End, claimed: EndEntry | undefined): End {
  if (claimed === undefined) return own;
  const isOurs = claimed.outcome === own.outcome && claimed.rule === own.rule && claimed.code === own.code && claimed.reason === own.reason;
  return isOurs ? own : endOfEntry(claimed);
}

async function claimEnd(parts: Closer, request: Requested, ending: Ending, end: End): Promise<EndEntry> {
  const { id } = ending;
  const now = parts.clock.now();
  // Where nobody can be asked nobody said no.
  const no = end.outcome === 'failed' && parts.show !== undefined ? await readNo(parts, id, now) : undefined;
  const wish = { owner: id.name, start: id.start, until: endUntil(now), value: endEntry(parts, request, no ?? end, ending) };
  const { value } = await parts.ledger.claim(startEnd(id.name, id.start), wish, { now, deadline: parts.deadline });
  const stands = EndEntry.safeParse(value).data ?? wish.value;
  const { pickedBy, target, warning } = request as KillRequest;
  // So has a warning as the last that it handed on to.
  if (warning) await parts.ledger.put([{ key: startEndOf(warning.first.name, warning.first.start, executionName(id)), value: stands, until: endUntil(now) }]);
  // A pick has ended as what it chose did.
  if (pickedBy && target.job.by === 'mrs-id') await parts.ledger.put([{ key: startEndOf(pickedBy.name, pickedBy.start, target.job.id), value: stands, until: endUntil(now) }]);
  return stands;
}

/**
 * A no on record is the end of its start, whatever else fails: it may have come after the last look for an answer. From here on none is
 * taken any more: one that came between this and the End would count for nothing, and its person would not know.
 */
async function readNo({ ledger }: Closer, { name, start }: StartId, now: number): Promise<End | undefined> {
  const key = startAnswer(name, start);
  const [asked, answered] = await ledger.get([startHeld(name, start, 'asked'), key], { now });
  const isOpen = asked !== undefined && answered === undefined;
  const { value } = isOpen ? await ledger.claim(key, { owner: name, start, until: runUntil(now), value: { at: now, what: 'time' } satisfies Answer }, { now }) : { value: answered?.value };
  const answer = Answer.safeParse(value).data;
  return answer?.what === 'no' ? declinedEnd(answer.by) : undefined;
}

/** The last entries of a run: what was said, what could not be written before, and the copies of its End in the history. */
async function putLast(parts: Closer, request: Requested, ending: Ending, { told, entry }: { told?: End | undefined; entry?: EndEntry }): Promise<void> {
  const { id, began, leftovers = [] } = ending;
  const now = parts.clock.now();
  const until = endUntil(now);
  await parts.ledger.put([
    ...(told ? [...leftovers, { key: startTold(id.name, id.start), value: { at: now, end: endEntry(parts, request, told, ending) }, until }] : []),
    ...(entry ? historyEntries(id, request, began, '1', entry, until) : []),
  ], { deadline: parts.deadline });
}

const HOUR_MS = 3_600_000;

/** Ends of one kind that nothing was tried for are said once an hour for each rule of the policy; a person who asked is told each time. */
async function isToBeSaid(parts: Closer & { moves: Moves }, request: Requested, id: StartId, end: End): Promise<boolean> {
  if (end.rule === 'repeat') return false; // whoever it met says how that ended
  const isTold = end.outcome === 'already-over' && request.pickedBy === undefined; // whoever named the job wants to know that it is over
  if (request.trigger === 'slack' || request.person !== undefined || isTold || !isUntried(end, true)) return true;
  const claim = async (): Promise<boolean> => {
    const now = parts.clock.now();
    const hour = Math.floor(now / HOUR_MS);
    const key = toldKey(`${end.rule ?? end.outcome} ${request.policyRule ?? ''}`, String(hour));
    const { mine } = await parts.ledger.claim(key, { owner: executionName(id), start: 1, until: (hour + 1) * HOUR_MS }, { now });
    return mine;
  };
  // Said twice is better than not said.
  return parts.moves.step('said', claim, END_FOR_SEC).catch(() => true);
}

async function report(parts: Closer & { moves: Moves }, request: Requested, { cards, seen }: Ending, end: End): Promise<void> {
  const view = () => ({ stage: 'end', end, tookMs: parts.clock.now() - request.receivedAt, ...(seen && { seen: seenBy(parts.clusters, seen) }) }) as const;
  await showOrLog(parts, 'report', request, view, cards[0]);
  await showOnCards(parts, request, view, cards.slice(1), 2);
}

/**
 * The one record of an end: metric and audit line. A kill has happened or not by now, so a line that cannot be written keeps
 * nothing from people, and is said in the log where that can be. `run` is the name under which the ledger knows it.
 */
export function recordEnd(parts: Pick<Closer, 'policyHash' | 'clock' | 'log' | 'alsoAudit'>, request: Closed, end: End, run: string): void {
  const { outcome, rule, code, trouble, reason, job, candidates, answeredBy } = end;
  countEnd(parts.log, request.trigger, { outcome, rule, code: metricCode(code, trouble?.kind) }, parts.clock.now() - request.receivedAt);
  if ((request as KillRequest).warning) countAfterWarning(parts.log, request.trigger, outcome);
  try {
    parts.log.audit('kill request ended', {
      ...recordOf(parts, request, answeredBy), run, outcome, rule, code, end_reason: reason, target: request.target, job, candidates: candidates?.length,
      ...parts.alsoAudit?.(end),
    });
  } catch (error) {
    parts.log.error('the audit line could not be written', { error });
  }
}

/** Who, why, and under which policy: the head of every record and audit line. */
export function recordOf({ policyHash }: Pick<Closer, 'policyHash'>, request: Closed, answeredBy: string | undefined): Fields {
  const { killId, trigger, requestedBy, policyRule, reason } = request;
  return { kill_id: killId, trigger, requested_by: requestedBy, policy_rule: policyRule, reason, policy_hash: policyHash, ...(answeredBy && { answered_by: answeredBy }) };
}

/** The end of a run that the ledger kept from going on: nothing is killed without a record. */
export function noLedgerEnd(error: unknown): End & { code: string } {
  const { message } = error as Error;
  return { outcome: 'failed', code: 'ledger', reason: `the ledger could not be used: ${message}; nothing is killed without a record there; look at /health` };
}
