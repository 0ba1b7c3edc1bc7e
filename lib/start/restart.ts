import { EXPIRES_AFTER_MS } from '../kill/examine.ts';
import { isPlaceFree } from '../kill/place.ts';
import { Began, EndEntry, startPartition, switchKey } from '../ledger/keys.ts';
import type { Entry, Ledger } from '../ledger/port.ts';
import { listAll } from '../kill/remember.ts';
import type { Limits } from '../policy/policy.ts';
import { endOfChoice, endOfWarning, readStarts, type Start } from './read-starts.ts';
import { againAt, type Kind, kindOf } from './kind-of-end.ts';
import { ANEW_AFTER_MS } from './recent.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** An execution lives 10 h at most; one that left no End by then is dead. */
export const KILL_LIVES_MS = 10 * HOUR_MS;
const MARGIN_MS = 10 * MINUTE_MS;
export const DEAD_AFTER_MS = KILL_LIVES_MS + MARGIN_MS;

/** What a repeat of an alert comes to: a start anew under this number, the closing of a start that died, or nothing. */
export type Repeat = { do: 'start'; start: number } | { do: 'close'; start: number; began: number } | { do: 'nothing' };

/** The same before all is known: it starts anew unless what held it holds still, or by what became of the choice that it met. */
type Judged = Repeat | { do: 'start-unless-held'; start: number; by: 'paused' | 'perHour' } | { do: 'start-as-met'; start: number; began: number; end: EndEntry };

/** What judging a repeat needs. */
export type JudgeParts = {
  ledger: Ledger;
  policyHash: string;
  policy: { limits: Limits };
  readPaused: () => boolean | 'unreadable' | Promise<boolean | 'unreadable'>;
  settings: { askTimeoutSec: number };
};

/**
 * Asks the ledger what became of a name that is taken: one call; where the switch, the hour or another's pick held it, one more for
 * what became of that. Throws LedgerFailed.
 */
export async function judgeRepeat(parts: JudgeParts, name: string, now: number): Promise<Repeat> {
  const { ledger, policyHash } = parts;
  const judged = judgeStarts(await listAll(ledger, startPartition(name), now), policyHash, now, patienceMs(parts));
  switch (judged.do) {
    case 'start-unless-held':
      return (await isHeld(parts, judged.by, now)) ? { do: 'nothing' } : { do: 'start', start: judged.start };
    case 'start-as-met':
      return judgeMet(parts, judged, now);
    default:
      return judged;
  }
}

/** How long after a choice a kill of it may be silent: until it would have expired, its question put. */
function patienceMs({ settings: { askTimeoutSec } }: Pick<JudgeParts, 'settings'>): number {
  return EXPIRES_AFTER_MS + askTimeoutSec * 1_000 + 5 * MINUTE_MS;
}

async function isHeld({ ledger, readPaused, policy }: JudgeParts, by: 'paused' | 'perHour', now: number): Promise<boolean> {
  if (by === 'perHour') return !(await isPlaceFree(ledger, policy.limits, now));
  const [paused, [held]] = await Promise.all([readPaused(), ledger.get([switchKey], { now })]);
  return paused !== false || held !== undefined;
}

/** Who met another's choice has ended as that did; where nothing came of it, it picks for itself. */
async function judgeMet(parts: JudgeParts, { start, began, end }: { start: number; began: number; end: EndEntry }, now: number): Promise<Repeat> {
  const came = end.of && (await endOfMet(parts, end.of, now));
  if (came === undefined) return { do: 'nothing' };
  const ended = Math.max(end.ended ?? end.began, came.ended);
  return now >= againAt(came.kind, { ended, began, tried: start }) ? { do: 'start', start: start + 1 } : { do: 'nothing' };
}

/**
 * What became of the choice, or the question, of another's start, when it ended, and when what came to nothing may be tried anew
 * (epoch ms); undefined where it is open, or nobody knows. Throws LedgerFailed.
 */
export async function endOfMet(parts: Pick<JudgeParts, 'ledger' | 'policyHash' | 'settings'>, { name, start }: { name: string; start: number }, now: number): Promise<Met | undefined> {
  const starts = readStarts(await listAll(parts.ledger, startPartition(name), now));
  const met = starts.get(start);
  if (met === undefined) return undefined;
  if (met.choice === undefined) return endOfAsking(starts, parts.policyHash);
  const came = endOfChoice(met, now, patienceMs(parts));
  if (came.come === 'open') return undefined;
  if (came.come === 'sent' || came.isUnsure) return { kind: 'final', ended: 0, againAt: Infinity };
  const kind = kindOf(came.end, parts.policyHash, { isChosen: true });
  const ended = came.end.ended ?? 0;
  return { kind, ended, againAt: againAt(kind, { ended, began: met.began }) };
}

