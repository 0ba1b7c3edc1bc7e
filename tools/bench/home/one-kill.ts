import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANALYTICS_ID } from '../../../test/simulator/client.ts';
import { KILLS, makeFolder, startHome } from './home-process.ts';
import { deliver } from './senders.ts';
import { startWorld } from './world.ts';

type Row = Record<string, SQLOutputValue>;
/** What a kill leaves in the store: rows of the ledger, and its execution. `at`: when it ended, epoch ms. */
export type Left = { ledger: Row[]; execution: Row; jobId: string; at: number };

const GIVE_UP_AFTER_MS = 60_000;

/** Plays one kill by an alert, in the process as it is shipped, and reads what it left. */
export async function playOneKill(): Promise<Left> {
  const world = await startWorld(0);
  const { folder, store, remove } = makeFolder();
  const home = await startHome(folder, world.served, { FOLLOW_INTERVAL_SEC: '1' });
  try {
    const [jobId = ''] = await world.addJobs(1, ANALYTICS_ID);
    await deliver(home.url, { name: KILLS, cluster: 'analytics', jobIds: [jobId] });
    for (const giveUpAt = performance.now() + GIVE_UP_AFTER_MS; performance.now() < giveUpAt; await sleep(50)) {
      const left = readStore(store);
      if (left !== undefined) return { ...left, jobId };
    }
    throw new Error('the kill did not end');
  } finally {
    await home.stop();
    world.stop();
    remove();
  }
}

/** Undefined while the execution is open. */
function readStore(store: string): Omit<Left, 'jobId'> | undefined {
  const database = new DatabaseSync(store, { readOnly: true });
  try {
    // The hour's places are one entry for all.
    const ledger = database.prepare("SELECT * FROM ledger WHERE pk <> 'places'").all();
    const execution = database.prepare("SELECT * FROM executions WHERE status = 'SUCCEEDED'").get();
    return execution && { ledger, execution, at: Number(execution['endMs']) };
  } finally {
    database.close();
  }
}

const AROUND_MS = 3_600_000;

/**
 * What another kill would have left, of another job, under another name, that ended at `at` (epoch ms): the same bytes with other
 * ids, and each moment in it moved along.
 */
export function asIfAt(left: Left, number: number, at: number): { ledger: Row[]; execution: Row } {
  const word = number.toString(16).padStart(12, '0');
  const byMs = at - left.at;
  const moved = (ms: number): string => new Date(ms + byMs).toISOString();
  const today = new RegExp(`${new Date(left.at).toISOString().slice(0, 10)}(?!T)`, 'g');
  // Who is found by an id is another one, who is found by its name the same.
  const [, nameWord = ''] = left.ledger.map(({ pk }) => /^name\/[^/]+\/(.*)$/.exec(String(pk))).find((found) => found !== null) ?? [];
  const { name: oldName, id: oldId } = left.execution;
  const [name, id] = [String(oldName), String(oldId)];
  const reword = (text: string): string => text
    .replaceAll(left.jobId, left.jobId.slice(0, -word.length) + word)
    .replaceAll(name, name.slice(0, -word.length) + word)
    .replaceAll(id, id.slice(0, -word.length) + word)
    .replace(/\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z/g, (iso) => (Math.abs(Date.parse(iso) - left.at) < AROUND_MS ? moved(Date.parse(iso)) : iso))
    .replace(today, new Date(at).toISOString().slice(0, 10))
    .replace(/^job\/([0-9a-f]{32})$/, (text, found: string) => (found === nameWord ? text : text.slice(0, -word.length) + word))
    .replace(/\b\d{13}\b/g, (digits) => (Math.abs(Number(digits) - left.at) < AROUND_MS ? String(Number(digits) + byMs) : digits));
  const move = (row: Row): Row => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, typeof value === 'string' ? reword(value) : movedBy(column, value, byMs)]));
  return { ledger: left.ledger.map(move), execution: move(left.execution) };
}

const MOMENTS = new Set(['until', 'queuedMs', 'startMs', 'endMs']);

function movedBy(column: string, value: SQLOutputValue, byMs: number): SQLOutputValue {
  return MOMENTS.has(column) && typeof value === 'number' ? value + byMs : value;
}
