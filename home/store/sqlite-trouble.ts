import { LedgerFailed, type LedgerTrouble } from '../../lib/ledger/port.ts';

const DAMAGED = 11;
const NO_DATABASE = 26;

/** What a damaged store means for people. */
export const DAMAGE = 'the store is damaged: put a backup in the place of STORE_FILE, and remove the files beside it that end with -wal and -shm';

// Primary result codes; the extended ones carry them in their lowest byte. https://sqlite.org/rescode.html
const TABLE: Readonly<Record<number, [LedgerTrouble, string]>> = {
  1: ['refused', 'the store does not have our tables: STORE_FILE has to name a store of mrs-killswitch'],
  5: ['throttled', 'another process holds the store'],
  6: ['throttled', 'another process holds the store'],
  8: ['refused', 'the store is read-only: make the file of STORE_FILE and its folder writable'],
  10: ['unavailable', "the store's disk gives errors"],
  [DAMAGED]: ['refused', DAMAGE],
  13: ['unavailable', "the store's disk is full"],
  14: ['refused', 'the store cannot be opened: STORE_FILE and the files beside it have to belong to this user, in a folder that can be written'],
  17: ['unavailable', 'the store was changed by another process'],
  [NO_DATABASE]: ['refused', 'STORE_FILE names no SQLite file: give the path of a store of mrs-killswitch, or of a file that is not there yet'],
};

/** What SQLite's error means, by its result code, and what to do where there is something to do; undefined for any other error. */
export function findTrouble(cause: unknown): { trouble: LedgerTrouble; message: string } | undefined {
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  if (code === 'ERR_INVALID_STATE') return { trouble: 'unavailable', message: 'the store is closed' };
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return undefined;
  const [trouble, message] = TABLE[errcode & 0xff] ?? ['unavailable', `the store gives error ${errcode}`];
  return { trouble, message };
}

/** Whether the file is not what was written to it: no wait mends that. */
export function isDamage(cause: unknown): boolean {
  const { code, errcode } = cause as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' && [DAMAGED, NO_DATABASE].includes(errcode & 0xff);
}

/** Does `work`; SQLite's trouble becomes LedgerFailed. */
export function named<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw nameTrouble(cause);
  }
}

/** The same for what is done later. */
export async function namedLater<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw nameTrouble(cause);
  }
}

function nameTrouble(cause: unknown): unknown {
  const found = findTrouble(cause);
  return found === undefined ? cause : new LedgerFailed(found.trouble, found.message, { cause });
}
