import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { openStore } from '../../../home/store/open-store.ts';
import { createStore } from '../../../home/store/store.ts';
import { makeFolder } from './owner.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const open = (file: string) => openStore(file, { service: 'test', standby: false, now: () => NOW });

const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
});

/** A disk of 1 MB; undefined where this user may mount none. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  mounted.push(folder);
  return folder;
}

describe('a full disk', () => {
  it.each(['a small disk', 'a small file'])('takes nothing, loses nothing that was said to be written, and goes on once there is room: %s', async (kind) => {
    const disk = kind === 'a small disk' ? mountSmallDisk() : undefined;
    const file = join(disk ?? makeFolder(), 'store.sqlite');
    const owned = await open(file);
    const store = createStore(owned.database);
    const ledger = createSqliteLedger(store);
    const put = (rest: string, size: number): Promise<void> => ledger.put([{ key: { partition: 'test', rest }, value: 'x'.repeat(size), until: NOW }]);
    const namesIn = async (from: typeof ledger): Promise<string[]> => (await from.list('test', { now: NOW, most: 50 })).entries.map(({ key }) => key.rest);
    await put('before', 10);

    const makeFull = (): void => (disk === undefined ? owned.database.exec('PRAGMA max_page_count = 20') : writeFileSync(join(disk, 'other'), 'x'.repeat(700_000)));
    const makeRoom = (): void => (disk === undefined ? owned.database.exec('PRAGMA max_page_count = 4294967294') : rmSync(join(disk, 'other')));
    makeFull();
    const [large, alongside] = await Promise.allSettled([put('large', 400_000), put('alongside', 10)]);
    expect(large).toMatchObject({ status: 'rejected', reason: { code: 'ledger_failed', retryable: true, message: "the store's disk is full" } });
    const small = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => put(`small-${n}`, 10_000)));
    expect(small.some(({ status }) => status === 'rejected')).toBe(true);

    makeRoom();
    await put('after', 10);
    const written = ['before', 'after', ...(alongside.status === 'fulfilled' ? ['alongside'] : []), ...small.flatMap(({ status }, n) => (status === 'fulfilled' ? [`small-${n}`] : []))];
    expect(await namesIn(ledger)).toEqual(written.toSorted());
    owned.close();

    const again = await open(file);
    expect(await namesIn(createSqliteLedger(createStore(again.database)))).toEqual(written.toSorted());
    again.close();
  });

  it('refuses a start in one line, and leaves no store that is half made', async () => {
    const disk = mountSmallDisk();
    if (disk === undefined) return;
    writeFileSync(join(disk, 'other'), 'x'.repeat(1_048_576));
    const file = join(disk, 'store.sqlite');
    await expect(open(file)).rejects.toMatchObject({ name: 'StoreRefused', message: "the store's disk is full" });
    expect(readdirSync(disk)).toEqual(['other', 'store.sqlite.lock']);
    rmSync(join(disk, 'other'));
    (await open(file)).close();
  });
});
