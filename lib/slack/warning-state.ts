import type { KillRequest, MessageRef } from '../core/request.ts';
import { keepLength } from '../core/warned-rule.ts';
import type { StartId } from '../kill/start-id.ts';
import { type Known, listAll, readKnown } from '../kill/remember.ts';
import { type Answer, type Began, EndEntry, type Held, readStartRest, startPartition } from '../ledger/keys.ts';
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
export type Warning = { state: WarningState; began: Began | undefined; cards: readonly MessageRef[] };

/** Reads what became of a round. Throws LedgerFailed. */
export async function readWarning({ ledger, clock }: { ledger: Ledger; clock: { now: () => number } }, { name, start }: StartId): Promise<Warning> {
  const read = async (of: string) => listAll(ledger, startPartition(of), clock.now());
  const entries = await read(name);
  const known = readKnown(start, [], entries);
  const { opened: began, cards, end, answer, handedOn } = known;
  const first = began?.warning?.first ?? { name, start };
  if (end === undefined && handedOn === undefined) return { began, cards, state: stateOf(known) };
  const ofFirst = first.name === name ? entries : await read(first.name);
  const ended = end ?? lastEnd(ofFirst, first.start);
  if (ended !== undefined) return { began, cards: readKnown(first.start, [], ofFirst).cards, state: { is: 'ended', end: ended } };
  const { to: next = '', request } = handedOn ?? {};
  const to = (request as Partial<KillRequest> | undefined)?.warns === true ? 'warning' : 'kill';
  return { began, cards, state: { is: 'handed-on', to, next: { name: next, start: 1 }, by: killer(answer) } };
}

/** How what a warning handed on to ended, the last where there are several. */
function lastEnd(ofFirst: readonly Entry[], start: number): EndEntry | undefined {
  const ends = ofFirst.flatMap(({ key, value }) => {
    const { number, what } = readStartRest(key.rest);
    return number === start && what.startsWith('ended/') ? (EndEntry.safeParse(value).data ?? []) : [];
  });
  return ends.toSorted((a, b) => (a.ended ?? 0) - (b.ended ?? 0)).at(-1);
}

/** Of a round that has handed nothing on yet. A click counts from its answer, also before its run has seen it. */
function stateOf({ warned, kept, answer }: Pick<Known, 'warned' | 'kept' | 'answer'>): WarningState {
  if (answer === undefined) return { is: 'open', warned };
  if (answer.what !== 'keep') return { is: 'handed-on', to: 'kill', by: killer(answer) };
  const { usedMs = 0 } = warned ?? {};
  const until = kept?.until ?? answer.at + keepLength(warned ?? {}, usedMs).lengthMs;
  return { is: 'kept', warned, until, by: kept?.by ?? answer.by, usedMs: usedMs + until - answer.at };
}

function killer(answer: Answer | undefined): string | undefined {
  return answer?.what === 'kill' ? answer.by : undefined;
}
