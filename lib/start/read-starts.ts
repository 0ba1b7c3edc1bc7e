import { isUntried } from '../core/end.ts';
import { wasHeldBack } from '../kill/remember.ts';
import { Began, Choice, EndEntry, readStartRest } from '../ledger/keys.ts';
import type { Entry } from '../ledger/port.ts';

/** What stands in the ledger of one start of a request. Moments are epoch ms. */
export type Start = {
  began?: number;
  /** How long (ms) it may live, where that is not as long as a kill. */
  livesMs?: number;
  end?: EndEntry;
  /** It is one of a warning. */
  isWarning: boolean;
  /** What it handed on to says the rest; so does an End that cannot be read: such a start is left alone. */
  isHandedOn: boolean;
  /** Of a pick: what it chose, for which of these jobs a POST was about to leave, and how their kills ended. */
  choice?: Choice;
  posted: Set<string>;
  /** For which jobs a POST was about to leave in an earlier start. */
  postedBefore: Set<string>;
  ends: Map<string, EndEntry>;
};

/** All starts of a request, by their number, of what stands under `start/<name>`. */
export function readStarts(entries: readonly Entry[]): Map<number, Start> {
  const starts = new Map<number, Start>();
  for (const { key, value } of entries) {
    const { number, what } = readStartRest(key.rest);
    const start = starts.get(number) ?? { isWarning: false, isHandedOn: false, posted: new Set(), postedBefore: new Set(), ends: new Map() };
    starts.set(number, start);
    readInto(start, what, value);
  }
  const posted = new Set<string>();
  for (const [, start] of [...starts].toSorted(([a], [b]) => a - b)) {
    start.postedBefore = new Set(posted);
    for (const job of start.posted) if (!wasHeldBack(start.ends.get(job))) posted.add(job);
  }
  return starts;
}

function readInto(start: Start, what: string, value: unknown): void {
  const [word, of = ''] = what.split('/');
  const end = word === 'end' || word === 'ended' ? EndEntry.safeParse(value).data : undefined;
  if (word === 'handed' || (word === 'end' && end === undefined)) start.isHandedOn = true;
  if (word === 'posted') start.posted.add(of);
  if (word === 'ended' && end) start.ends.set(of, end);
  if (word === 'end' && end) start.end = end;
  const began = word === 'began' ? Began.safeParse(value).data : undefined;
  if (began !== undefined) start.began = began.at;
  if (began?.livesMs !== undefined) start.livesMs = began.livesMs;
  if (began?.warns) start.isWarning = true;
  const choice = word === 'choice' ? Choice.safeParse(value).data : undefined;
  if (choice) start.choice = choice;
}

/** A warning has ended as the last that it handed on to did; undefined while that is open. */
export function endOfWarning({ end, isHandedOn, ends }: Start): EndEntry | undefined {
  if (end !== undefined || !isHandedOn) return end;
  return [...ends.values()].toSorted((a, b) => (b.ended ?? b.began) - (a.ended ?? a.began))[0];
}

/** What a choice came to. `sent`: a kill left, or may have, so that nothing else may be meant in its stead. */
export type ChoiceEnd = { come: 'open' } | { come: 'sent' } | { come: 'end'; end: EndEntry; isUnsure: boolean };

/**
 * A pick that chose has ended as the kills of what it chose did. What left no end for `patienceMs`, or until the moment that stands
 * with the choice, never began; `own` is the pick's own End, where it has one. Unsure: a POST may have left for what ended badly.
 */
export function endOfChoice({ choice, posted, postedBefore, ends, end: own }: Start, now: number, patienceMs: number): ChoiceEnd {
  const givesUpAt = choice?.openUntil ?? (choice?.at ?? 0) + patienceMs;
  const jobs = choice?.jobs.map(({ job_id }) => job_id) ?? [];
  const known = jobs.flatMap((job) => ends.get(job) ?? []);
  // What is gone after a POST of an earlier start died by it, as far as anybody knows: another in its stead would be one too many.
  const isGone = (job: string): boolean => GONE.has(ends.get(job)?.outcome ?? '') && postedBefore.has(job);
  if (known.some(wasSent) || jobs.some(isGone)) return { come: 'sent' };
  const missing = jobs.filter((job) => !ends.has(job));
  if (missing.some((job) => posted.has(job)) || (missing.length > 0 && now < givesUpAt)) return { come: 'open' };
  const silent = own ?? silentEnd(choice?.at ?? 0);
  const all = missing.length > 0 ? [...known, silent] : known;
  const end = all.toSorted((a, b) => rankOf(a) - rankOf(b))[0] ?? silent;
  const ended = Math.max(...[...known, end].map((one) => one.ended ?? one.began));
  const isUnsure = jobs.some((job) => ends.get(job)?.outcome === 'failed' && (posted.has(job) || ends.get(job)?.mayTakeEffect === true));
  return { come: 'end', end: { ...end, ended }, isUnsure };
}

const GONE: ReadonlySet<string> = new Set<EndEntry['outcome']>(['already-over', 'not-found']);

/** Of several ends the first of these is that of all: a no goes before what failed, that before what another moment may change. */
function rankOf(end: EndEntry): number {
  const { outcome, rule, code } = end;
  if (outcome === 'declined') return 0;
  if (outcome === 'failed') return code === 'STOPPED' ? 1 : 2;
  if (outcome === 'expired') return 2;
  if (!isUntried(end, true)) return 5;
  return rule === 'paused' || rule === 'perHour' ? 3 : 4;
}

/** What a kill came to that never began: the pick broke off between its choice and its start. */
function silentEnd(at: number): EndEntry {
  return { at, trigger: 'alerts', by: '', why: '', since: at, began: at, ended: at, outcome: 'failed', reason: 'it was chosen, and its kill never began' };
}

/** Whether MRS took a kill, or it may still work and nobody tries it again. */
function wasSent({ outcome, mayTakeEffect, code }: EndEntry): boolean {
  if (outcome === 'failed') return code === 'unanswered';
  return outcome === 'killed' || outcome === 'finished-first' || outcome === 'still-running' || mayTakeEffect === true;
}
