import { jobLabel } from '../core/job.ts';
import type { View } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import { keepLength } from '../core/warned-rule.ts';
import { jobSeen, runUntil } from '../kill/history-entries.ts';
import { type Known, listOfJob } from '../kill/remember.ts';
import { claimsAs, executionName, type StartId } from '../kill/start-id.ts';
import { type Answer, type Card, type Held, type JobSeen, type Kept, keptKey, KeptUsed, keptUsedKey, keptUsedPartition, ruleWord, startHeld, warnKey } from '../ledger/keys.ts';
import type { PutEntry } from '../ledger/port.ts';
import { countWarning } from '../log/metrics.ts';
import { noteEntries } from './note.ts';
import { waitPast } from './wait-past.ts';
import type { Warner, Warning } from './warner.ts';

const RECORD_FOR_SEC = 30 * 60;
const SHOW_FOR_SEC = 6 * 3_600;
/** What the next round may take until it claims for itself. */
const NEXT_ROUND_MS = 20 * 60_000;

/**
 * Keeps the job for as long as the click on Keep keeps it, on record before anybody is told, and waits for the end of that; how much of
 * `keepAtMost` is used then. Throws LedgerFailed where it could not be put on record.
 */
export async function keepJob(parts: Warner, request: KillRequest, warning: Warning, { answer, known, cards }: { answer: Answer; known: Pick<Known, 'began' | 'kept'>; cards: readonly Card[] }): Promise<number> {
  const { moves } = parts;
  const { rule, usedMs: usedBefore, owner, job } = warning;
  const put = (): Promise<Held> => recordKeep(parts, request, { ...rule, usedMs: usedBefore, owner }, { answer, job: jobSeen(parts.clusters, job) }, (until) => noteEntries(parts, request, job, 'kept', { began: known.began, by: answer.by ?? '', why: `${jobLabel(job)} is kept`, until }));
  const held = known.kept ?? (await moves.step('keep', put, RECORD_FOR_SEC));
  const usedMs = held.usedMs ?? usedBefore;
  await moves.step('audit-kept', async () => tellKept(parts, request, warning, held)).catch(() => undefined);
  await showKept(parts, request, warning, { held, usedMs, cards });
  await waitPast(parts, 'kept', held.until);
  return usedMs;
}

/** What keeps a job, how long after the click, and how much is used by that: what its warning says of it counts (`terms`). Whoever puts it puts the same. */
export function keptEntries(id: StartId, request: Pick<KillRequest, 'rule' | 'policyRule' | 'warning'>, terms: Terms, { answer, job }: { answer: Answer; job: JobSeen }): PutEntry[] {
  const { rule, policyRule, warning } = request;
  if (rule === undefined) return [];
  const { until, usedMs } = lengthOf(terms, answer);
  const value: Kept = { at: answer.at, until, usedMs, by: answer.by ?? '', rule: policyRule ?? ruleWord(rule), job };
  const [first, round] = [executionName(claimsAs(id, request)), warning?.round ?? 1];
  return [
    { key: keptKey(job.job_id, rule, first, round), value, until },
    { key: keptUsedKey(job.job_id, rule, first, round), value: { at: answer.at, usedMs } satisfies KeptUsed, until: runUntil(until) },
  ];
}

type Terms = Pick<Held, 'keepMs' | 'keepAtMostMs' | 'usedMs' | 'owner'>;

function lengthOf(terms: Terms, { at }: Answer): { until: number; usedMs: number } {
  const { usedMs = 0 } = terms;
  const { lengthMs } = keepLength(terms, usedMs);
  return { until: at + lengthMs, usedMs: usedMs + lengthMs };
}

/** Puts on record that a click keeps a job, and for how long; `besides` is written with it. Throws LedgerFailed. */
export async function recordKeep({ ledger, clock, id }: Pick<Warner, 'ledger' | 'clock' | 'id'>, request: KillRequest, terms: Terms, { answer, job }: { answer: Answer; job: JobSeen }, besides: (until: number) => PutEntry[] = () => []): Promise<Held> {
  const { rule } = request;
  const { owner } = terms;
  const { until, usedMs } = lengthOf(terms, answer);
  const held: Held = { at: answer.at, until, by: answer.by ?? '', usedMs, ...(owner !== undefined && { owner }) };
  const now = clock.now();
  const first = claimsAs(id, request);
  await ledger.put([
    ...keptEntries(id, request, terms, { answer, job }),
    { key: startHeld(id.name, id.start, 'kept'), value: held, until: runUntil(until) },
    ...besides(until),
  ]);
  if (rule) await ledger.claim(warnKey(rule, job.job_id), { owner: first.name, start: first.start, until: until + NEXT_ROUND_MS }, { now });
  return held;
}

/** In the log, and counted. */
function tellKept({ log }: Warner, request: KillRequest, { job }: Warning, { until, by = '' }: Held): void {
  countWarning(log, request.trigger, 'Kept');
  log.audit('kept', { kill_id: request.killId, policy_rule: request.policyRule, job, by, until: new Date(until).toISOString() });
}

async function showKept(parts: Warner, request: KillRequest, { job, rule, owner }: Warning, { held: { until, by = '' }, usedMs, cards }: { held: Held; usedMs: number; cards: readonly Card[] }): Promise<void> {
  const { moves, show, log, clock } = parts;
  const view: View = { stage: 'kept', job, until, by, isOwner: by === owner, usedMs, keepAtMostMs: rule.keepAtMostMs };
  // No longer than it is kept: then the next one writes on them. One that cannot be had does not hold up the other.
  const leftSec = await moves.step('left-to-show', async () => Math.max(0, Math.min(SHOW_FOR_SEC, Math.floor((until - clock.now()) / 1_000))));
  await Promise.all(cards.map((card, index) => moves.step(`show-kept-${index + 1}`, () => show(request, view, card), leftSec).catch((error: unknown) => {
    log.warn('it could not be shown that a job is kept', { kill_id: request.killId, fault: (error as Error).message });
  })));
}

/** How much of `keepAtMost` a job has used under its rule before this round, in earlier warnings too. Throws LedgerFailed. */
export async function readUsed({ ledger, clock }: Pick<Warner, 'ledger' | 'clock'>, { rule, warning }: KillRequest, jobId: string): Promise<number> {
  if (warning !== undefined) return warning.usedMs;
  if (rule === undefined) return 0;
  const entries = await listOfJob(ledger, keptUsedPartition(rule), jobId, { now: clock.now() });
  return Math.max(0, ...entries.map(({ value }) => KeptUsed.safeParse(value).data?.usedMs ?? 0));
}
