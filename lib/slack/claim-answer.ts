import type { HttpRequest } from '../http/reply.ts';
import { tryThrice } from '../kill/moves.ts';
import { runUntil } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { Answer, EndEntry, Held, startAnswer, startEnd, startHeld } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import { EngineFailed } from '../start/engine.ts';
import type { SlackParts } from './ask-for-kill.ts';
import { person } from './text.ts';

/** Slack waits three seconds for the answer to a click. */
const CLAIM_FOR_MS = 2_000;

/**
 * Claims a click as the answer to the question of one start: the first one decides, also against the end of its time. Then wakes
 * the run that waits; one that does not wait finds the answer by itself. The note for the person, where there is something to say.
 */
export async function claimAnswer({ starter, engine }: SlackParts, request: Pick<HttpRequest, 'log'>, { name, start }: StartId, { what, user }: { what: 'yes' | 'no'; user: string }): Promise<string | undefined> {
  const { ledger, clock } = starter;
  const now = clock.now();
  const deadline = now + CLAIM_FOR_MS;
  let isTaken = false;
  const wish = { owner: name, start, until: runUntil(now), value: { at: now, what, by: user } satisfies Answer };
  try {
    const { value } = await tryThrice(clock, deadline, () => ledger.claim(startAnswer(name, start), wish, { now, deadline }));
    const stands = Answer.safeParse(value).data;
    isTaken = stands?.at === now;
    const [held, ended] = await tryThrice(clock, deadline, () => ledger.get([startHeld(name, start, 'asked'), startEnd(name, start)], { now, deadline }));
    if (stands === undefined || stands.by !== user || stands.what !== what) return lateText(stands);
    if ((ended !== undefined || held === undefined) && stands.at === now) return endedText(EndEntry.safeParse(ended?.value).data);
    const callback = Held.safeParse(held?.value).data?.callback;
    if (callback !== undefined) await tryThrice(clock, deadline, () => engine.answer(callback, 'answered'));
    return stands.at === now ? undefined : lateText(stands); // the card itself shows what happens
  } catch (error) {
    if (!(error instanceof LedgerFailed || error instanceof EngineFailed)) throw error;
    request.log.error(isTaken ? 'a click is on record, but the run could not be woken' : 'a click could not be put on record', { name, start, error });
    return isTaken ? 'This click was taken. If the card stays as it is for a minute, please click again.' : 'This click could not be taken now; please click again.';
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
