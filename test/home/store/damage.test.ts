import { closeSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { type OwnedStore, openStore } from '../../../home/store/open-store.ts';
import { createStore } from '../../../home/store/store.ts';
import { SERVICE } from '../../../home/serve/names.ts';
import { findTrouble } from '../../../home/store/sqlite-trouble.ts';
import type { Key } from '../../../lib/ledger/port.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ALERT_TOKEN, makeFolder as makeHome, settingsFor, startHome } from '../serve/process.ts';
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

it('a damaged page that is met is told once, and from then on nothing is read or written', async () => {
  let told = 0;
  const store = createStore(owned.database, undefined, () => void told++);
  const ledger = createSqliteLedger(store);
  const [key, other] = ['one', 'two'].map((rest) => ({ partition: 'test', rest })) as [Key, Key];
  await ledger.put([{ key, value: 'x'.repeat(50_000), until: NOW }]);
  owned.database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 0; PRAGMA shrink_memory');
  damage(owned.path);
  const refused = { code: 'ledger_failed', trouble: 'refused', message: expect.stringMatching(/^the store is damaged: put a backup/) };
  await expect(ledger.get([key], { now: NOW })).rejects.toMatchObject(refused);
  await expect(ledger.put([{ key: other, value: 'y', until: NOW }])).rejects.toMatchObject(refused);
  expect(findTrouble(store.trouble())).toMatchObject({ message: refused.message });
  expect(told).toBe(1);
});

it('a home whose store is damaged says so in one line and by /health, kills nothing, and is refused at its next start', async () => {
  const simulator: Simulator = await startSimulator({ slack: { botToken: 'xoxb-token-of-this-test' } });
  const place = makeHome();
  const settings = settingsFor(simulator);
  try {
    const deliver = async (url: string, id: string, alertname = 'Other') => fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id, labels: { alertname, job_id: 'b6c5a4a8-8a48-4b3a-9b0a-0c6f5f0e9d11' } }) });
    const file = join(place.folder, 'data/killswitch.sqlite');
    const made = await openStore(file, { service: SERVICE, standby: false, now: () => NOW });
    await createSqliteLedger(createStore(made.database)).put([{ key: { partition: 'test', rest: 'one' }, value: 'x', until: NOW }]);
    made.close();
    const home = startHome(place.folder, settings);
    const url = await home.url;
    damage(file);
    await deliver(url, 'b');
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.text()]).toEqual([503, expect.stringContaining('STORE_FILE: the store is damaged')]);
    expect((await deliver(url, 'c', 'Stuck')).status).toBe(503);
    expect(home.lines().filter(({ message }) => String(message).startsWith('the store is damaged: put a backup'))).toHaveLength(1);
    await home.end('SIGTERM');
    const next = startHome(place.folder, settings);
    expect([await next.exitCode, next.stderr()]).toEqual([1, expect.stringMatching(/^the store is damaged: put a backup [^\n]*\n$/)]);
    expect(simulator.kills()).toEqual([]);
  } finally {
    await simulator.close();
    place.remove();
  }
});
