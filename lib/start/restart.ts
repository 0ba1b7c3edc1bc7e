import { isUntried } from '../core/end.ts';
import { Began, EndEntry, readStartRest, startPartition } from '../ledger/keys.ts';
import type { Entry, Ledger } from '../ledger/port.ts';
import { listAll } from '../kill/remember.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What was tried and failed is not tried anew before so long after it began, by how often it was tried; then every 12 h. */
const AGAIN_AFTER_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS];
/** Where nothing was tried: not before so long after its End. */
const UNTRIED_AGAIN_AFTER_MS = 5 * MINUTE_MS;
/** An execution lives 10 h at most; one that left no End by then is dead. */
export const DEAD_AFTER_MS = 10 * HOUR_MS + 10 * MINUTE_MS;

/** What a repeat of an alert comes to: a start anew under this number, the closing of a start that died, or nothing. */
export type Repeat = { do: 'start'; start: number } | { do: 'close'; start: number; began: number } | { do: 'nothing' };

/** Asks the ledger, once, what became of a name that is taken. Throws LedgerFailed. */
export async function judgeRepeat(by: { ledger: Ledger; policyHash: string }, name: string, now: number): Promise<Repeat> {
  return judgeStarts(await listAll(by.ledger, startPartition(name), now), by.policyHash, now);
}

type Start = { began?: number; end?: EndEntry; isHandedOn: boolean };

/** The same, of what stands under `start/<name>`. Pure. */
export function judgeStarts(entries: readonly Entry[], policyHash: string, now: number): Repeat {
  const starts = readStarts(entries);
  const number = Math.max(0, ...starts.keys());
  const last = starts.get(number);
  if (last === undefined) return { do: 'nothing' }; // begun and not on record yet
  const { began, end, isHandedOn } = last;
  if (end === undefined) {
    const isDead = !isHandedOn && began !== undefined && now - began > DEAD_AFTER_MS;
    return isDead ? { do: 'close', start: number, began } : { do: 'nothing' };
  }
  const tried = [...starts.values()].filter((start) => start.end !== undefined && kindOf(start.end, policyHash) === 'failed').length;
  const notBefore = { failed: end.began + (AGAIN_AFTER_MS[Math.min(tried, AGAIN_AFTER_MS.length) - 1] ?? 0), untried: (end.ended ?? end.began) + UNTRIED_AGAIN_AFTER_MS, final: Infinity };
  return now >= notBefore[kindOf(end, policyHash)] ? { do: 'start', start: number + 1 } : { do: 'nothing' };
}

function readStarts(entries: readonly Entry[]): Map<number, Start> {
  const starts = new Map<number, Start>();
  for (const { key, value } of entries) {
    const { number, what } = readStartRest(key.rest);
    const start = starts.get(number) ?? { isHandedOn: false };
    const began = what === 'began' ? Began.safeParse(value).data?.at : undefined;
    const end = what === 'end' ? EndEntry.safeParse(value).data : undefined;
    starts.set(number, {
      // An End that cannot be read is one all the same: such a start is left alone.
      isHandedOn: start.isHandedOn || what.startsWith('handed/') || (what === 'end' && end === undefined),
      ...((began ?? start.began) !== undefined && { began: began ?? start.began }),
      ...((end ?? start.end) !== undefined && { end: end ?? start.end }),
    } as Start);
  }
  return starts;
}

/** Whether a kill was tried and failed, nothing was tried, or the end is one that stays. */
function kindOf({ outcome, rule, code, policyHash }: EndEntry, policyHashNow: string): 'failed' | 'untried' | 'final' {
  if (isUntried({ outcome, rule })) return 'untried';
  switch (outcome) {
    case 'failed':
      return code === 'STOPPED' || code === 'unanswered' ? 'final' : 'failed'; // stopped by an operator, who had a reason
    case 'expired':
      return 'failed';
    case 'refused':
      return policyHash !== undefined && policyHash !== policyHashNow ? 'untried' : 'final';
    case 'killed':
    case 'finished-first':
    case 'already-over':
    case 'would-kill':
    case 'declined':
    case 'still-running':
    case 'notified':
    case 'ignored':
    case 'accepted':
    case 'not-found':
    case 'ambiguous':
      return 'final';
  }
}
