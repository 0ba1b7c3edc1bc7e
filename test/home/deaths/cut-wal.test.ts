import { copyFileSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { openStore } from '../../../home/store/open-store.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ALERT_TOKEN, makeFolder, settingsFor, startHome, until } from '../serve/process.ts';
import { openHere } from './open.ts';

jest.setTimeout(90_000);

const CUT_BYTES = 4_096;
/** So many of the cuts begin whole homes. */
const HOMES = 8;

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

/** How many executions are open in a store. */
const countOpen = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Number(database.prepare("SELECT count(*) AS open FROM executions WHERE phase <> 'over'").get()?.['open'] ?? 0);
  } catch {
    return 0; // cut before there were tables
  } finally {
    database.close();
  }
};

it('a WAL cut anywhere is a store of an earlier moment, which kills nothing a second time', async () => {
  const settings = { ...settingsFor(simulator), STORE_FILE: join(place.folder, 'whole.sqlite') };
  const home = startHome(place.folder, settings);
  const url = await home.url;
  for (let count = 0; count < 3; count++) {
    const body = JSON.stringify({ id: `alert-${count}`, labels: { alertname: 'Stuck', job_id: simulator.addJob().job_id } });
    expect((await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body })).status).toBe(202);
  }
  await until(() => simulator.killed().length === 3 && home.lines().some(({ message }) => message === 'kill request ended'));
  await home.end('SIGKILL');
  const posts = simulator.kills().length;
  expect(posts).toBe(3);
  await until(() => simulator.jobs().every(({ job_state: state }) => state === 'KILLED'));

  const size = statSync(`${settings.STORE_FILE}-wal`).size;
  const cuts = Array.from({ length: Math.floor(size / CUT_BYTES) + 1 }, (_, index) => index * CUT_BYTES);
  expect(cuts.length).toBeGreaterThan(50);
  const copies = cuts.map((bytes) => {
    const folder = join(place.folder, String(bytes));
    mkdirSync(folder);
    const copy = join(folder, 'cut.sqlite');
    copyFileSync(settings.STORE_FILE, copy);
    copyFileSync(`${settings.STORE_FILE}-wal`, `${copy}-wal`);
    truncateSync(`${copy}-wal`, bytes);
    return copy;
  });
  for (const copy of copies) {
    const owned = await openStore(copy, { service: 'mrs-killswitch', standby: false, now: () => 1_795_867_200_000 });
    expect(Object.values(owned.database.prepare('PRAGMA integrity_check').get() ?? {})).toEqual(['ok']);
    owned.database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    owned.close();
  }

  const begun = copies.filter((_, index) => index % Math.ceil(copies.length / HOMES) === 0);
  const homes = [];
  for (const copy of begun) homes.push(await openHere(place.folder, copy, settings));
  // What was sent and has no answer on record is waited for.
  await until(() => begun.every((copy) => countOpen(copy) === 0));
  expect(begun.map(countOpen)).toEqual(begun.map(() => 0));
  await Promise.all(homes.map((one) => one.stop(1_000)));
  expect(simulator.kills()).toHaveLength(posts);
});
