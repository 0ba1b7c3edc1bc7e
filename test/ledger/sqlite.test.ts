import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { createStore } from '../../home/store/store.ts';
import type { Key, Ledger } from '../../lib/ledger/port.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const KEY: Key = { partition: 'test', rest: 'x' };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  file = join(folder, 'store.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const claim = (ledger: Ledger, owner: string) => ledger.claim(KEY, { owner, start: 1, until: NOW + 1_000, value: owner }, { now: NOW });

describe('the ledger in a file', () => {
  it('stands when the file is opened again, and holds what another connection has claimed', async () => {
    const first = new DatabaseSync(file);
    expect(await claim(createSqliteLedger(createStore(first)), 'a')).toMatchObject({ mine: true });
    const second = new DatabaseSync(file);
    expect(await claim(createSqliteLedger(createStore(second)), 'b')).toMatchObject({ mine: false, owner: 'a', value: 'a' });
    first.close();
    second.close();
    const again = new DatabaseSync(file);
    expect(await createSqliteLedger(createStore(again)).get([KEY], { now: NOW })).toMatchObject([{ owner: 'a' }]);
    again.close();
  });

  it('commits what one turn of the loop wrote at once, and undoes a write that fails without the others', async () => {
    const database = new DatabaseSync(file);
    const other = new DatabaseSync(file);
    const ledger = createSqliteLedger(createStore(database));
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON ledger WHEN new.sk = 'no' BEGIN SELECT raise(ABORT, 'no more'); END`);
    const count = () => Number(other.prepare('SELECT count(*) AS n FROM ledger').get()?.['n']);
    const writes = [claim(ledger, 'a'), ledger.put([{ key: { ...KEY, rest: 'put' }, value: 1, until: NOW }]), ledger.put([{ key: { ...KEY, rest: 'no' }, value: 1, until: NOW }]), ledger.take({ ...KEY, rest: 'places' }, 'a', { most: 1, windowMs: 1 }, { now: NOW })];
    expect(count()).toBe(0);
    expect((await Promise.allSettled(writes)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(count()).toBe(3);
    database.close();
    other.close();
  });

  it('writes all of a put or nothing', async () => {
    const database = new DatabaseSync(file);
    const ledger = createSqliteLedger(createStore(database));
    database.exec(`CREATE TRIGGER full BEFORE INSERT ON ledger WHEN new.sk = '3' BEGIN SELECT raise(ABORT, 'no more'); END`);
    await expect(ledger.put([1, 2, 3].map((n) => ({ key: { ...KEY, rest: `${n}` }, value: n, until: NOW })))).rejects.toMatchObject({ code: 'ledger_failed' });
    expect((await ledger.list('test', { now: NOW, most: 9 })).entries).toEqual([]);
    database.close();
  });
});

describe("the store's trouble", () => {
  const openAndClaim = async (options: { readOnly?: boolean } = {}) => {
    const database = new DatabaseSync(file, { timeout: 20, ...options });
    try {
      return await claim(createSqliteLedger(createStore(database)), 'b');
    } finally {
      database.close();
    }
  };

  it('another process that holds it may let go', async () => {
    const other = new DatabaseSync(file);
    await claim(createSqliteLedger(createStore(other)), 'a');
    other.exec('BEGIN EXCLUSIVE');
    await expect(openAndClaim()).rejects.toMatchObject({ code: 'ledger_failed', retryable: true, message: 'another process holds the store' });
    other.exec('ROLLBACK');
    other.close();
  });

  it('a file that is no store, or of another shape, is for people to mend, and STORE_FILE is named', async () => {
    writeFileSync(file, 'no database, but long enough to be taken for the head of one'.repeat(20));
    await expect(openAndClaim()).rejects.toMatchObject({ retryable: false, message: 'STORE_FILE names no SQLite file: give the path of a store of mrs-killswitch, or of a file that is not there yet' });
    rmSync(file);
    const foreign = new DatabaseSync(file);
    foreign.exec('CREATE TABLE ledger (id INTEGER PRIMARY KEY)');
    foreign.close();
    await expect(openAndClaim()).rejects.toMatchObject({
      retryable: false, message: 'the store does not have our tables: STORE_FILE has to name a store of mrs-killswitch',
    });
  });

  it('a store that cannot be written is for people to mend', async () => {
    const database = new DatabaseSync(file);
    await claim(createSqliteLedger(createStore(database)), 'a');
    database.exec('DELETE FROM ledger');
    database.close();
    await expect(openAndClaim({ readOnly: true })).rejects.toMatchObject({ retryable: false, message: expect.stringMatching(/^the store is read-only/) as unknown });
  });

  it('a full disk may get room', async () => {
    const database = new DatabaseSync(file);
    const ledger = createSqliteLedger(createStore(database));
    database.exec('PRAGMA max_page_count = 8');
    const put = ledger.put([{ key: KEY, value: 'x'.repeat(100_000), until: NOW }]);
    await expect(put).rejects.toMatchObject({ retryable: true, message: "the store's disk is full" });
    database.close();
  });

  it('a store that was closed answers no more', async () => {
    const database = new DatabaseSync(file);
    const ledger = createSqliteLedger(createStore(database));
    database.close();
    await expect(claim(ledger, 'a')).rejects.toMatchObject({ code: 'ledger_failed', message: 'the store is closed' });
  });
});
