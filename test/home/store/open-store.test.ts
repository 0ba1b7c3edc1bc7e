import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { openStore, type OwnedStore } from '../../../home/store/open-store.ts';
import { until } from '../../support/until.ts';
import { makeFolder, picture, startScript } from './owner.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const open = (file: string, more: { service?: string; typeOf?: (path: string) => number } = {}): Promise<OwnedStore> =>
  openStore(file, { service: 'test', standby: false, now: () => NOW, ...more });

/** A store that was closed, with what `change` did to it. */
async function makeStore(change: (database: DatabaseSync) => void = () => undefined): Promise<{ folder: string; file: string }> {
  const folder = makeFolder();
  const file = join(folder, 'store.sqlite');
  const owned = await open(file);
  change(owned.database);
  owned.close();
  return { folder, file };
}

describe('a store', () => {
  it('is made with its folder, for this user alone, and what is committed is on the disk', async () => {
    const file = join(makeFolder(), 'a', 'b', 'store.sqlite');
    const owned = await open(file);
    const { database, path } = owned;
    expect(path).toBe(file);
    const pragmas = ['journal_mode', 'synchronous', 'application_id', 'user_version'].map((name) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
    expect(pragmas).toEqual(['wal', 2, 0x4d52536b, 1]);
    database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(file, '..')).map((name) => [name, statSync(join(file, '..', name)).mode & 0o777])).toEqual(
      ['', '-shm', '-wal', '.lock', '.owner'].map((end) => [`store.sqlite${end}`, 0o600]),
    );
    owned.close();
    expect(readdirSync(join(file, '..'))).toEqual(['store.sqlite', 'store.sqlite.lock']);
  });

  it('stands when it is opened again, also where its owner died', async () => {
    const { folder, file } = await makeStore();
    const dying = await open(file);
    dying.database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    const left = makeFolder();
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(left, name)); // as kill -9 leaves it
    dying.close();
    writeFileSync(join(left, 'store.sqlite.new'), 'of a start that died');
    const again = await open(join(left, 'store.sqlite'));
    expect(again.database.prepare('SELECT a FROM t').all()).toEqual([{ a: 1 }]);
    again.close();
  });

  it('is waited for where somebody else has it for a moment', async () => {
    const { file } = await makeStore();
    const holder = startScript('holds.ts', [file, '400']);
    await until(() => holder.said().length > 0);
    (await open(file)).close();
    await holder.exit;
  });

  it('that a start left unfinished is made anew', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'store.sqlite.new'), 'of a start that died');
    (await open(join(folder, 'store.sqlite'))).close();
    expect(readdirSync(folder)).toEqual(['store.sqlite', 'store.sqlite.lock']);
  });

  it('is found through links, and has one lock', async () => {
    const { folder, file } = await makeStore();
    const other = makeFolder();
    symlinkSync(file, join(other, 'link.sqlite'));
    symlinkSync(folder, join(other, 'folder'));
    for (const name of ['link.sqlite', 'folder/store.sqlite']) {
      const owned = await open(join(other, name));
      expect(owned.path).toBe(file);
      await expect(open(file)).rejects.toThrow('STORE_FILE is held by');
      owned.close();
    }
    expect(readdirSync(other)).toEqual(['folder', 'link.sqlite']);
  });
});

