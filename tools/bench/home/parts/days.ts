import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type DurableEngine } from '../../../../home/engine/engine.ts';
import { createForgetOver } from '../../../../home/ledger/forget-over.ts';
import { createSqliteLedger } from '../../../../home/ledger/sqlite.ts';
import { openStore } from '../../../../home/store/open-store.ts';
import { createStore, type Store } from '../../../../home/store/store.ts';
import { RUN_KEPT_MS, runPartition, startPartition } from '../../../../lib/ledger/keys.ts';
import type { Ledger } from '../../../../lib/ledger/port.ts';
import { virtualClock } from '../../../../test/local/clock.ts';
import type { Row } from '../../part.ts';
import { asIfAt, type Left, playOneKill } from '../one-kill.ts';
import type { HomePart } from '../part.ts';

const DAYS = 45;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** So long is written, and then tidied, at a time. */
const STEP_MS = { quick: DAY_MS, full: HOUR_MS };
const BATCH = 200; // as the home tidies
/** 2026-12-01, midnight UTC. */
const BEGINS = 1_796_083_200_000;
/** When nothing of the ledger, and of the names, can be older any more: a day after they are over at most. */
const [ENDS_FULL, NAMES_FULL] = [32, 16];

/** What stands in the store at the end of a day, and how long a read takes then. */
type Evening = { bytes: number; entries: number; executions: number; readsUs: number[] };

/** Weeks of kills, by the clock that is handed in: what each leaves is what one of the process left, with other ids and moments. */
export const days: HomePart = {
  name: 'days',
  about: `${DAYS} days of kills`,
  async measure({ isQuick }) {
    const aDay = isQuick ? 4 : 10_000;
    const left = await playOneKill();
    const evenings = await playDays(left, aDay, isQuick ? STEP_MS.quick : STEP_MS.full);
    const at = (day: number): Evening => evenings[day - 1] as Evening;
    const last = at(DAYS);
    const flat = (what: string, unit: string, value: (evening: Evening) => number, day: number): Row =>
      ({ what: `${what} after ${DAYS} days`, unit, ours: [value(last)], peer: { name: `after ${day}`, values: [value(at(day))] }, most: { ratio: 1.02 } });
    return [
      { what: 'a kill leaves', unit: 'entries', ours: [left.ledger.length] },
      flat('the store', 'MB', ({ bytes }) => bytes / 1e6, ENDS_FULL),
      flat('entries of the ledger', 'entries', ({ entries }) => entries, ENDS_FULL),
      flat('executions with a name', 'executions', ({ executions }) => executions, NAMES_FULL),
      { what: `reads of a request, of a day's end, and a claim, after ${DAYS} days`, unit: 'µs', ours: last.readsUs, peer: { name: 'after 2', values: at(2).readsUs }, most: { ratio: 2 }, note: `${aDay} kills a day` },
    ];
  },
};

async function playDays(left: Left, aDay: number, stepMs: number): Promise<Evening[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-days-'));
  const owned = await openStore(join(folder, 'store.sqlite'), { service: 'bench', standby: false, now: Date.now });
  owned.database.exec('PRAGMA synchronous = OFF'); // what is measured is what stands, and reads
  const clock = virtualClock(BEGINS);
  const store = createStore(owned.database, queueMicrotask);
  const ledger = createSqliteLedger(store);
  const engine = createEngine({ store, clock, createId: () => crypto.randomUUID(), version: '1' });
  const tidy = [createForgetOver(store), (now: number, most: number) => engine.forgetEnded(now - RUN_KEPT_MS, most)];
  const leave = openLeave(store, left);
  const evenings: Evening[] = [];
  try {
    for (let day = 1, number = 1; day <= DAYS; day++) {
      for (let from = BEGINS + (day - 1) * DAY_MS; from < BEGINS + day * DAY_MS; from += stepMs) {
        clock.advanceTo(from + stepMs - 1);
        const until = Math.round((aDay * (from + stepMs - BEGINS)) / DAY_MS);
        await store.write(() => {
          for (; number <= until; number++) leave(number, from + ((number * 7_919) % stepMs));
        });
        for (const forget of tidy) while ((await forget(clock.now(), BATCH)) === BATCH);
      }
      evenings.push({ ...count(store), bytes: sizeOf(owned.path, store), readsUs: await timeReads(ledger, engine, left, clock.now(), number - 1) });
    }
    return evenings;
  } finally {
    engine.close();
    owned.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function openLeave({ database }: Store, left: Left): (number: number, at: number) => void {
  const columns = (row: object): string => Object.keys(row).map((name) => `:${name}`).join(', ');
  const entry = database.prepare(`INSERT OR REPLACE INTO ledger VALUES (${columns(left.ledger[0] ?? {})})`);
  const execution = database.prepare(`INSERT INTO executions VALUES (${columns(left.execution)})`);
  return (number, at) => {
    const other = asIfAt(left, number, at);
    for (const row of other.ledger) entry.run(row);
    execution.run(other.execution);
  };
}

function count({ database }: Store): { entries: number; executions: number } {
  const of = (table: string): number => Number(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']);
  return { entries: of('ledger'), executions: of('executions') };
}

/** With what is in the log beside it. */
function sizeOf(path: string, { database }: Store): number {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  return statSync(path).size;
}

/** What a run and a person ask, of kills all over the last days. */
async function timeReads(ledger: Ledger, engine: DurableEngine, left: Left, now: number, newest: number): Promise<number[]> {
  const times: number[] = [];
  for (let back = 0; back < 200; back++) {
    const number = Math.max(1, newest - back * 37);
    const { execution } = asIfAt(left, number, now);
    const name = String(execution['name']);
    const day = new Date(now - (back % 7) * DAY_MS).toISOString().slice(0, 10);
    const began = performance.now();
    engine.byName(name);
    await ledger.list(startPartition(name), { now, most: 200 });
    await ledger.list(runPartition(name), { now, most: 200 });
    await ledger.list(`day/${day}`, { now, most: 25, newestFirst: true });
    await ledger.claim({ partition: `door/${name}`, rest: '-' }, { owner: name, start: 1, until: now, value: { at: now } }, { now });
    times.push((performance.now() - began) * 1_000);
  }
  return times.slice(20); // what is read the first time comes from the disk
}
