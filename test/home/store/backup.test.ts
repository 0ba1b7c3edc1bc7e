import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkBackup, createBackup } from '../../../home/store/backup.ts';
import { openStore, type OwnedStore } from '../../../home/store/open-store.ts';
import { createStore } from '../../../home/store/store.ts';
import { makeFolder, startOwner } from './owner.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const ROWS = 4_000;

const owned: OwnedStore[] = [];
afterEach(() => {
  for (const store of owned.splice(0)) store.close();
});

/** A store with 6 MB of rows. */
async function fill(): Promise<OwnedStore & { folder: string; backUp: (file: string) => Promise<object> }> {
  const folder = makeFolder();
  const store = await openStore(join(folder, 'store.sqlite'), { service: 'test', standby: false, now: () => NOW });
  owned.push(store);
  store.database.exec(`CREATE TABLE t (n INTEGER PRIMARY KEY, value TEXT);
    INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i, hex(randomblob(750)) FROM n`);
  return { ...store, folder, backUp: createBackup(store.path) };
}

const countOf = (file: string): unknown => {
  const database = new DatabaseSync(file, { readOnly: true });
  const { n } = database.prepare('SELECT count(*) AS n FROM t').get() ?? {};
  database.close();
  return n;
};

describe('a backup', () => {
  it('is whole and opens as a store while 200 writes a second go on; the owner is the owner as before', async () => {
    const { database, path, folder, backUp } = await fill();
    const store = createStore(database);
    const insert = database.prepare("INSERT INTO t (value) VALUES ('while it was made')");
    let written = 0;
    let isOver = false;
    const writing = (async () => {
      for (; !isOver; await sleep(4)) {
        await store.write(() => insert.run());
        written++;
      }
    })();
    await sleep(30);
    const before = written;
    const file = join(folder, 'backup.sqlite');
    expect(await backUp(file)).toEqual({ file, bytes: statSync(file).size });
    expect(written).toBeGreaterThan(before);
    isOver = true;
    await writing;
    checkBackup(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['backup.sqlite', ...['', '-shm', '-wal', '.lock', '.owner'].map((end) => `store.sqlite${end}`)]);
    expect((await startOwner(path)).said()).toEqual([{ refused: expect.stringMatching(`^STORE_FILE is held by process ${process.pid} `) as unknown }]);

    const restored = await openStore(file, { service: 'test', standby: false, now: () => NOW });
    restored.close();
    expect(countOf(file)).toBeGreaterThanOrEqual(ROWS + before);
  });

  it('is never written over a file, the store or what belongs to it; nothing was changed', async () => {
    const { path, folder, backUp } = await fill();
    writeFileSync(join(folder, 'letter'), 'to keep');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    symlinkSync(folder, join(folder, 'folder'));
    const before = readdirSync(folder);
    const there = 'that file is there already: name a new one for the backup';
    for (const name of ['letter', 'link', 'folder']) await expect(backUp(join(folder, name))).rejects.toThrow(there);
    for (const end of ['', '-wal', '-journal', '.lock', '.sock', '.owner', '.new']) {
      await expect(backUp(join(folder, 'folder', `store.sqlite${end}`))).rejects.toThrow('that file belongs to the store: name another one for the backup');
    }
    await expect(backUp('backup.sqlite')).rejects.toThrow('the file of a backup is named by its whole path');
    await expect(backUp(join(folder, 'none', 'backup.sqlite'))).rejects.toThrow('the folder of the backup is not there: make it first');
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, 'letter'), 'utf8')).toBe('to keep');

    writeFileSync(join(folder, 'a.unfinished'), '');
    await expect(backUp(join(folder, 'a'))).rejects.toThrow(/^the file of a backup that did not end is there/);
    expect(existsSync(join(folder, 'a'))).toBe(false);
    expect((await startOwner(path)).said()).toEqual([{ refused: expect.stringMatching('^STORE_FILE is held by') as unknown }]);
  });

  it('is made one at a time; after one that failed the next is made, and nothing is left of the first', async () => {
    const { folder, backUp } = await fill();
    const [first, second] = await Promise.allSettled([backUp(join(folder, 'a')), backUp(join(folder, 'b'))]);
    expect([first, second]).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { message: 'a backup is being made: wait for its end' } }]);
    const tooLong = 'x'.repeat(250); // with .unfinished
    await expect(backUp(join(folder, tooLong))).rejects.toThrow('the backup was not made: check the free space and the rights of its folder (ENAMETOOLONG)');
    await backUp(join(folder, 'c'));
    expect(readdirSync(folder).filter((name) => !name.startsWith('store.'))).toEqual(['a', 'c']);
  });

  it('that is damaged or none is found by who asked for it', async () => {
    const { folder, backUp } = await fill();
    const file = join(folder, 'a');
    await backUp(file);
    writeFileSync(file, readFileSync(file).fill(0x55, 100 * 4096, 101 * 4096));
    expect(() => checkBackup(file)).toThrow(/^the backup is not whole/);
    mkdirSync(join(folder, 'b'));
    expect(() => checkBackup(join(folder, 'b'))).toThrow(/^the backup cannot be read/);
    writeFileSync(file, 'a letter'.repeat(100));
    expect(() => checkBackup(file)).toThrow(/^the backup cannot be read/);
  });
});
