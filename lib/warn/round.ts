import { type End, refusedEnd } from '../core/end.ts';
import { isOver, type Job, jobName } from '../core/job.ts';
import { findOwner } from '../core/owner.ts';
import { isDryRun } from '../core/dry-run.ts';
import type { KillRequest } from '../core/request.ts';
import { formatDuration } from '../core/time.ts';
import { findWarnedRule, type RuleNow, warningLivesMs } from '../core/warned-rule.ts';
import { closeRequest, noLedgerEnd } from '../kill/close.ts';
import { examine, type Examined, EXPIRES_AFTER_MS } from '../kill/examine.ts';
import { jobEntries, runUntil } from '../kill/history-entries.ts';
import { holdJob, settleNo } from '../kill/no.ts';
import { holdWarning, lastCard, readWarningCards, releaseWarning } from '../kill/open-warning.ts';
import { endKnown, type Known, takeOver, targetOf } from '../kill/remember.ts';
import { eachOnce } from '../kill/show-view.ts';
import type { Answer, Card, Held } from '../ledger/keys.ts';
import { countWarning } from '../log/metrics.ts';
import { awaitAnswer } from './answer.ts';
import { endDryWarning } from './dry-warning.ts';
import { handOn, startHanded } from './hand-on.ts';
import { keepJob, readUsed } from './keep.ts';
import { noteEntries } from './note.ts';
import type { Warner, Warning } from './warner.ts';
import { type Standing, standWarning } from './stand.ts';

const BEGIN_FOR_SEC = 30 * 60;
const SHOW_FOR_SEC = 5 * 60;
/** What a claim lasts besides the time that a warning is posted in and the one that it stands. */
const BESIDES_MS = 20 * 60_000;

/** How a round ended: an end, or it handed on, to what has the end then. `isHeld`: a dry run told of the job, or was about to; `cards`: those that it posted. */
type Round = { end: End | undefined; isHeld?: boolean; keepsClaim?: boolean; cards?: readonly Card[] };

/**
 * One round of a warning: people are told, and what they say is waited for; then it hands on, to the kill or, after a keep, to the next
 * round, each a request of its own. Everything with an effect, a time or a chance in it is a move with a constant name. The end of the
 * request; undefined where it handed on.
 */
export async function runWarning(parts: Warner, request: KillRequest): Promise<End | undefined> {
  const known = await parts.moves.step('begin', () => takeOver(parts, request, warningLivesMs(parts.policy)), BEGIN_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in known) return closeRequest(parts, request, { id: parts.id, since: request.receivedAt, began: request.receivedAt, cards: [] }, known);
  const { end, isHeld = false, keepsClaim = false, cards: posted = [] } = await reachEnd(parts, request, known);
  if (end === undefined) return undefined;
  // Its own it knows also where the ledger is away.
  const all = eachOnce(await readWarningCards(parts, request, 'cards-at-end'), posted, known.cards);
  // The first of them is posted anew where somebody deleted it.
  const newest = lastCard(all);
  const cards = eachOnce(newest ? [newest] : [], all);
  const settle = async (stands: End): Promise<void> => {
    if (isHeld) await settleNo(parts, played(request), stands, { isHeld, isSeen: cards.length > 0 });
    if (!keepsClaim) await releaseWarning(parts, request, stands.job?.job_id ?? known.job?.job_id);
  };
  return closeRequest({ ...parts, settle }, request, { ...known, id: parts.id, cards, seen: known.job }, end);
}

async function reachEnd(parts: Warner, request: KillRequest, known: Known): Promise<Round> {
  const ended = endKnown(known);
  if (ended) return { end: ended, keepsClaim: known.handedOn !== undefined };
  // On record before it is started: whoever takes over starts that, and nothing else.
  const { handedOn } = known;
  if (handedOn?.request !== undefined) return { end: await startHanded(parts, handedOn.request as KillRequest), keepsClaim: true };
  return known.warned && stood(known.warned, known) ? goOn(parts, request, known, known.warned) : begin(parts, request, known);
}

/** It is on record before its buttons are there, and who waits for a click on them notes a callback: before that it may never have stood. */
const stood = ({ callback, dryRun }: Held, known: Known): boolean => callback !== undefined || dryRun === true || answerOf(known) !== undefined;

/** What was said, as far as the ledger knows: a long keep outlives the entry of the click. */
function answerOf({ answer, kept }: Known): Answer | undefined {
  return answer ?? (kept && { at: kept.at, what: 'keep', ...(kept.by !== undefined && { by: kept.by }) });
}

/** The same as its rule wants it played, whatever the door knew of that. */
const played = (request: KillRequest): KillRequest => ({ ...request, dryRun: true });

