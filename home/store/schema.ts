import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreRefused } from './refused.ts';
import { DAMAGE, findTrouble } from './sqlite-trouble.ts';

/** `MRSk`: by it a file is known as ours. https://sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x4d52536b;

/** Goes up with each change of a table that the version before could not live with. */
const SCHEMA_VERSION = 1;

/** Who reads a store whose owner has just died holds it for a moment, while it is made whole. https://sqlite.org/walformat.html#recovery */
export const BUSY_TIMEOUT_MS = 1_000;

// 1.7 s for 600 MB: a larger store would keep the off switch away for too long. Damage in it is met where it is read.
const MOST_CHECKED_BYTES = 300 * 1024 * 1024;

/** Makes the file of a new store, 0600: whole or not at all. Throws what SQLite and the disk throw. */
export function makeStore(path: string, service: string): void {
  const unfinished = `${path}.new`;
  removeAll(unfinished); // of a start that died
  try {
    closeSync(openSync(unfinished, 'wx', 0o600));
    fill(unfinished, service);
    syncFile(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    removeAll(unfinished);
    throw error;
  }
  syncFile(dirname(path));
}

function fill(file: string, service: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA journal_mode = WAL;
      CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT`);
    database.prepare("INSERT INTO meta VALUES ('service', ?)").run(service);
  } finally {
    database.close();
  }
}

function removeAll(file: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
}

/** Puts a file, or a folder with the names in it, onto the disk. */
function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether the file is a store of `service` that this version can go on with. Throws StoreRefused where it is not; changes neither it nor its WAL. */
export function checkStore(path: string, service: string): void {
  try {
    readStore(path, (database) => checkContent(database, service, statSync(path).size <= MOST_CHECKED_BYTES));
  } catch (cause) {
    const known = findTrouble(cause);
    if (known === undefined) throw cause;
    throw new StoreRefused(known.message, { cause });
  }
}

/** Reads without a trace where there is no WAL; with one there may be an index of it beside it afterwards. */
function readStore(path: string, read: (database: DatabaseSync) => void): void {
  const url = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) url.search = 'immutable=1'; // https://sqlite.org/uri.html#uriimmutable
  const database = new DatabaseSync(url, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    read(database);
  } finally {
    database.close();
  }
}

function checkContent(database: DatabaseSync, service: string, whole: boolean): void {
  const pragma = (name: string): unknown => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  if (pragma('application_id') !== APPLICATION_ID) {
    throw new StoreRefused('STORE_FILE is the SQLite file of another program: name a file that mrs-killswitch has for itself');
  }
  const version = Number(pragma('user_version'));
  if (version > SCHEMA_VERSION) {
    throw new StoreRefused(`the store is of a newer version of mrs-killswitch (its tables are number ${version}, these are ${SCHEMA_VERSION}): start that version, or put a backup of before in the place of STORE_FILE`);
  }
  if (whole && pragma('quick_check(1)') !== 'ok') {
    throw new StoreRefused(DAMAGE);
  }
  const owner = database.prepare("SELECT value FROM meta WHERE name = 'service'").get()?.['value'];
  if (owner !== service) throw new StoreRefused(`the store is of the service ${String(owner)}, and this one is ${service}: give each a STORE_FILE of its own`);
}
