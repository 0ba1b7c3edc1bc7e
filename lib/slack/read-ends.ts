import type { Clock } from '../core/time.ts';
import { Asking, EndEntry, Held, historySince, jobPartition, startHeld, startAnswer, startEnd } from '../ledger/keys.ts';
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

/** The newest Ends that stand in any of the partitions and are meant, each once, the newest first. Throws LedgerFailed. */
export async function newestEnds(parts: HistoryParts, partitions: readonly string[], most: number, isMeant: (end: EndEntry) => boolean = () => true): Promise<EndEntry[]> {
  const lists = await Promise.all([...new Set(partitions)].map((partition) => endsOf(parts, partition, most, isMeant)));
  const each = new Map(lists.flat().map(({ rest, end }) => [rest, end]));
  return [...each.entries()].toSorted(([a], [b]) => (a < b ? 1 : -1)).slice(0, most).map(([, end]) => end);
}

async function endsOf(parts: HistoryParts, partition: string, most: number, isMeant: (end: EndEntry) => boolean): Promise<{ rest: string; end: EndEntry }[]> {
  const ends: { rest: string; end: EndEntry }[] = [];
  let after: string | undefined;
  do {
    const page = await parts.ledger.list(partition, { ...readCall(parts), newestFirst: true, most: PAGE, after });
    for (const { key: { rest }, value } of page.entries) {
      const end = rest.endsWith('-1') ? EndEntry.safeParse(value).data : undefined;
      if (end && isMeant(end)) ends.push({ rest, end });
    }
    after = page.after;
  } while (after !== undefined && ends.length < most);
  return ends.slice(0, most);
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

/** Undefined where it has ended: its copy here is written last. */
async function readOpen(parts: HistoryParts, run: string, asking: Asking): Promise<OpenRequest | undefined> {
  const { name, start } = startIn(run.slice(historySince(0).length + 1));
  const [end, held, answer] = await parts.ledger.get([startEnd(name, start), startHeld(name, start, 'asked'), startAnswer(name, start)], readCall(parts));
  if (end !== undefined) return undefined;
  const asked = answer === undefined ? Held.safeParse(held?.value).data : undefined;
  return { asking, ...(asked && { askedUntil: asked.until }) };
}
