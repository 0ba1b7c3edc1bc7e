import type { Clock } from '../core/time.ts';
import { Asking, EndEntry, Held, historySince, jobPartition, Noted, startHeld, startAnswer, startEnd } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import { startIn } from '../kill/start-id.ts';

/** What reading the history needs. */
export type HistoryParts = { ledger: Ledger; clock: Pick<Clock, 'now'> };

const PAGE = 50;
const READ_FOR_MS = 10_000;

/** How the ledger is asked for what somebody waits to read. */
export function readCall({ clock }: Pick<HistoryParts, 'clock'>): { now: number; deadline: number } {
  const now = clock.now();
  return { now, deadline: now + READ_FOR_MS };
}

/** What stands in a history: an End, or beside it that a job was warned, or kept. */
export type Told = EndEntry | Noted;

/** Ends come first: that many words beside them. */
const MOST_NOTES = 5;

/**
 * The newest Ends that stand in any of the partitions and are meant, each once, the newest first, at most `most`; between them, and
 * before them, who kept a job, and the warnings that nothing has come of yet. Throws LedgerFailed.
 */
export async function newestTold(parts: HistoryParts, partitions: readonly string[], most: number, isMeant: (told: Told) => boolean = () => true): Promise<Told[]> {
  const lists = await Promise.all([...new Set(partitions)].map((partition) => toldIn(parts, partition, most, isMeant)));
  const each = new Map(lists.flat().map(({ rest, told }) => [rest, told]));
  const sorted = [...each.entries()].toSorted(([a], [b]) => (a < b ? 1 : -1)).map(([, told]) => told);
  const ends = sorted.filter(isEnd);
  const last = ends[most - 1];
  const shown = last === undefined ? sorted : sorted.slice(0, sorted.indexOf(last) + 1);
  return leaveOutOvertaken(shown, parts.clock.now());
}

/** Without the warnings that something came of, and with no more than a few words beside the Ends; the newest stand first. */
export function leaveOutOvertaken(all: readonly Told[], now: number): Told[] {
  const notes = all.filter((told) => !isEnd(told) && tells(told, all, now)).slice(0, MOST_NOTES);
  return all.filter((told) => isEnd(told) || notes.includes(told));
}

/** Whether it is an End, and no word beside one. */
export function isEnd(told: Told): told is EndEntry {
  return 'outcome' in told;
}

/** A warning that is over, or that something came of, is told by what came of it. */
function tells({ what, at, until = at, job }: Noted, others: readonly Told[], now: number): boolean {
  if (what === 'kept') return true;
  const later = others.filter((other) => other.job?.job_id === job?.job_id && (isEnd(other) ? (other.ended ?? other.at) >= at : other.what === 'kept' && other.at >= at));
  return until >= now && later.length === 0;
}

type Found = { rest: string; told: Told };

async function toldIn(parts: HistoryParts, partition: string, most: number, isMeant: (told: Told) => boolean): Promise<Found[]> {
  const found: Found[] = [];
  let ends = 0;
  let after: string | undefined;
  do {
    const page = await parts.ledger.list(partition, { ...readCall(parts), newestFirst: true, most: PAGE, after });
    for (const { key: { rest }, value } of page.entries) {
      const told = readTold(rest, value);
      if (told === undefined || !isMeant(told) || ends === most) continue;
      if (isEnd(told)) ends++;
      found.push({ rest, told });
    }
    after = page.after;
  } while (after !== undefined && ends < most);
  return found;
}

function readTold(rest: string, value: unknown): Told | undefined {
  if (rest.endsWith('-1')) return EndEntry.safeParse(value).data;
  return /-(?:warned|kept)$/.test(rest) ? Noted.safeParse(value).data : undefined;
}

/** A request that has no end yet; `until` (epoch ms) where somebody is asked. */
export type OpenRequest = { asking: Asking; askedUntil?: number };

/** No execution lives longer. */
const LOOK_BACK_MS = 10 * 3_600_000 + 600_000;
const MOST_OPEN = 5;

/** The requests for a job that have no end yet, by any of the words that it is called by, the newest first. Throws LedgerFailed. */
export async function openRequests(parts: HistoryParts, words: readonly string[], isMeant: (asking: Asking) => boolean): Promise<OpenRequest[]> {
  const found = new Map<string, { asking?: Asking; isOver: boolean }>();
  for (const partition of new Set(words.map(jobPartition))) {
    let after: string | undefined;
    do {
      const call = readCall(parts);
      const page = await parts.ledger.list(partition, { ...call, since: historySince(call.now - LOOK_BACK_MS), most: PAGE, after });
      for (const { key: { rest }, value } of page.entries) {
        const run = rest.replace(/-(?:0|1)$/, '');
        const known = found.get(run) ?? { isOver: false };
        if (rest.endsWith('-1')) known.isOver = true;
        const asking = rest.endsWith('-0') ? Asking.safeParse(value).data : undefined;
        found.set(run, { ...known, ...(asking && { asking }) });
      }
      after = page.after;
    } while (after !== undefined);
  }
  const open = [...found.entries()].filter(([, { asking, isOver }]) => asking !== undefined && !isOver && isMeant(asking)).toSorted(([a], [b]) => (a < b ? 1 : -1));
  const seen = await Promise.all(open.slice(0, MOST_OPEN).map(([run, { asking }]) => readOpen(parts, run, asking as Asking)));
  return seen.filter((request) => request !== undefined);
}

/** Undefined where it has ended: its copy here is written last. A warning is told by what holds the job, and may have handed on. */
async function readOpen(parts: HistoryParts, run: string, asking: Asking): Promise<OpenRequest | undefined> {
  const { name, start } = startIn(run.slice(historySince(0).length + 1));
  const [end, held, answer, warned] = await parts.ledger.get([startEnd(name, start), startHeld(name, start, 'asked'), startAnswer(name, start), startHeld(name, start, 'warned')], readCall(parts));
  if (end !== undefined || warned !== undefined) return undefined;
  const asked = answer === undefined ? Held.safeParse(held?.value).data : undefined;
  return { asking, ...(asked && { askedUntil: asked.until }) };
}
