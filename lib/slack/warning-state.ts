import * as z from 'zod/mini';
import { nextKeep } from '../core/keep-length.ts';
import type { MessageRef } from '../core/request.ts';
import type { StartId } from '../kill/start-id.ts';
import { listAll, readKnown } from '../kill/remember.ts';
import { Answer, Began, EndEntry, HandedOn, Held, readStartRest, startPartition } from '../ledger/keys.ts';
import type { Entry, Ledger } from '../ledger/port.ts';

/** What became of one round of a warning. Moments are epoch ms. */
export type WarningState =
  | { is: 'open'; warned: Held | undefined }
  /** `usedMs`: with this keep. */
  | { is: 'kept'; warned: Held | undefined; until: number; by: string | undefined; usedMs: number }
  /** What comes next is another start, once it is on record; `by`: who clicked Kill now. */
  | { is: 'handed-on'; to: 'kill' | 'warning'; next?: StartId; by: string | undefined }
  /** The warning has ended, in this round or in what it handed on to. */
  | { is: 'ended'; end: EndEntry };

/** A round, what it was asked for, and the messages of it; of a warning that has ended those of all its rounds. */
export type Warning = { state: WarningState; began: Began | undefined; cards: MessageRef[] };

/** What a start that was handed on to is asked for, as far as it is read here. */
const Next = z.object({ warns: z.optional(z.boolean()), warning: z.optional(z.object({ first: z.object({ name: z.string(), start: z.number() }) })) });

/** Reads what became of a round. Throws LedgerFailed. */
export async function readWarning({ ledger, clock }: { ledger: Ledger; clock: { now: () => number } }, { name, start }: StartId): Promise<Warning> {
  const read = async (of: string) => listAll(ledger, startPartition(of), clock.now());
  const entries = await read(name);
  const { opened: began, cards, end, answer } = readKnown(start, [], entries);
  const own = entriesOf(entries, start);
  const handed = own.flatMap(({ what, value }) => (what.startsWith('handed/') ? (HandedOn.safeParse(value).data ?? []) : []))[0];
  if (end !== undefined) return { began, cards, state: { is: 'ended', end } };
  const warned = heldIn(own, 'warned');
  if (handed === undefined) return { began, cards, state: stateOf(warned, heldIn(own, 'kept'), answer) };

  const next = Next.safeParse(handed.request).data;
  const first = next?.warning?.first ?? { name, start };
  const ofFirst = first.name === name ? entries : await read(first.name);
  const ended = lastEnd(entriesOf(ofFirst, first.start));
  if (ended !== undefined) return { began, cards: [...new Map([...cards, ...readKnown(first.start, [], ofFirst).cards].map((card) => [`${card.channel} ${card.ts}`, card])).values()], state: { is: 'ended', end: ended } };
  const to = next?.warns === true ? 'warning' : 'kill';
  return { began, cards, state: { is: 'handed-on', to, next: { name: handed.to, start: 1 }, by: killer(answer) } };
}

type Own = { what: string; value: unknown };

function entriesOf(entries: readonly Entry[], start: number): Own[] {
  return entries.flatMap(({ key, value }) => {
    const { number, what } = readStartRest(key.rest);
    return number === start ? [{ what, value }] : [];
  });
}

function heldIn(own: readonly Own[], what: 'warned' | 'kept'): Held | undefined {
  return Held.safeParse(own.find((entry) => entry.what === what)?.value).data;
}

/** How what it handed on to ended, the last where there are several. */
function lastEnd(own: readonly Own[]): EndEntry | undefined {
  const ends = own.flatMap(({ what, value }) => (what.startsWith('ended/') ? (EndEntry.safeParse(value).data ?? []) : []));
  return ends.toSorted((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).at(-1);
}

/** Of a round that has handed nothing on yet. A click counts from its answer, also before its run has seen it. */
function stateOf(warned: Held | undefined, kept: Held | undefined, answer: Answer | undefined): WarningState {
  const { keepMs, keepAtMostMs, usedMs = 0 } = warned ?? {};
  if (answer?.what === 'keep') {
    const until = kept?.until ?? answer.at + (keepMs === undefined ? 0 : nextKeep({ keepMs, keepAtMostMs, usedMs }).forMs);
    return { is: 'kept', warned, until, by: kept?.by ?? answer.by, usedMs: usedMs + until - answer.at };
  }
  return answer === undefined ? { is: 'open', warned } : { is: 'handed-on', to: 'kill', by: killer(answer) };
}

function killer(answer: Answer | undefined): string | undefined {
  return answer?.what === 'kill' ? answer.by : undefined;
}
