import { isDryRun } from '../core/dry-run.ts';
import type { Warned } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import { keepLength, warningLivesMs } from '../core/warned-rule.ts';
import { runUntil } from '../kill/history-entries.ts';
import { cardEntry } from '../kill/stand-card.ts';
import { ifRetryable, whilePassing } from '../kill/while-passing.ts';
import { listAll, readKnown } from '../kill/remember.ts';
import { claimsAs } from '../kill/start-id.ts';
import { type Card, type Held, startHeld, startPartition } from '../ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../ledger/port.ts';
import type { Warner, Warning } from './warner.ts';
import { AFTER_MS } from './wait-past.ts';

/** A warning that stands: from when, and until when (epoch ms). */
export type Standing = { at: number; until: number; cards: Card[] };

/** What is carried from try to try. `since`: of the first one; `stoodAt`: since when one of two messages is posted, which the other holds up for a while. */
type State = { since?: number; stoodAt?: number; delaySec?: number; standing?: Standing; isOver?: boolean; fault?: string };

type Place = 'channel' | 'owner';

const FIRST_DELAY_SEC = 2;
const LONGEST_DELAY_SEC = 30;
/** Who cannot be reached at once holds up the others for so long. */
const WAITS_FOR_OTHER_MS = 60_000;
const RECORD_FOR_MS = 10_000;
const BUTTONS_FOR_SEC = 60;
const NOBODY = 'nobody can be told: set slack.channel in policy.yml and SLACK_BOT_TOKEN';

/**
 * Posts a warning, in the channel and with the owner, and gives it its buttons: its time counts from the moment at which one message
 * has them, and that message names it. Tried for as long as the warning is to stand; undefined where none stood by then, with why.
 */
export async function standWarning(parts: Warner, request: KillRequest, warning: Warning, { isPlayed }: { isPlayed: boolean }): Promise<Standing | { fault: string }> {
  const { moves } = parts;
  const places: Place[] = warning.owner === undefined || warning.owner === channelOf(parts, request) || isPlayed ? ['channel'] : ['channel', 'owner'];
  const state = await moves.repeat<State>('stand', {}, (before) => tryToStand(parts, request, warning, { before, places, isPlayed }), ({ standing, isOver, delaySec }) => (standing || isOver ? undefined : delaySec));
  const { standing, fault = NOBODY } = state;
  if (standing === undefined) return { fault };
  // Posted, but without its buttons yet.
  for (const [index, card] of standing.cards.slice(1).entries()) {
    const view = viewOf(parts, warning, { of: card.of, places, cards: standing.cards, until: standing.until, isPlayed });
    await moves.step(`buttons-${index + 2}`, () => parts.show(request, view, card), BUTTONS_FOR_SEC).catch((error: unknown) => {
      parts.log.warn('a message of a warning got no buttons', { kill_id: request.killId, fault: (error as Error).message });
    });
  }
  return standing;
}

/** Where the channel's message stands: an owner that is this channel is told by that one. */
function channelOf({ policy: { slack } }: Warner, { channel = slack.channel }: KillRequest): string | undefined {
  return channel?.startsWith('D') ? (slack.channel ?? channel) : channel;
}

async function tryToStand(parts: Warner, request: KillRequest, warning: Warning, { before, places, isPlayed }: { before: State; places: readonly Place[]; isPlayed: boolean }): Promise<State> {
  const { ledger, clock, id } = parts;
  const since = before.since ?? clock.now();
  const { warnMs = 0 } = warning.rule;
  const isOver = clock.now() > since + warnMs;
  const overAt = since + warnMs + AFTER_MS;
  // Whatever Slack says of when to come again: tried for no longer than `untilAt` without a look at what stands.
  const later = (more: Partial<State>, untilAt = overAt): State => {
    const { delaySec = Math.min(LONGEST_DELAY_SEC, (before.delaySec ?? FIRST_DELAY_SEC / 2) * 2) } = more;
    const leftSec = Math.max(1, Math.ceil((untilAt - clock.now()) / 1_000));
    return { since, isOver, ...(before.stoodAt !== undefined && { stoodAt: before.stoodAt }), ...(before.fault !== undefined && { fault: before.fault }), ...more, delaySec: Math.min(delaySec, leftSec) };
  };
  let cards: Card[];
  try {
    cards = newestIn(places, readKnown(id.start, [], await listAll(ledger, startPartition(id.name), clock.now())).cards);
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    return later({ fault: error.message });
  }
  let fault: string | undefined;
  let pauseSec = 0;
  let isHopeless = true;
  for (const place of places) {
    if (cards.some(({ of }) => of === place)) continue;
    const posted = await post(parts, request, warning, { place, places, isPlayed });
    if ('fault' in posted) {
      fault = posted.fault;
      pauseSec = Math.max(pauseSec, posted.retryAfterSec);
      isHopeless &&= !posted.passes;
    } else cards.push(posted);
  }
  const missing = places.filter((place) => cards.every(({ of }) => of !== place));
  const stoodAt = before.stoodAt ?? (cards.length > 0 ? clock.now() : undefined);
  const wait = { ...(stoodAt !== undefined && { stoodAt }), ...(fault !== undefined && { fault }), ...(pauseSec > 0 && { delaySec: pauseSec }) };
  if (cards.length === 0) return later(wait);
  const goesAt = (stoodAt ?? 0) + WAITS_FOR_OTHER_MS;
  if (missing.length > 0 && !isHopeless && !isOver && clock.now() < goesAt) return later(wait, Math.min(goesAt, overAt));
  return goLive(parts, request, warning, { cards, places, isPlayed, later });
}

