import { type End, refusedEnd } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { placesKey } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import { noLedgerEnd } from './close.ts';
import type { Moves } from './moves.ts';
import type { StartId } from './remember.ts';

const HOUR_MS = 3_600_000;
const TAKE_FOR_SEC = 15 * 60;

type Taker = { ledger: Ledger; clock: Clock; moves: Moves; id: StartId; policy: { limits: { perHour: number } } };

/**
 * A place in the sliding hour of live kills by alerts, events and cleanup, before the record; one for each request, and not given
 * back. The end where none is free or none can be had; undefined where the kill may go on. People are not limited.
 */
export async function takePlaceInHour({ ledger, clock, moves, id, policy }: Taker, { trigger }: Pick<KillRequest, 'trigger'>, job: Job): Promise<End | undefined> {
  if (trigger !== 'alerts' && trigger !== 'cleanup') return undefined;
  const { perHour } = policy.limits;
  const take = async () => ledger.take(placesKey, id.name, { most: perHour, windowMs: HOUR_MS }, { now: clock.now() });
  const place = await moves.step('place', take, TAKE_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in place) return { ...place, job };
  if (place.taken) return undefined;
  const next = new Date(place.nextAt).toISOString().slice(11, 16);
  return refusedEnd('perHour', `alerts, events and cleanup began ${perHour} kills within an hour, as many as limits: in policy.yml allow; the next is free at ${next} UTC`, job);
}
