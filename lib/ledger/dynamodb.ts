import { getItems, putItems, queryPage } from './dynamodb-batch.ts';
import { createDynamoCall, type DynamoCall, type DynamoConnection, pauseBefore } from './dynamodb-call.ts';
import { N, S } from './dynamodb-item.ts';
import { deleteRow, readRow, writeRow } from './dynamodb-row.ts';
import { checkKey, checkListing, checkWhole, toText, toValue } from './entry-text.ts';
import { takePlace } from './places.ts';
import { type Call, type Claimed, type Entry, type Key, type Ledger, LedgerFailed } from './port.ts';

const MOST_WRITTEN = 25;
const MOST_READ = 100;
/** Of a page that follows another: where the first one gave too little, much is over. */
const NEXT_PAGE = 250;
/** Overtaken by as many as AWS runs at once, with time to spare; for calls without a deadline. */
const OVERTAKEN_FOR_MS = 30_000;

/**
 * The ledger in one DynamoDB table with the string keys `pk` and `sk`. Requests: `claim` 1 where free, or where held (2 where
 * the service does not say what stands in the way), one more where ours grows; `release` 1; `take` 2, 2 more each time somebody
 * was faster; `put` 1, and one more where nothing else was asked before; `get` 1 for each 100 keys; `list` 1 for each 1 MB.
 *
 * Kept to what other services speak of this protocol too: no transactions, no conditions on lists, `if_not_exists` on its own
 * path only, every value a placeholder. Claims cannot do without comparators (`til < :now`), which not all of them document.
 * https://support.huaweicloud.com/intl/en-us/dynamodbug-nosql/nosql_dynamodb_0004.html
 */
export function createDynamoLedger(connection: DynamoConnection): Ledger {
  const { clock, table, timeoutMs } = connection;
  const callDynamo = createDynamoCall(connection);
  /** A put alone does not notice a table with other keys; everything else that was answered has. */
  let isProven = false;
  const call: DynamoCall = async (operation, ...given) => {
    const reply = await callDynamo(operation, ...given);
    isProven ||= operation !== 'BatchWriteItem';
    return reply;
  };
  const batch = { clock, table, timeoutMs, call };

  /** Runs `round` until it has an answer; each time it has none, somebody else has got further. */
  const untilAnswered = async <T>(by: Call, round: () => Promise<T | undefined>): Promise<T> => {
    const giveUpAt = by.deadline ?? clock.now() + OVERTAKEN_FOR_MS;
    for (let rounds = 1; ; rounds++) {
      const answer = await round();
      if (answer !== undefined) return answer;
      const ms = Math.min(5 * rounds, 50) * clock.random();
      const overtaken = new LedgerFailed('unavailable', 'others were faster at this key of the ledger until the time was up');
      await pauseBefore(clock, ms, giveUpAt, by.signal, overtaken);
    }
  };

  return {
    async claim(key, wish, by) {
      const { owner, start, until, value } = wish;
      checkKey(key);
      checkWhole({ start, until, now: by.now });
      const text = toText(key, value, owner);
      return untilAnswered<Claimed>(by, async () => {
        const free = { text: 'attribute_not_exists(pk) OR til < :now', values: { ':now': N(by.now) } };
        const first = await writeRow(batch, key, { owner, start, until, text }, free, by);
        if (first.done) return { mine: true, start, until, value: toValue(text) };
        const { stands } = first;
        if (stands === undefined || stands.entry.until < by.now) return undefined;
        const { entry } = stands;
        if (entry.owner !== owner) return { mine: false, owner: entry.owner ?? '', until: entry.until, value: entry.value };

        const old = { start: entry.start ?? 0, until: entry.until };
        const grown = { start: Math.max(old.start, start), until: Math.max(old.until, until) };
        const bringsValue = text !== undefined && stands.text === undefined;
        if (grown.start === old.start && grown.until === old.until && !bringsValue) return { mine: true, ...old, value: entry.value };
        const unchanged = { text: 'own = :own AND til = :oldTil AND nth = :oldNth', values: { ':oldTil': N(old.until), ':oldNth': N(old.start) } };
        const second = await writeRow(batch, key, { owner, ...grown, text, keepText: true }, unchanged, by);
        return second.done ? { mine: true, ...grown, value: second.row.entry.value } : undefined;
      });
    },

    async release(key, owner, start, by = {}) {
      checkKey(key);
      checkWhole({ start });
      await deleteRow(batch, key, { text: 'own = :own AND nth <= :nth', values: { ':own': S(owner), ':nth': N(start) } }, by);
    },

    async take(key, owner, window, by) {
      checkKey(key);
      checkWhole({ now: by.now });
      let row = await readRow(batch, key, by);
      return untilAnswered(by, async () => {
        const tried = takePlace(row?.text, owner, window, by.now);
        if (!('text' in tried)) return tried.place;
        // While the text is still the same, nobody has taken a place since: no version is needed.
        const old = row?.text;
        const unchanged = old === undefined ? { text: 'attribute_not_exists(val)', values: {} } : { text: 'val = :old', values: { ':old': S(old) } };
        const written = await writeRow(batch, key, { until: tried.until, text: tried.text }, unchanged, by);
        if (written.done) return tried.place;
        row = written.stands;
        return undefined;
      });
    },

    async put(entries, by = {}) {
      if (entries.length > MOST_WRITTEN) throw new RangeError(`at most ${MOST_WRITTEN} entries of the ledger are put at once`);
      const items = new Map(entries.map(({ key, value, until }) => {
        checkKey(key);
        checkWhole({ until });
        return [nameOf(key), { key, until, text: toText(key, value) }];
      }));
      const [first] = items.values();
      if (first === undefined) return;
      if (!isProven) await readRow(batch, first.key, by);
      await putItems(batch, [...items.values()], by);
    },

    async get(keys, by) {
      keys.forEach(checkKey);
      const wanted = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
      const found = new Map<string, Entry>();
      const calls = Array.from({ length: Math.ceil(wanted.length / MOST_READ) }, (_, call) => wanted.slice(call * MOST_READ, (call + 1) * MOST_READ));
      const read = await Promise.all(calls.map((some) => getItems(batch, some, by)));
      for (const { entry } of read.flat()) found.set(nameOf(entry.key), entry);
      return keys.map((key) => {
        const entry = found.get(nameOf(key));
        return entry !== undefined && entry.until >= by.now ? entry : undefined;
      });
    },

    async list(partition, options) {
      const { most, newestFirst = false, since, now } = options;
      checkListing(partition, options);
      const entries: Entry[] = [];
      let { after } = options;
      if (after !== undefined && since !== undefined && compareText(after, since) < 0) {
        if (newestFirst) return { entries };
        after = undefined; // the service takes no start outside of what is asked for
      }
      let limit = most + 1; // one more than is wanted tells whether more follow
      do {
        const page = await queryPage(batch, { partition, newestFirst, since, limit, after }, options);
        entries.push(...page.rows.map(({ entry }) => entry).filter(({ until }) => until >= now));
        ({ after } = page);
        limit = Math.max(limit, NEXT_PAGE);
      } while (entries.length <= most && after !== undefined);
      const last = entries.length > most ? entries[most - 1] : undefined;
      return { entries: entries.slice(0, most), ...(last && { after: last.key.rest }) };
    },
  };
}

/** A key as one text; U+0000 is in no key. */
function nameOf({ partition, rest }: Key): string {
  return `${partition}\0${rest}`;
}

function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
