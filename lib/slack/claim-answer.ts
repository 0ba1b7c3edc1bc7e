import type { HttpRequest } from '../http/reply.ts';
import { tryThrice } from '../kill/moves.ts';
import { runUntil } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { Answer, Began, EndEntry, Held, startAnswer, startBegan, startEnd, startHeld } from '../ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../ledger/port.ts';
import { EngineFailed } from '../start/engine.ts';
import type { SlackParts } from './ask-for-kill.ts';
import type { Asked, Refusal } from './rights.ts';
import { person } from './text.ts';

/** Slack waits three seconds for the answer to a click. */
const CLAIM_FOR_MS = 2_000;

const TAKE_AGAIN = 'This click could not be taken now; please click again.';

/** What a click says, and whose it is. `on`: what it answers; `besides`: what is put on record once it is the answer. */
export type Click = { on: 'asked' | 'warned'; what: Exclude<Answer['what'], 'time'>; user: string; besides?: (answer: Answer) => PutEntry[] };

/** What became of a click: it is the answer; another one is; the start has ended and nothing waits for it; or what its person is told of trouble. */
export type Claimed = { is: 'taken' } | { is: 'late'; answer: Answer | undefined } | { is: 'ended'; end: EndEntry | undefined } | { is: 'lost'; text: string };

/** A yes or a no of a person; `refuse` says why it is not for them to say, of the question as it is on record. */
export type Answered = { what: 'yes' | 'no'; user: string; refuse: (question: Asked) => Refusal | undefined };

/**
 * Claims a click as the answer to the question of one start: the first one decides, also against the end of its time. Then wakes
 * the run that waits; one that does not wait finds the answer by itself. The note for the person, where there is something to say.
 * Whose question it is says the ledger: whoever has the bot's token can write any button.
 */
export async function claimAnswer(parts: SlackParts, request: Pick<HttpRequest, 'log'>, id: StartId, { what, user, refuse }: Answered): Promise<string | Refusal | undefined> {
  const deadline = parts.starter.clock.now() + CLAIM_FOR_MS;
  const question = await readQuestion(parts, request, id, deadline);
  if ('note' in question) return question.note;
  const refusal = question.asked && refuse(question.asked);
  if (refusal !== undefined) return refusal;
  const claimed = await claimClick(parts, request, id, { on: 'asked', what, user }, deadline);
  switch (claimed.is) {
    case 'taken':
      return undefined; // the card itself shows what happens
    case 'late':
      return lateText(claimed.answer);
    case 'ended':
      return endedText(claimed.end);
    case 'lost':
      return claimed.text;
  }
}

/** A question as it stands on record, or what the person is told where there is none, or none could be read. */
type Question = { asked: Asked | undefined } | { note: string };

/**
 * The question as it was put on record, before its card got buttons. Where there is none, nothing is claimed: an answer that came before
 * its question would be one to whatever this start asks later, and to a warning. `asked` stays away where its entry does not say who.
 */
async function readQuestion({ starter: { ledger, clock }, comesAgain }: Pick<SlackParts, 'starter' | 'comesAgain'>, { log }: Pick<HttpRequest, 'log'>, { name, start }: StartId, deadline: number): Promise<Question> {
  const now = clock.now();
  const keys = [startHeld(name, start, 'asked'), startBegan(name, start), startAnswer(name, start), startEnd(name, start)];
  try {
    const [held, began, answer, end] = await tryThrice(clock, deadline, () => ledger.get(keys, { now, deadline }));
    if (held === undefined) return { note: answer === undefined ? endedText(EndEntry.safeParse(end?.value).data) : lateText(Answer.safeParse(answer.value).data) };
    const who = Held.safeParse(held.value).data?.who;
    return { asked: who && { who, requestedBy: Began.safeParse(began?.value).data?.person ?? '' } };
  } catch (error) {
    if (!(error instanceof LedgerFailed) || comesAgain) throw error;
    log.error('the question of a click could not be read', { name, start, error });
    return { note: TAKE_AGAIN };
  }
}

/** The same for a question and a warning, all of it before `deadline` (epoch ms). Throws LedgerFailed where a click comes again that could not be taken. */
export async function claimClick({ starter, engine, comesAgain }: Pick<SlackParts, 'starter' | 'engine' | 'comesAgain'>, request: Pick<HttpRequest, 'log'>, { name, start }: StartId, { on, what, user, besides }: Click, deadline: number): Promise<Claimed> {
  const { ledger, clock } = starter;
  const now = clock.now();
  let isTaken = false;
  const wish = { owner: name, start, until: runUntil(now), value: { at: now, what, by: user } satisfies Answer };
  try {
    const { value } = await tryThrice(clock, deadline, () => ledger.claim(startAnswer(name, start), wish, { now, deadline }));
    const stands = Answer.safeParse(value).data;
    isTaken = stands?.at === now;
    const [held, ended] = await tryThrice(clock, deadline, () => ledger.get([startHeld(name, start, on), startEnd(name, start)], { now, deadline }));
    if (stands === undefined || stands.by !== user || stands.what !== what) return { is: 'late', answer: stands };
    if ((ended !== undefined || held === undefined) && stands.at === now) return { is: 'ended', end: EndEntry.safeParse(ended?.value).data };
    const entries = besides?.(stands) ?? [];
    if (entries.length > 0) await tryThrice(clock, deadline, () => ledger.put(entries, { deadline }));
    const callback = Held.safeParse(held?.value).data?.callback;
    if (callback !== undefined) await tryThrice(clock, deadline, () => engine.answer(callback, 'answered'));
    return stands.at === now ? { is: 'taken' } : { is: 'late', answer: stands };
  } catch (error) {
    if (!(error instanceof LedgerFailed || error instanceof EngineFailed) || (comesAgain && !isTaken)) throw error;
    request.log.error(isTaken ? 'a click is on record, but the run could not be woken' : 'a click could not be put on record', { name, start, error });
    const text = isTaken ? 'This click was taken. If the card stays as it is for a minute, please click again.' : TAKE_AGAIN;
    return { is: 'lost', text };
  }
}

/** What a click is told that came after the answer. */
function lateText(stands: Answer | undefined): string {
  if (stands?.what === 'time') return 'This question has expired; nothing was done.';
  return stands?.by === undefined ? 'This was already decided, or has expired.' : `This was already decided by ${person(stands.by)}.`;
}

function endedText(end: EndEntry | undefined): string {
  return end?.outcome === 'expired' ? 'This question has expired; nothing was done.' : 'This was already decided, or has expired.';
}
