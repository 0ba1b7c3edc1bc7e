import { Held, startHeld } from '../../lib/ledger/keys.ts';
import { type Actor, requestOf, shortName, startOf } from './actor.ts';
import { type Kill, MARGIN_MS, MOST_AGE_MS } from './judge-kills.ts';
import { isKillNow } from './judge-warnings.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import type { Plot } from './plot.ts';
import { HOUR_MS, MINUTE_MS, type World } from './world.ts';

const EXPIRES_AFTER_MS = 15 * MINUTE_MS;

/** Judges that kills keep to the hour's limit, and that none is sent for a request that nobody means any more. Both go by the clock of the house. */
export function judgeLimits(world: World, table: LedgerTable, origins: Origins, plot: () => Plot, kills: () => readonly Kill[]): (actor: Actor, kill: Kill) => void {
  /** By what a kill takes its place in the hour: all that comes of a warning has one. Undefined where a person asked: those are not counted. */
  function placeOf({ execution, request }: Kill): string | undefined {
    const { request: asked, warning } = origins.of(execution) ?? {};
    const isCounted = asked !== undefined && (asked.trigger === 'alerts' || asked.trigger === 'cleanup') && !isKillNow(asked);
    return isCounted ? requestOf(warning?.first ?? request) : undefined;
  }

  function judgeHour(kill: Kill): void {
    if (placeOf(kill) === undefined) return;
    // A place is taken a little before the kill leaves.
    const since = kill.houseAt - HOUR_MS + MINUTE_MS;
    const places = new Set([...kills(), kill].flatMap((one) => (one.houseAt > since ? (placeOf(one) ?? []) : [])));
    world.judge('more kills than perHour', places.size > plot().perHour, () => [...places].map(shortName).join(', '));
  }

  /** The time that a question stood comes on top. */
  function judgeAge({ name }: Actor, { execution, houseAt }: Kill): void {
    const { request } = origins.of(execution) ?? {};
    if (request === undefined) return;
    const asked = Held.safeParse(table.read(startHeld(requestOf(execution), startOf(execution), 'asked'))).data;
    const ageMs = houseAt - request.receivedAt;
    world.judge('kill of a request that expired', ageMs > EXPIRES_AFTER_MS + (asked === undefined ? 0 : asked.until - asked.at) + MOST_AGE_MS + MARGIN_MS, () => `${name}: ${Math.round(ageMs / MINUTE_MS)} min after it was received`);
  }

  return (actor, kill) => {
    judgeHour(kill);
    judgeAge(actor, kill);
  };
}