/** A warning that has not stood yet. */
async function begin(parts: Warner, request: KillRequest, known: Known): Promise<Round> {
  const { moves, policy } = parts;
  // Once it is being posted it does not expire: that counts from its end.
  const expiresAt = known.cards.length > 0 ? Infinity : request.receivedAt + EXPIRES_AFTER_MS;
  const examined = await moves.step('look', () => examine(parts, request, targetOf(request, known), expiresAt));
  if (examined.go === 'end') return { end: examined.end };
  const { job, dryRun, rule = { action: 'kill', dryRun: false } } = examined;
  const { warnMs } = rule;
  if (warnMs === undefined) return { end: refusedEnd('changed', `${request.policyRule ?? 'its rule'} does not warn of ${jobName(job)} any more; to kill it all the same, use /mrs kill`, job) };
  const isPlayed = dryRun !== undefined;
  const lost = isPlayed ? await holdJob(parts, played(request), job, 2 * warnMs + BESIDES_MS) : await holdWarning(parts, request, job, 'hold-warning', (now) => now + 2 * warnMs + BESIDES_MS);
  if (lost) return { end: lost };
  const recordJob = async (): Promise<number> => {
    await parts.ledger.put(jobEntries(parts, request, known, job, runUntil(parts.clock.now() + warningLivesMs(policy))));
    return readUsed(parts, request, job.job_id);
  };
  const usedMs = await moves.step('job', recordJob, SHOW_FOR_SEC).catch(noLedgerEnd);
  if (typeof usedMs === 'object') return { end: { ...usedMs, job }, isHeld: isPlayed };
  const warning: Warning = { job, rule, usedMs, owner: findOwner(policy.slack.people, job.user) };
  const standing = await standWarning(parts, request, warning, { isPlayed });
  if ('fault' in standing) return { end: refusedEnd('warn', `nobody could be warned of the kill of ${jobName(job)}: ${standing.fault}; nothing was killed`, job), isHeld: isPlayed };
  await moves.step('audit-warned', async () => tellWarned(parts, request, warning, standing, isPlayed)).catch(() => undefined);
  const { cards } = standing;
  if (isPlayed) return { end: await endDryWarning(parts, request, job, standing.until), isHeld: true, cards };
  await showNewer(parts, request, job);
  return { ...(await decideOn(parts, request, known, warning, standing)), cards };
}

/** Goes on with a warning that stands: its messages have their buttons, and the question is put to its end. */
async function goOn(parts: Warner, request: KillRequest, known: Known, held: Held): Promise<Round> {
  const { moves } = parts;
  const looked = await moves.step('look', () => examine(parts, request, targetOf(request, known), Infinity));
  const job = jobOf(looked, known);
  if (job === undefined) return { end: looked.go === 'end' ? looked.end : undefined };
  if (isOver(job) && looked.go === 'end') return { end: looked.end, isHeld: held.dryRun === true };
  if (held.dryRun) return { end: await endDryWarning(parts, request, job, held.until), isHeld: true };
  return decideOn(parts, request, known, warningOf(parts, request, job, held), held);
}

/** What the ledger knows of a warning is what its messages say: the rule of today counts for what comes after it. */
function warningOf({ policy, clock }: Warner, request: KillRequest, job: Job, { keepMs, keepAtMostMs, usedMs = 0, owner }: Held): Warning {
  const now: RuleNow = findWarnedRule(policy, request, job, new Date(clock.wall())) ?? { action: 'kill', dryRun: isDryRun(policy, request) };
  return { job, rule: { ...now, keepMs, keepAtMostMs }, usedMs, owner };
}

/** As it is seen now, or as far as the ledger remembers it. */
function jobOf(looked: Examined, { job }: Known): Job | undefined {
  const seen = looked.go === 'on' ? looked.job : looked.end.job;
  if (seen || job === undefined) return seen;
  return { ...job, job_state: '', job_result: '', job_progress: 0, submitted_time: 0, started_time: 0, finished_time: 0, elapsed_time: 0, tracking_url: '' };
}

/** Waits for what people say of a warning that stands, and does it. */
async function decideOn(parts: Warner, request: KillRequest, known: Known, warning: Warning, standing: Pick<Standing, 'at' | 'until'>): Promise<Round> {
  const { job, usedMs } = warning;
  const note = () => noteEntries(parts, request, job, 'warned', { began: known.began, by: request.requestedBy, why: request.reason, until: standing.until });
  const answer = answerOf(known) ?? (await awaitAnswer(parts, warning, standing, note));
  if ('lost' in answer) return { end: { outcome: 'failed', code: 'question_lost', reason: `the answer to the warning could not be read: ${answer.lost}; nothing was killed`, job } };
  if (answer.jumped) return { end: { outcome: 'expired', reason: `the clock was set forward during the warning, so people did not have the whole ${formatDuration(standing.until - standing.at)}; nothing was killed`, job } };
  if (answer.what !== 'keep') return handedOn(await handOn(parts, request, { began: known.began, job }, { what: 'kill', usedMs, ...(answer.what === 'kill' ? { endedAt: answer.at, by: answer.by } : { endedAt: standing.until }) }));
  const cards = await readWarningCards(parts, request, 'cards-to-keep');
  const used = await keepJob(parts, request, warning, { answer, known, cards: ofRound(cards, request) }).catch(noLedgerEnd);
  if (typeof used === 'object') return { end: { ...used, job } };
  return handedOn(await handOn(parts, request, { began: known.began, job }, { what: 'round', usedMs: used }));
}

/** What could not be started may have been all the same: its claim is not given back. */
function handedOn(end: End | undefined): Round {
  return { end, keepsClaim: true };
}

const ofRound = (cards: readonly Card[], { warning }: KillRequest): Card[] => cards.filter(({ round = 1 }) => round === (warning?.round ?? 1));

function tellWarned({ log }: Warner, request: KillRequest, { job }: Warning, { until }: Standing, isPlayed: boolean): void {
  if (!isPlayed) countWarning(log, request.trigger, 'Warned');
  log.audit(isPlayed ? 'warned, in a dry run' : 'warned', { kill_id: request.killId, policy_rule: request.policyRule, requested_by: request.requestedBy, job, until: new Date(until).toISOString() });
}

/** Once the messages of this round stand, those of the one before send people to them. */
async function showNewer(parts: Warner, request: KillRequest, job: Job): Promise<void> {
  const { warning } = request;
  if (warning === undefined) return;
  const cards = await readWarningCards(parts, request, 'cards-before');
  for (const [index, card] of cards.filter(({ round }) => round === warning.round - 1).entries()) {
    await parts.moves.step(`newer-${index + 1}`, () => parts.show(request, { stage: 'handed-on', job, to: 'warning' }, card), SHOW_FOR_SEC).catch(() => undefined);
  }
}
