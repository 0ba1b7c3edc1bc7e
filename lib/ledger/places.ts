import * as z from 'zod/mini';
import { toValue, unreadable } from './entry-text.ts';
import type { Place } from './port.ts';

/** What stands under a key of places: who holds one, since when (epoch ms), those included whose time is over. */
export const Places = z.array(z.object({ owner: z.string(), at: z.number() }));

export type Window = { most: number; windowMs: number };

/** The places after a try to take one, as text; undefined where there was none. The same text as before: nothing to write. */
export type PlaceTry = { place: { taken: true }; text: string; until: number } | { place: Place & { taken: false } };

/**
 * Takes a place for `owner` among those of `text`, which is what the last call left; undefined at first. Owners whose time
 * is over leave, and a place that comes late (another was faster, or the clock is behind) counts from its own `now`.
 */
export function takePlace(text: string | undefined, owner: string, { most, windowMs }: Window, now: number): PlaceTry {
  if (!(most >= 1)) throw new RangeError('a window has to have a place');
  const held = Places.safeParse(toValue(text) ?? []);
  if (!held.success) throw unreadable();
  const standing = held.data.filter(({ at }) => at > now - windowMs);
  const own = standing.find((place) => place.owner === owner);
  const others = standing.filter((place) => place !== own);
  if (own === undefined && others.length >= most) {
    const leaves = others.map(({ at }) => at).toSorted((one, other) => one - other)[others.length - most] ?? now;
    return { place: { taken: false, nextAt: leaves + windowMs } };
  }
  const places = [...others, { owner, at: Math.max(own?.at ?? now, now) }];
  return { place: { taken: true }, text: JSON.stringify(places), until: Math.max(...places.map(({ at }) => at)) + windowMs };
}
