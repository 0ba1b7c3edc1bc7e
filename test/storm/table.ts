import { type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';

/** What a table was asked for: entries of up to 1 KB written, of up to 4 KB read, and how often it refused. */
export type TableUse = { written: number; read: number; refused: number };

/**
 * A new table on demand, and one partition of it, in a second.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const MOST = { written: { table: 4_000, partition: 1_000 }, read: { table: 12_000, partition: 3_000 } } as const;
/** An owner of a place, as it stands in the one entry of all places. */
const PLACE_BYTES = 75;
const KIB = 1_024;

/** The ledger with the throughput of its table: what is over that is throttled. `placesHeld`: so many places are taken now. */
export function withinThroughput(ledger: Ledger, now: () => number, placesHeld: () => number, used: TableUse): Ledger {
  let second = -1;
  let counts = new Map<string, number>();

  function use(kind: 'written' | 'read', partitions: readonly string[], units = 1): void {
    const at = Math.floor(now() / 1_000);
    if (at !== second) [second, counts] = [at, new Map()];
    const keys = partitions.map((partition) => `${kind} ${partition}`);
    const total = counts.get(kind) ?? 0;
    if (total + units * keys.length > MOST[kind].table || keys.some((key) => (counts.get(key) ?? 0) + units > MOST[kind].partition)) {
      used.refused += 1;
      throw new LedgerFailed('throttled', 'DynamoDB throttles the ledger');
    }
    counts.set(kind, total + units * keys.length);
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + units);
    used[kind] += units * keys.length;
  }

  return {
    async claim(key, ...rest) {
      use('written', [key.partition]);
      return ledger.claim(key, ...rest);
    },
    async release(key, ...rest) {
      use('written', [key.partition]);
      return ledger.release(key, ...rest);
    },
    async take(key, ...rest) {
      const bytes = placesHeld() * PLACE_BYTES;
      use('read', [key.partition], Math.max(1, Math.ceil(bytes / (4 * KIB))));
      const place = await ledger.take(key, ...rest);
      if (place.taken) use('written', [key.partition], Math.max(1, Math.ceil(bytes / KIB)));
      return place;
    },
    async put(entries, ...rest) {
      use('written', entries.map(({ key }) => key.partition));
      return ledger.put(entries, ...rest);
    },
    async get(keys, ...rest) {
      use('read', keys.map(({ partition }) => partition));
      return ledger.get(keys, ...rest);
    },
    async list(partition, ...rest) {
      use('read', [partition]);
      return ledger.list(partition, ...rest);
    },
  };
}
