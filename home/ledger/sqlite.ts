import type { SQLOutputValue } from 'node:sqlite';
import { checkKey, checkListing, checkWhole, toText, toValue } from '../../lib/ledger/entry-text.ts';
import { takePlace } from '../../lib/ledger/places.ts';
import { type Claimed, type Entry, type Key, type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';
import { currentInvocation } from '../engine/invocation.ts';
import type { Store } from '../store/store.ts';
import { named, namedLater } from '../store/sqlite-trouble.ts';

const MOST_WRITTEN = 25;

// No WITHOUT ROWID: rows of many KB would make its tree slow. https://sqlite.org/withoutrowid.html
const TABLE = `CREATE TABLE IF NOT EXISTS ledger (
  pk TEXT NOT NULL, sk TEXT NOT NULL, owner TEXT, start INTEGER, until INTEGER NOT NULL, value TEXT,
  PRIMARY KEY (pk, sk)
) STRICT`;

/** Ours and not over: what stands only grows. Anything else that lets us in is over. */
const CLAIM = `INSERT INTO ledger AS l (pk, sk, owner, start, until, value) VALUES (:pk, :sk, :owner, :start, :until, :value)
  ON CONFLICT (pk, sk) DO UPDATE SET
    owner = excluded.owner,
    start = iif(l.until >= :now, max(l.start, excluded.start), excluded.start),
    until = iif(l.until >= :now, max(l.until, excluded.until), excluded.until),
    value = iif(l.until >= :now, coalesce(l.value, excluded.value), excluded.value)
  WHERE l.until < :now OR l.owner = excluded.owner
  RETURNING *`;

/** Nothing was there, or the same as was read: nobody has taken a place since. */
const TAKE = `INSERT INTO ledger AS l (pk, sk, until, value) VALUES (:pk, :sk, :until, :value)
  ON CONFLICT (pk, sk) DO UPDATE SET owner = NULL, start = NULL, until = excluded.until, value = excluded.value WHERE l.value IS :old`;

const PUT = `INSERT INTO ledger (pk, sk, until, value) VALUES (?, ?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET owner = NULL, start = NULL, until = excluded.until, value = excluded.value`;

const PAGE = 'SELECT * FROM ledger WHERE pk = :pk AND until >= :now AND sk >= :since';

/**
 * The ledger in a table of the store, which is made where it is missing. An answer comes with the commit of its turn, a read's too
 * where the turn has written, and a deadline is never reached. A revoked invocation can write nothing. The database's own `timeout`
 * says how long a call waits for another process. https://nodejs.org/docs/latest-v24.x/api/sqlite.html
 */
export function createSqliteLedger(store: Store): Ledger {
  const { database } = store;
  const statements = named(() => {
    database.exec(TABLE);
    return {
      claim: database.prepare(CLAIM),
      release: database.prepare('DELETE FROM ledger WHERE pk = :pk AND sk = :sk AND owner = :owner AND start <= :start'),
      take: database.prepare(TAKE),
      put: database.prepare(PUT),
      read: database.prepare('SELECT * FROM ledger WHERE pk = :pk AND sk = :sk'),
      list: database.prepare(`${PAGE} AND sk > :after ORDER BY sk LIMIT :limit`),
      listBack: database.prepare(`${PAGE} AND (:after = '' OR sk < :after) ORDER BY sk DESC LIMIT :limit`),
    };
  });
  const write = <T>(work: () => T): Promise<T> => namedLater(() => {
    if (currentInvocation()?.signal.aborted) throw new LedgerFailed('unavailable', 'the invocation that writes this is over');
    return store.write(work);
  });
  const readOnly = <T>(work: () => T): Promise<T> => namedLater(() => store.read(work));
  const read = ({ partition, rest }: Key): Row | undefined => statements.read.get({ pk: partition, sk: rest });

  return {
    claim: async (key, { owner, start, until, value }, { now }) => {
      checkKey(key);
      checkWhole({ start, until, now });
      const row = { pk: key.partition, sk: key.rest, owner, start, until, value: toText(key, value, owner) ?? null };
      return write((): Claimed => {
        for (;;) {
          const ours = statements.claim.get({ ...row, now });
          if (ours !== undefined) return toClaimed(ours, true);
          const theirs = read(key);
          if (theirs !== undefined && Number(theirs['until']) >= now) return toClaimed(theirs, false);
        }
      });
    },

    release: async (key, owner, start) => {
      checkKey(key);
      checkWhole({ start });
      await write(() => statements.release.run({ pk: key.partition, sk: key.rest, owner, start }));
    },

    take: async (key, owner, window, { now }) => {
      checkKey(key);
      checkWhole({ now });
      return write(() => {
        for (;;) {
          const old = textOf(read(key));
          const tried = takePlace(old, owner, window, now);
          if (!('text' in tried)) return tried.place;
          const { changes } = statements.take.run({ pk: key.partition, sk: key.rest, until: tried.until, value: tried.text, old: old ?? null });
          if (changes === 1) return tried.place;
        }
      });
    },

    put: async (entries) => {
      if (entries.length > MOST_WRITTEN) throw new RangeError(`at most ${MOST_WRITTEN} entries of the ledger are put at once`);
      const rows = entries.map(({ key, value, until }) => {
        checkKey(key);
        checkWhole({ until });
        return [key.partition, key.rest, until, toText(key, value) ?? null] as const;
      });
      if (rows.length === 0) return;
      await write(() => rows.forEach((row) => statements.put.run(...row)));
    },

    get: async (keys, { now }) => {
      keys.forEach(checkKey);
      return readOnly(() => keys.map((key) => {
        const row = read(key);
        return row !== undefined && Number(row['until']) >= now ? toEntry(row) : undefined;
      }));
    },

    list: async (partition, options) => {
      checkListing(partition, options);
      const { most, newestFirst = false, since = '', after = '', now } = options;
      const statement = newestFirst ? statements.listBack : statements.list;
      const rows = await readOnly(() => statement.all({ pk: partition, now, since, after, limit: most + 1 }));
      const entries = rows.slice(0, most).map(toEntry);
      const last = rows.length > most ? entries.at(-1) : undefined;
      return { entries, ...(last && { after: last.key.rest }) };
    },
  };
}

type Row = Record<string, SQLOutputValue>;

function textOf(row: Row | undefined): string | undefined {
  const value = row?.['value'];
  return typeof value === 'string' ? value : undefined;
}

function toEntry(row: Row): Entry {
  const { pk, sk, owner, start, until } = row;
  return {
    key: { partition: String(pk), rest: String(sk) },
    until: Number(until),
    value: toValue(textOf(row)),
    ...(typeof owner === 'string' && { owner }),
    ...(typeof start === 'number' && { start }),
  };
}

function toClaimed(row: Row, mine: boolean): Claimed {
  const { until, value, owner = '', start = 0 } = toEntry(row);
  return mine ? { mine, start, until, value } : { mine, owner, until, value };
}