/**
 * Of a question about a job that its alert names, or a warning of it: however often it was put, the last one counts. A warning that is
 * over without a kill was none of who met it.
 */
function endOfAsking(starts: ReadonlyMap<number, Start>, policyHash: string): Met | undefined {
  const last = starts.get(Math.max(...starts.keys()));
  const end = last && endOfWarning(last);
  if (last === undefined || end === undefined || end.rule === 'repeat') return undefined;
  const { began } = last;
  const { isWarning } = last;
  const own = kindOf(end, policyHash, { isWarning });
  const kind = own === 'final' && isWarning && !GONE.has(end.outcome) ? 'untried' : own;
  const ended = end.ended ?? end.began;
  return { kind, ended, againAt: againAt(kind, { ended, began }) };
}

/** The job is gone, or dying: nothing is left to warn of. */
const GONE: ReadonlySet<string> = new Set<EndEntry['outcome']>(['killed', 'finished-first', 'already-over', 'still-running']);

type Met = { kind: Kind; ended: number; againAt: number };

/** What a repeat comes to, by what stands under `start/<name>`. Pure. */
export function judgeStarts(entries: readonly Entry[], policyHash: string, now: number, patience: number): Judged {
  const starts = readStarts(entries);
  const number = Math.max(0, ...starts.keys());
  const last = starts.get(number);
  if (last === undefined) return { do: 'nothing' }; // begun and not on record yet
  const { began, choice } = last;
  if (isDead(last, now)) return { do: 'close', start: number, began: last.began };
  const end = endOf(last, now, patience);
  if (end === undefined) return { do: 'nothing' };
  if (end.rule === 'repeat' && end.of !== undefined) return { do: 'start-as-met', start: number, began: began ?? end.began, end };
  const isChosen = choice !== undefined;
  // A job that another rule's keep holds is warned of once that is over.
  const kind = kindOf(end, policyHash, { isChosen, isWarning: last.isWarning });
  const tried = [...starts.values()].map((start) => endOf(start, now, patience)).filter((one) => one !== undefined && kindOf(one, policyHash, { isChosen }) === 'failed').length;
  if (now < againAt(kind, { ended: end.ended ?? end.began, began: began ?? end.began, tried })) return { do: 'nothing' };
  const { rule: by } = end;
  if (kind === 'untried' && (by === 'paused' || by === 'perHour')) return { do: 'start-unless-held', start: number + 1, by };
  return { do: 'start', start: number + 1 };
}

/** Whether the first start began so short a time ago that nothing of the request can be tried anew yet. Pure. */
export function isRecent(began: Entry | undefined, now: number): boolean {
  const at = Began.safeParse(began?.value).data?.at;
  return at !== undefined && now - at < ANEW_AFTER_MS;
}

/**
 * Whether nothing is on record yet, or the End of the first start is one that stays, and there was no second; not of a pick, which has
 * ended as what it chose did. `entries`: that the first began and its End, then the same of the second. Pure.
 */
export function isSettled([began, ended, ...second]: readonly (Entry | undefined)[], policyHash: string): boolean {
  if (second.some((entry) => entry !== undefined)) return false;
  if (began === undefined && ended === undefined) return true;
  const end = EndEntry.safeParse(ended?.value).data;
  const isWarning = Began.safeParse(began?.value).data?.warns === true;
  return end !== undefined && end.of === undefined && kindOf(end, policyHash, { isWarning }) === 'final';
}

/** Whether a start left no End, handed nothing on, and cannot live any more. */
export function isDead(start: Start, now: number): start is Start & { began: number } {
  return start.end === undefined && !start.isHandedOn && start.began !== undefined && now - start.began > deadAfterMs(start);
}

/** How long after it began a start cannot live any more. */
export function deadAfterMs({ livesMs = KILL_LIVES_MS }: { livesMs?: number | undefined }): number {
  return livesMs + MARGIN_MS;
}

/** How a start ended: a pick as what it chose; undefined while that is open, and for good where a kill left: nothing starts anew then. */
function endOf(start: Start, now: number, patience: number): EndEntry | undefined {
  if (start.choice === undefined || start.end?.rule === 'repeat') return endOfWarning(start);
  const came = endOfChoice(start, now, patience);
  return came.come === 'end' ? came.end : undefined;
}
