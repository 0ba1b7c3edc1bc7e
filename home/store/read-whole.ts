// Runs in a thread of its own: reads the store at the path that it is given from end to end, and says what is wrong with it.
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { BUSY_TIMEOUT_MS } from './schema.ts';
import { isDamage } from './sqlite-trouble.ts';

/** What the thread says: whether the store is damaged, or why that could not be seen now. */
export type Seen = { isDamaged: boolean } | { trouble: string };

function readWhole(path: string): Seen {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    return { isDamaged: database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok' };
  } catch (error) {
    return isDamage(error) ? { isDamaged: true } : { trouble: String(error) };
  } finally {
    database?.close();
  }
}

parentPort?.postMessage(readWhole(String(workerData)));
