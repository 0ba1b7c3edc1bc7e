import { jobRefText } from '../core/target.ts';
import type { HttpRequest } from '../http/reply.ts';
import { runUntil } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { tryThrice } from '../kill/moves.ts';
import { Answer, Began, startAnswer, startBegan } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import { nameExecution } from '../start/names.ts';
import { requestOf, type SlackParts, startKill, type Wish } from './ask-for-kill.ts';
import { refuseKill } from './rights.ts';
import { code, person } from './text.ts';

/** Slack waits three seconds for all. */
const READ_FOR_MS = 700;
const CLAIM_FOR_MS = 1_000;

/**
 * A click on a card that only tells people: the kill of its job in that person's name; what that person is told. The first person
 * decides: all clicks on one card are one request, named by the card's start. It is started first, and the click put on record for
 * the run that looks after the card when it is: where the start fails, the button stands as before, for everybody.
 */
export async function askFromNotice(parts: SlackParts, request: HttpRequest, wish: Wish, of: StartId): Promise<string> {
  const { policy, starter } = parts;
  const { userId } = wish;
  if (refuseKill(policy.slack, userId) !== undefined) return (await startKill(parts, request, wish)).text;
  const clicked = await readClick(parts, request, of);
  if (clicked === 'unreadable') return `The ledger could not be read, so nobody knows whether the kill of ${jobText(wish)} was asked for before; nothing was started. Please click again.`;
  if (clicked !== undefined) return askedText(wish, clicked.by);

  const deliveryKey = `notice ${of.name} ${of.start}`;
  const { text, outcome } = await startKill(parts, request, wish, deliveryKey);
  if (outcome === 'accepted') await claimClick(parts, request, of, userId);
  if (outcome !== 'duplicate') return text;
  // Another click was faster. Where it could not be put on record, that is done now.
  const name = nameExecution(starter.policy, starter.killFunction, requestOf(parts, request, wish), deliveryKey);
  const by = await readAsker(parts, name);
  if (by !== undefined) await claimClick(parts, request, of, by);
  return askedText(wish, by);
}

/** Who clicked on the card before; undefined where nobody did. */
async function readClick({ starter: { ledger, clock }, comesAgain }: SlackParts, request: Pick<HttpRequest, 'log'>, { name, start }: StartId): Promise<Answer | undefined | 'unreadable'> {
  const now = clock.now();
  const deadline = now + READ_FOR_MS;
  try {
    const [entry] = await tryThrice(clock, deadline, () => ledger.get([startAnswer(name, start)], { now, deadline }));
    return Answer.safeParse(entry?.value).data;
  } catch (error) {
    if (!(error instanceof LedgerFailed) || comesAgain) throw error;
    request.log.error('who clicked on a card could not be read', { name, start, error });
    return 'unreadable';
  }
}

/** In whose name a request began; undefined where it has not begun yet, or that cannot be read: the next click asks again. */
async function readAsker({ starter: { ledger, clock } }: SlackParts, name: string): Promise<string | undefined> {
  const now = clock.now();
  try {
    const [entry] = await ledger.get([startBegan(name, 1)], { now, deadline: now + READ_FOR_MS });
    return Began.safeParse(entry?.value).data?.person;
  } catch (error) {
    if (error instanceof LedgerFailed) return undefined;
    throw error;
  }
}

/** Where this fails, the kill is under way all the same, and the card keeps its button until the next click or the job's end. */
async function claimClick({ starter: { ledger, clock } }: SlackParts, request: Pick<HttpRequest, 'log'>, { name, start }: StartId, by: string): Promise<void> {
  const now = clock.now();
  const deadline = now + CLAIM_FOR_MS;
  const wish = { owner: name, start, until: runUntil(now), value: { at: now, what: 'kill', by } satisfies Answer };
  try {
    await tryThrice(clock, deadline, () => ledger.claim(startAnswer(name, start), wish, { now, deadline }));
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    request.log.error('a click could not be put on record; its kill was started', { name, start, error });
  }
}

function askedText(wish: Wish, by: string | undefined): string {
  if (by === wish.userId) return `You asked for the kill of ${jobText(wish)} here already; nothing more was done.`;
  return `The kill of ${jobText(wish)} was already asked for here${by === undefined ? '' : ` by ${person(by)}`}; nothing more was done.`;
}

function jobText({ target: { job } }: Wish): string {
  return code(jobRefText(job));
}
