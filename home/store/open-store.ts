import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lockOf, takeLock, type Waiting } from './lock.ts';
import { checkPlace, type FileSystemType, findStore } from './place.ts';
import { StoreRefused } from './refused.ts';
import { BUSY_TIMEOUT_MS, checkStore, makeStore } from './schema.ts';
import { findTrouble } from './sqlite-trouble.ts';

/** `path` is the store's own, without links: for the socket and the backup. `close` gives the store to the next owner. */
export type OwnedStore = { path: string; database: DatabaseSync; close(): void };

type Options = Waiting & {
  /** Whose store it is: another service's is refused. */
  service: string;
  /** As the kernel says; a test hands in another. */
  typeOf?: FileSystemType | undefined;
  /** What else has to be as it should before the store is opened, or made: done with the lock in hand. What it throws is thrown on. */
  check?: () => Promise<void>;
};

// FULL: what is committed is on the disk. https://sqlite.org/pragma.html#pragma_synchronous
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${64 * 1024 * 1024};
  PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF`;

/**
 * Opens the store that STORE_FILE names (`file`) as its one owner, and makes it with its folder where it is missing. Throws
 * StoreRefused, one line that says what to do, where it cannot be: then nothing was written. What is read before there is a lock
 * is read again with it: the owner that was waited for may have changed it.
 */
export async function openStore(file: string, { service, typeOf, check = async () => undefined, ...waiting }: Options): Promise<OwnedStore> {
  const path = findStore(file);
  checkPlace(path, typeOf);
  if (!existsSync(lockOf(path)) && existsSync(path)) checkStore(path, service);
  const lock = await mending(async () => {
    makeFolder(dirname(path));
    return takeLock(path, waiting);
  });
  try {
    await check();
    return await mending(async () => {
      if (existsSync(path)) checkStore(path, service);
      else makeStore(path, service);
      const database = openDatabase(path);
      return {
        path,
        database,
        close: () => {
          if (database.isOpen) database.close();
          lock.release();
        },
      };
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** One after the other: Node's own `recursive` never ends where a file system says ENOENT for a folder that nobody can make, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause; // another process was faster
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(PRAGMAS);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The disk's trouble in words. */
async function mending<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const known = findTrouble(cause);
    if (known !== undefined) throw new StoreRefused(known.message, { cause });
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (syscall === undefined) throw cause;
    throw new StoreRefused(`STORE_FILE cannot be made there (${code}): check its folder and disk`, { cause });
  }
}
