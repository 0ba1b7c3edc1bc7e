import { type End, refusedEnd } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import { type Clock, nowThatRan, utcText } from '../core/time.ts';
import { placesKey } from '../ledger/keys.ts';
import { Places } from '../ledger/places.ts';
import type { Ledger, Place } from '../ledger/port.ts';
import { noLedgerEnd } from './close.ts';
import type { Moves } from './moves.ts';
import { claimsAs, type StartId } from './start-id.ts';
import { ifRetryable, whilePassing } from './while-passing.ts';

const HOUR_MS = 3_600_000;
const TAKE_FOR_SEC = 15 * 60;
/** The look and the switch are tried in the same invocation, which has 120 s. */
const RETAKE_FOR_MS = 20_000;

type Placed = Pick<KillRequest, 'trigger' | 'warning'>;
type Taker = { ledger: Ledger; clock: Clock; moves: Moves; id: StartId; policy: { limits: { perHour: number } } };

/**
 * A place in the sliding hour of live kills by alerts, events and cleanup, before the record; one for each request, and not given
 * back. The end where none is free or none can be had; undefined where the kill may go on. People are not limited.
 */
export async function takePlaceInHour({ ledger, clock, moves, id, policy }: Taker, request: Placed, job: Job): Promise<End | undefined> {
  if (!isLimitedByHour(request.trigger)) return undefined;
  const place = await moves.step('place', () => takePlace({ ledger, clock, id: claimsAs(id, request), policy }), TAKE_FOR_SEC).catch(noLedgerEnd);
  return placeEnd(place, policy, job);
}

/** The same once more, where a POST leaves later than its place was taken: it moves to now. Not a move of its own: it is tried for 20 s. */
export async function retakePlaceInHour(taker: Omit<Taker, 'moves'>, request: Placed, job: Job): Promise<End | undefined> {
  if (!isLimitedByHour(request.trigger)) return undefined;
  const { clock } = taker;
  const deadline = clock.now() + RETAKE_FOR_MS;
  const place = whilePassing(clock, deadline, ifRetryable, () => takePlace({ ...taker, id: claimsAs(taker.id, request), deadline }));
  return placeEnd(await place.catch(noLedgerEnd), taker.policy, job);
}

/** Whether a place in the hour is free now; nothing is taken. Throws LedgerFailed. */
export async function isPlaceFree(ledger: Ledger, { perHour }: { perHour: number }, now: number): Promise<boolean> {
  const [entry] = await ledger.get([placesKey], { now });
  const held = Places.safeParse(entry?.value).data ?? [];
  return held.filter(({ at }) => at > now - HOUR_MS).length < perHour;
}

function isLimitedByHour(trigger: KillRequest['trigger']): boolean {
  return trigger === 'alerts' || trigger === 'cleanup';
}

async function takePlace({ ledger, clock, id, policy, deadline }: Omit<Taker, 'moves'> & { deadline?: number }): Promise<Place> {
  const now = clock.now();
  return ledger.take(placesKey, id.name, { most: policy.limits.perHour, windowMs: HOUR_MS + now - nowThatRan(clock) }, { now, ...(deadline !== undefined && { deadline }) });
}

function placeEnd(place: Place | End, { limits: { perHour } }: Taker['policy'], job: Job): End | undefined {
  if ('outcome' in place) return { ...place, job };
  if (place.taken) return undefined;
  return refusedEnd('perHour', `alerts and cleanup have begun ${perHour} kills within an hour, and limits: in policy.yml allows no more; the next may begin at ${utcText(place.nextAt)}; /mrs kill is not limited`, job);
}
