import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { AppError, InvalidRequest } from '../../lib/core/errors.ts';
import { findTrouble } from './sqlite-trouble.ts';

export type Backup = { file: string; bytes: number };

/** A backup was not made, or is not whole. The message says what to do; nothing is left of one that was not made. */
export class BackupFailed extends AppError {
  readonly code = 'backup_failed';

  override get name(): string {
    return 'BackupFailed';
  }
}

/** What lies beside a store, or may. */
const OF_THE_STORE = ['', '-wal', '-shm', '-journal', '.lock', '.owner', '.owner.new', '.sock', '.new'];

// 1 MB a step: between two of them others have the database.
const PAGES_A_STEP = 256;

/**
 * Copies the store at `path` while it is written to, as it stood when the copy began. The file (its whole path) is there when it is
 * whole and on the disk, and no file is ever written over. One at a time. Throws InvalidRequest and BackupFailed.
 * https://nodejs.org/docs/latest-v24.x/api/sqlite.html#sqlitebackupsourcedb-path-options
 */
export function createBackup(path: string): (file: string) => Promise<Backup> {
  let isRunning = false;
  return async (file) => {
    if (isRunning) throw new InvalidRequest('a backup is being made: wait for its end');
    isRunning = true;
    try {
      return await copyTo(await findFree(file, path), path);
    } finally {
      isRunning = false;
    }
  };
}

async function findFree(file: string, path: string): Promise<string> {
  if (!isAbsolute(file)) throw new InvalidRequest('the file of a backup is named by its whole path');
  const folder = await realpath(dirname(file)).catch((cause: unknown) => {
    throw new InvalidRequest('the folder of the backup is not there: make it first', { cause });
  });
  const found = join(folder, basename(file));
  if (OF_THE_STORE.some((end) => found === `${path}${end}`)) throw new InvalidRequest('that file belongs to the store: name another one for the backup');
  return found;
}

async function copyTo(file: string, path: string): Promise<Backup> {
  const unfinished = `${file}.unfinished`;
  await claim(file, 'that file is there already: name a new one for the backup');
  try {
    await claim(unfinished, 'the file of a backup that did not end is there, with .unfinished at the end of its name: remove it first');
    try {
      await copy(path, unfinished);
      await sync(unfinished);
      await rename(unfinished, file);
    } catch (cause) {
      for (const end of ['', '-journal']) await rm(`${unfinished}${end}`, { force: true });
      throw cause;
    }
    await sync(dirname(file));
    return { file, bytes: (await stat(file)).size };
  } catch (cause) {
    await rm(file, { force: true });
    throw toFailed(cause);
  }
}

/**
 * By a connection that keeps one view of the store. Without one the copy begins again with each write; by the connection that
 * writes, Node gives up where the first step meets a transaction.
 */
async function copy(path: string, to: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    source.exec('BEGIN; SELECT * FROM meta');
    await backup(source, to, { rate: PAGES_A_STEP });
  } finally {
    source.close();
  }
}

function toFailed(cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  const words = findTrouble(cause) === undefined ? (cause as NodeJS.ErrnoException).code : (cause as Error).message;
  return new BackupFailed(`the backup was not made: check the free space and the rights of its folder (${words})`, { cause });
}

/** Makes the file, which must not be there: the name is ours from then on. */
async function claim(file: string, taken: string): Promise<void> {
  try {
    await (await open(file, 'wx', 0o600)).close();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw new InvalidRequest(taken, { cause });
    throw toFailed(cause);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reads a backup from end to end: for who asked for it, not for the store's owner, whose loop would stand meanwhile. Throws BackupFailed. */
export function checkBackup(file: string): void {
  const url = pathToFileURL(file);
  url.search = 'immutable=1'; // leaves no trace
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(url, { readOnly: true });
    const { integrity_check: found } = database.prepare('PRAGMA integrity_check(1)').get() ?? {};
    if (found !== 'ok') throw new BackupFailed('the backup is not whole: check its disk, and make another');
  } catch (cause) {
    if (findTrouble(cause) === undefined) throw cause;
    throw new BackupFailed('the backup cannot be read: check its disk, and make another', { cause });
  } finally {
    database?.close();
  }
}
