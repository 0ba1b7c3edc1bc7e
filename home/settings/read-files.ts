import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Log } from '../../lib/log/log.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';

const MOST_BYTES = 65_536;
const MOST_ROUNDS = 3;
const READABLE_BY_EVERYBODY = 0o004;

/** A file that is there, but holds no secret. */
class NoSecret extends Error {}

/**
 * Files with one secret each, read anew at each call by their whole path: a mounted secret is exchanged by a rename or a link, so
 * nothing is kept open. One line break at the end is no part of the value. What cannot be read is missing in the answer and a
 * warning in the log, once until it can be read; so is a file that everybody may read. Throws where none can be read.
 * https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod and
 * https://systemd.io/CREDENTIALS/
 */
export function createFileReader(log: Pick<Log, 'warn'>): ReadParameters {
  const unread = new Set<string>();
  const exposed = new Set<string>();

  async function readOne(path: string): Promise<[string, string][]> {
    try {
      const { value, mode } = await readSecret(path);
      unread.delete(path);
      if ((mode & READABLE_BY_EVERYBODY) !== 0 && !exposed.has(path) && !isSwitch(value)) log.warn('the file of a secret can be read by everybody: chmod 600', { file: path });
      if ((mode & READABLE_BY_EVERYBODY) !== 0) exposed.add(path);
      else exposed.delete(path);
      return [[path, value]];
    } catch (error) {
      if (!unread.has(path)) log.warn('a file that a setting refers to cannot be read: a secret holds as it was read before, PAUSED counts as on', { file: path, cause: causeOf(error) });
      unread.add(path);
      return [];
    }
  }

  const readAll = async (paths: readonly string[]) => new Map((await Promise.all(paths.map(readOne))).flat());

  return async (paths) => {
    // Access key and secret key are two files: until two rounds say the same, an exchange may lie between them.
    let values = await readAll(paths);
    for (let rounds = 1; rounds < MOST_ROUNDS; rounds++) {
      const again = await readAll(paths);
      const isSame = again.size === values.size && [...again].every(([path, value]) => values.get(path) === value);
      values = again;
      if (isSame) break;
    }
    if (values.size === 0 && paths.length > 0) throw new Error('none of the files could be read');
    return values;
  };
}

async function readSecret(path: string): Promise<{ value: string; mode: number }> {
  // Without waiting: to open a pipe would take until somebody writes into it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new NoSecret('is no file');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES + 1), 0, MOST_BYTES + 1, 0);
    if (bytesRead > MOST_BYTES) throw new NoSecret(`has more than ${MOST_BYTES} bytes`);
    const value = buffer.toString('utf8', 0, bytesRead).replace(/\r?\n$/, '');
    // Amid being written, or truncated by a full disk: what was read before is better.
    if (value.trim() === '') throw new NoSecret('is empty');
    return { value, mode: stat.mode };
  } finally {
    await file.close();
  }
}

/** What PAUSED says is no secret. */
function isSwitch(value: string): boolean {
  return /^\s*(?:true|false)\s*$/.test(value);
}

/** The system's code, ENOENT or EACCES; never the message, which could say more than is wanted. */
function causeOf(error: unknown): string {
  if (error instanceof NoSecret) return error.message;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : 'cannot be read';
}
