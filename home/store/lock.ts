import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreRefused } from './refused.ts';
import { findTrouble } from './sqlite-trouble.ts';

/** Who waits for the store: `now` (epoch ms) is the clock, `signal` ends the wait, `onWait` hears once who holds the store. */
export type Waiting = { standby: boolean; now: () => number; signal?: AbortSignal | undefined; onWait?: ((holder: string) => void) | undefined };

export type Lock = { release(): void };

const EVERY_MS = 200;

/** For the process's life: a connection that nobody refers to is closed, and its lock with it. */
const held = new Set<DatabaseSync>();

export const lockOf = (path: string): string => `${path}.lock`;

/**
 * The lock of the store's one owner: the kernel's, so a frozen owner keeps it and a dead one has lost it at once. Where another
 * process holds it, throws StoreRefused that says who, or with `standby` waits; throws an AbortError where `signal` ends that.
 *
 * Nothing else may ever open the lock's file: a process that closes any descriptor of a file loses its locks on it.
 * https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
export async function takeLock(path: string, { standby, now, signal, onWait }: Waiting): Promise<Lock> {
  const database = openLock(lockOf(path));
  try {
    for (let said = false; !tryLock(database); said = true) {
      if (!standby) throw new StoreRefused(`STORE_FILE is held by ${readHolder(path)}: stop it first, or start this one with --standby to follow it`);
      if (!said) onWait?.(readHolder(path));
      await sleep(EVERY_MS, undefined, { signal });
    }
  } catch (error) {
    database.close();
    throw error;
  }
  held.add(database);
  writeHolder(path, now());
  return {
    release: () => {
      if (!held.delete(database)) return;
      rmSync(holderOf(path), { force: true });
      database.close();
    },
  };
}

function openLock(file: string): DatabaseSync {
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (cause) {
    throw toRefused(cause);
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'); // with no file of its own
    return true;
  } catch (cause) {
    if (findTrouble(cause)?.trouble === 'throttled') return false;
    throw toRefused(cause);
  }
}

function toRefused(cause: unknown): StoreRefused {
  return new StoreRefused(`the file beside STORE_FILE that ends with .lock cannot be locked (${(cause as Error).message}): it has to belong to this user, and to be as it was made`, { cause });
}

// In a file beside the lock: who reads the lock's own would take it from its holder.
const holderOf = (path: string): string => `${path}.owner`;

/** Only for people: a disk that is full keeps nobody from being the owner. */
function writeHolder(path: string, now: number): void {
  const file = holderOf(path);
  try {
    rmSync(file, { force: true });
    writeFileSync(`${file}.new`, JSON.stringify({ pid: process.pid, since: new Date(now).toISOString() }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    rmSync(`${file}.new`, { force: true });
  }
}

/** `process 123 (since 2026-11-28T12:00:00.000Z)` */
function readHolder(path: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(holderOf(path), 'utf8')) as { pid: number; since: string };
    return `process ${pid} (since ${since})`;
  } catch {
    return 'another process';
  }
}