describe('what is refused, and nothing is written', () => {
  const expectRefused = async (folder: string, file: string, words: string | RegExp, more = {}): Promise<void> => {
    const before = picture(folder);
    const error = await open(file, more).then((owned) => owned.close(), (thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'StoreRefused', message: typeof words === 'string' ? words : (expect.stringMatching(words) as unknown) });
    expect((error as Error).message).not.toMatch(/\n/);
    expect(picture(folder)).toEqual(before);
  };

  it('on a network file system, for a new store as for one that is there', async () => {
    const { folder, file } = await makeStore();
    const empty = makeFolder();
    for (const [type, name] of [
      [0x6969, 'NFS'], [0x517b, 'SMB'], [0xff534d42, 'CIFS'], [0xff534d42 - 2 ** 32, 'CIFS'], [0xfe534d42, 'SMB'], [0x65735546, 'FUSE'],
      [0x00c36400, 'Ceph'], [0x0bd00bd0, 'Lustre'], [0x01021997, '9p'],
    ] as const) {
      const words = `STORE_FILE lies on a network file system (${name}), where a lock cannot be trusted: put it on a disk of this machine`;
      await expectRefused(empty, join(empty, 'data', 'store.sqlite'), words, { typeOf: () => type });
      await expectRefused(folder, file, words, { typeOf: (path: string) => (path === file ? type : 0xef53) });
    }
  });

  it('what is no file for it', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'data'));
    await expectRefused(folder, join(folder, 'data'), 'STORE_FILE is a folder: name a file in it, such as killswitch.sqlite');
    await expectRefused(folder, '/dev/null', 'STORE_FILE is no plain file: name another one');
    writeFileSync(join(folder, 'empty'), '');
    await expectRefused(folder, join(folder, 'empty'), 'STORE_FILE is an empty file: put a backup in its place, or remove it to begin anew');
    await expectRefused(folder, join(folder, 'empty', 'store.sqlite'), 'STORE_FILE lies in something that is no folder: name a file in a folder');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    await expectRefused(folder, join(folder, 'link'), 'STORE_FILE is a link that leads nowhere: remove it, or mount what it leads to');
    writeFileSync(join(folder, 'gone.sqlite-wal'), 'what is left of a store');
    await expectRefused(folder, join(folder, 'gone.sqlite'), /^STORE_FILE is gone, but the file beside it that ends with -wal is there: /);
    await expectRefused(folder, join(folder, 'x'.repeat(103), 'store.sqlite'), 'STORE_FILE is too long for the socket beside it: its whole path may have 102 bytes');
    writeFileSync(join(folder, 'text'), 'no database, but long enough to be taken for the head of one'.repeat(20));
    await expectRefused(folder, join(folder, 'text'), /^STORE_FILE names no SQLite file: give the path/);
  });

  it("another program's", async () => {
    const folder = makeFolder();
    for (const mode of ['delete', 'wal']) {
      const foreign = new DatabaseSync(join(folder, `${mode}.sqlite`));
      foreign.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE ledger (pk, sk)`);
      foreign.close();
      await expectRefused(folder, join(folder, `${mode}.sqlite`), 'STORE_FILE is the SQLite file of another program: name a file that mrs-killswitch has for itself');
    }
    const { folder: other, file } = await makeStore((database) => database.exec('PRAGMA application_id = 252006675'));
    await expectRefused(other, file, /^STORE_FILE is the SQLite file of another program/);
  });

  it("another service's, and a newer version's", async () => {
    const { folder, file } = await makeStore();
    await expectRefused(folder, file, 'the store is of the service test, and this one is other: give each a STORE_FILE of its own', { service: 'other' });
    rmSync(`${file}.lock`); // a backup put elsewhere has none
    await expectRefused(folder, file, /^the store is of the service test/, { service: 'other' });
    const newer = await makeStore((database) => database.exec('PRAGMA user_version = 2'));
    await expectRefused(newer.folder, newer.file, /^the store is of a newer version of mrs-killswitch \(its tables are number 2, these are 1\): start that version/);
    const without = await makeStore((database) => database.exec('DROP TABLE meta'));
    await expectRefused(without.folder, without.file, 'the store does not have our tables: STORE_FILE has to name a store of mrs-killswitch');
  });

  it("a newer version's whose last words are in its WAL: store and WAL stay as they are", async () => {
    const { folder, file } = await makeStore();
    const dying = await open(file);
    dying.database.exec('PRAGMA user_version = 2');
    const left = makeFolder();
    for (const name of ['store.sqlite', 'store.sqlite-wal']) copyFileSync(join(folder, name), join(left, name));
    dying.close();
    const before = picture(left);
    await expect(open(join(left, 'store.sqlite'))).rejects.toThrow(/^the store is of a newer version/);
    expect(picture(left)).toMatchObject(before);
  });

  it('a damaged one', async () => {
    const fill = (database: DatabaseSync): void => database.exec(`CREATE TABLE t (a TEXT PRIMARY KEY);
      INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT hex(randomblob(50)) FROM n`);
    const words = /^the store is damaged: put a backup in the place of STORE_FILE, and remove the files beside it that end with -wal and -shm$/;
    const torn = await makeStore(fill);
    truncateSync(torn.file, Math.floor(statSync(torn.file).size / 2));
    await expectRefused(torn.folder, torn.file, words);
    const spoilt = await makeStore(fill);
    writeFileSync(spoilt.file, readFileSync(spoilt.file).fill(0x55, 5 * 4096, 6 * 4096));
    await expectRefused(spoilt.folder, spoilt.file, words);
  });

  it('what this user may not write', async () => {
    const { folder, file } = await makeStore();
    const data = join(folder, 'data');
    mkdirSync(data);
    copyFileSync(file, join(data, 'store.sqlite'));
    chmodSync(join(data, 'store.sqlite'), 0o444);
    chmodSync(data, 0o555);
    chmodSync(folder, 0o755);
    const before = picture(folder);
    const isRoot = process.getuid?.() === 0; // who may write everywhere
    const asked = startScript('own.ts', [join(data, 'store.sqlite'), join(data, 'new.sqlite'), join(data, 'new', 'new.sqlite'), ...(isRoot ? ['--nobody'] : [])]);
    await asked.exit;
    const closed = 'the folder of STORE_FILE cannot be written: let this user write there';
    expect(asked.said()).toEqual([{ refused: 'STORE_FILE is read-only: let this user read and write it' }, { refused: closed }, { refused: closed }]);
    expect(picture(folder)).toEqual(before);
    chmodSync(data, 0o755);
  });
});