/** One message in each place: an older one went on record too late to have got buttons, and gets none beside the newer one. */
function newestIn(places: readonly Place[], cards: readonly Card[]): Card[] {
  return places.flatMap((place) => cards.filter(({ of }) => of === place).toSorted((a, b) => Number(b.ts) - Number(a.ts)).slice(0, 1));
}

type Posted = Card | { fault: string; passes: boolean; retryAfterSec: number };

/** Puts one message into its place, and on record: without buttons, since one that is not on record never loses them. */
async function post(parts: Warner, request: KillRequest, warning: Warning, { place, places, isPlayed }: { place: Place; places: readonly Place[]; isPlayed: boolean }): Promise<Posted> {
  const { show, ledger, clock, id } = parts;
  const view = viewOf(parts, warning, { of: place, places, cards: [], isPlayed });
  try {
    const message: MessageRef | undefined = await show(request, view);
    if (message === undefined) return { fault: NOBODY, passes: false, retryAfterSec: 0 };
    const now = clock.now();
    const card: Card = { channel: message.channel, ts: message.ts, of: place, round: request.warning?.round ?? 1 };
    await whilePassing(clock, now + RECORD_FOR_MS, ifRetryable, () => ledger.put([cardEntry(id, card, recordedUntil(parts, now)), ...underFirst(parts, request, [card], now)]));
    return card;
  } catch (error) {
    return faultOf(error);
  }
}

/** For as long as the warning lives: its last word comes after that. */
const recordedUntil = ({ policy }: Pick<Warner, 'policy'>, now: number): number => runUntil(now + warningLivesMs(policy));

/** Messages of a later round under the first one too: whoever ends the warning takes the buttons from the messages of all rounds. */
function underFirst(parts: Pick<Warner, 'id' | 'policy'>, request: KillRequest, cards: readonly Card[], now: number): PutEntry[] {
  const first = claimsAs(parts.id, request);
  return first === parts.id ? [] : cards.map((card) => cardEntry(first, card, recordedUntil(parts, now)));
}

/** Puts on record until when it stands, then gives a message its buttons: the channel's first. */
async function goLive(parts: Warner, request: KillRequest, warning: Warning, { cards, places, isPlayed, later }: { cards: Card[]; places: readonly Place[]; isPlayed: boolean; later: (more: Partial<State>) => State }): Promise<State> {
  const { show, ledger, clock, id } = parts;
  const { warnMs = 0 } = warning.rule;
  let trouble: Posted = { fault: '', passes: true, retryAfterSec: 0 };
  for (const card of cards) {
    try {
      const at = clock.now();
      const until = at + warnMs;
      const entry = { key: startHeld(id.name, id.start, 'warned'), value: heldOf(warning, { at, until, isPlayed }), until: runUntil(until) };
      // Of a try that died it may be that only its own round has them.
      await whilePassing(clock, at + RECORD_FOR_MS, ifRetryable, () => ledger.put([entry, ...underFirst(parts, request, cards, at)]));
      await show(request, viewOf(parts, warning, { of: card.of, places, cards, until, isPlayed }), card);
      const stoodAt = clock.now();
      return { standing: { at: stoodAt, until: stoodAt + warnMs, cards: [card, ...cards.filter((one) => one !== card)] } };
    } catch (error) {
      trouble = faultOf(error);
    }
  }
  return later({ fault: trouble.fault, ...(trouble.retryAfterSec > 0 && { delaySec: trouble.retryAfterSec }) });
}

function faultOf(error: unknown): Exclude<Posted, Card> {
  const { message, retryable = false, retryAfterSec = 0 } = error as Error & { retryable?: boolean; retryAfterSec?: number };
  return { fault: message, passes: retryable, retryAfterSec: Math.ceil(retryAfterSec) };
}

/** What the ledger holds of a warning that stands: what a click on it is judged by. */
export function heldOf({ rule: { keepMs, keepAtMostMs }, usedMs, owner }: Warning, { at, until, isPlayed, callback }: { at: number; until: number; isPlayed: boolean; callback?: string }): Held {
  return { at, until, usedMs, ...(keepMs !== undefined && { keepMs }), ...(keepAtMostMs !== undefined && { keepAtMostMs }), ...(owner !== undefined && { owner }), ...(callback !== undefined && { callback }), ...(isPlayed && { dryRun: true as const }) };
}

function viewOf({ id, policy }: Warner, { job, rule, usedMs, owner }: Warning, { of, places, cards, until, isPlayed }: { of: Place | undefined; places: readonly Place[]; cards: readonly Card[]; until?: number; isPlayed: boolean }): Warned {
  const lost = until === undefined ? undefined : places.find((place) => cards.every(({ of }) => of !== place));
  const { warnMs, keepMs, keepAtMostMs } = rule;
  const { lengthMs, isUsedUp } = keepLength(rule, usedMs);
  return {
    stage: 'warn', job, until, warnMs, usedMs, keepAtMostMs, owner, lost, dryRun: isPlayed,
    ...(of === 'owner' && { to: owner }),
    ...(keepMs !== undefined && { keepMs: lengthMs }),
    ...(isUsedUp && { mayApprove: policy.slack.mayApprove }),
    ...(isDryRun(policy, { trigger: 'slack', dryRun: false }) && { killIsPlayed: true }),
    ...(until !== undefined && !isPlayed && { buttons: id }),
  };
}
