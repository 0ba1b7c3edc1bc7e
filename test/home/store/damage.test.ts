import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { type OwnedStore, openStore } from '../../../home/store/open-store.ts';
import { createStore } from '../../../home/store/store.ts';
import { watchWhole } from '../../../home/store/watch-whole.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { itAtFullSize } from '../../support/full-size.ts';
import { ALERT_TOKEN, makeFolder as makeHome, settingsFor, startHome, until } from '../serve/process.ts';
import { makeFolder } from './owner.ts';

jest.setTimeout(60_000);

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const PAGE_BYTES = 4_096;

/** Writes over all but the first page, as a disk does that loses its mind. */
function damage(file: string): void {
  const descriptor = openSync(file, 'r+');
  const { size } = fstatSync(descriptor);
  for (let at = PAGE_BYTES; at < size; at += PAGE_BYTES) writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xff), 0, PAGE_BYTES, at);
  closeSync(descriptor);
}

let folder: string;
let owned: OwnedStore;
beforeEach(async () => {
  folder = makeFolder();
  owned = await openStore(join(folder, 'store.sqlite'), { service: 'test', standby: false, now: () => NOW });
});
afterEach(() => {
  owned.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a damaged page that is met is told at once, and nothing is answered', async () => {
  let told = 0;
  const store = createStore(owned.database, undefined, () => void told++);
  const ledger = createSqliteLedger(store);
  const key = { partition: 'test', rest: 'one' };
  await ledger.put([{ key, value: 'x'.repeat(50_000), until: NOW }]);
  owned.database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 0; PRAGMA shrink_memory');
  damage(owned.path);
  await expect(ledger.get([key], { now: NOW })).rejects.toMatchObject({ code: 'ledger_failed', trouble: 'refused', message: expect.stringMatching(/^the store is damaged: put a backup/) });
  expect(told).toBe(1);
});

it('damage that nobody meets is found by reading the whole, beside the owner, and what is whole is left alone', async () => {
  const ledger = createSqliteLedger(createStore(owned.database));
  await ledger.put([{ key: { partition: 'test', rest: 'one' }, value: 'x'.repeat(50_000), until: NOW }]);
  const said: string[] = [];
  let looks = 0;
  const stop = watchWhole(owned.path, { onDamage: () => void said.push('damaged'), onTrouble: (trouble) => void said.push(String(trouble)), onWhole: () => void looks++ }, 50);
  await until(() => looks > 1);
  expect(said).toEqual([]);
  owned.database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  damage(owned.path);
  await until(() => said.length > 0);
  stop();
  expect(said[0]).toBe('damaged');
});

itAtFullSize('a home whose store is damaged ends with one line, is refused at its next start, and kills nothing', async () => {
  const simulator: Simulator = await startSimulator({ slack: { botToken: 'xoxb-token-of-this-test' } });
  const place = makeHome();
  // An hour takes 300 ms.
  const settings = { ...settingsFor(simulator), NODE_OPTIONS: `--import=${join(import.meta.dirname, '../serve/hurry.mjs')}`, HURRY: JSON.stringify({ 3_600_000: 300 }) };
  try {
    const file = join(place.folder, 'data/killswitch.sqlite');
    const first = startHome(place.folder, settings);
    const deliver = async (home: typeof first, id: string) => fetch(`${await home.url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id, labels: { alertname: 'Other' } }) });
    expect((await deliver(first, 'a')).status).toBe(202);
    expect(await first.end('SIGTERM')).toBe(0);
    const second = startHome(place.folder, settings);
    await second.url;
    damage(file);
    expect(await second.exitCode).toBe(1);
    expect(second.lines().filter(({ level }) => level === 'error')).toEqual([expect.objectContaining({ message: expect.stringMatching(/^the store is damaged: put a backup .*: this process ends$/) })]);
    const third = startHome(place.folder, settings);
    expect([await third.exitCode, third.stderr()]).toEqual([1, expect.stringMatching(/^the store is damaged: put a backup [^\n]*\n$/)]);
    expect(simulator.kills()).toEqual([]);
  } finally {
    await simulator.close();
    place.remove();
  }
});
