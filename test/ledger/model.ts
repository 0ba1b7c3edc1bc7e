import type { Claimed, Entry, Key, Ledger } from '../../lib/ledger/port.ts';

type Standing = { until: number; value: unknown; owner?: string; start?: number };

/** The ledger in plain words, to hold the stores against. It knows nothing of limits, and fails never. */
export function createModel(): Ledger {
  const entries = new Map<string, { key: Key; standing: Standing }>();
  const places = new Map<string, { owner: string; at: number }[]>();
  const nameOf = ({ partition, rest }: Key): string => `${partition}|${rest}`;
  const live = (key: Key, now: number): Standing | undefined => {
    const standing = entries.get(nameOf(key))?.standing;
    return standing !== undefined && standing.until >= now ? standing : undefined;
  };
  return {
    async claim(key, { owner, start, until, value }, { now }): Promise<Claimed> {
      const standing = live(key, now);
      if (standing === undefined) {
        entries.set(nameOf(key), { key, standing: { owner, start, until, value } });
        return { mine: true, start, until, value };
      }
      if (standing.owner !== owner) return { mine: false, owner: standing.owner ?? '', until: standing.until, value: standing.value };
      if (until > standing.until) standing.until = until;
      if (start > (standing.start ?? 0)) standing.start = start;
      if (standing.value === undefined) standing.value = value;
      return { mine: true, start: standing.start ?? 0, until: standing.until, value: standing.value };
    },
    async release(key, owner, start) {
      const standing = entries.get(nameOf(key))?.standing;
      if (standing?.owner === owner && (standing.start ?? 0) <= start) entries.delete(nameOf(key));
    },
    async take(key, owner, { most, windowMs }, { now }) {
      const standing = (places.get(nameOf(key)) ?? []).filter(({ at }) => now - at < windowMs);
      const own = standing.find((place) => place.owner === owner);
      if (own !== undefined) own.at = Math.max(own.at, now);
      else if (standing.length < most) standing.push({ owner, at: now });
      else {
        for (let nextAt = now; ; nextAt++) if (standing.filter(({ at }) => nextAt - at < windowMs).length < most) return { taken: false, nextAt };
      }
      places.set(nameOf(key), standing);
      return { taken: true };
    },
    async put(all) {
      for (const { key, value, until } of all) entries.set(nameOf(key), { key, standing: { value, until } });
    },
    async get(keys, { now }) {
      return keys.map((key): Entry | undefined => {
        const standing = live(key, now);
        return standing && { key, ...standing };
      });
    },
    async list(partition, { now, newestFirst = false, since = '', most, after }) {
      const all = [...entries.values()]
        .filter(({ key, standing }) => key.partition === partition && standing.until >= now && key.rest >= since)
        .toSorted((one, other) => (one.key.rest < other.key.rest === newestFirst ? 1 : -1))
        .filter(({ key }) => after === undefined || (newestFirst ? key.rest < after : key.rest > after))
        .map(({ key, standing }): Entry => ({ key, ...standing }));
      const page = all.slice(0, most);
      const last = all.length > most ? page.at(-1) : undefined;
      return { entries: page, ...(last && { after: last.key.rest }) };
    },
  };
}
