import { connect } from 'node:net';
import { AppError } from '../../lib/core/errors.ts';
import type { Ask } from './control-line.ts';
import { findStore, socketOf } from './place.ts';

/** The owner of the store did not do what it was asked for, or cannot be reached. The message says what to do. */
export class OwnerRefused extends AppError {
  readonly code = 'owner_refused';

  override get name(): string {
    return 'OwnerRefused';
  }
}

export type Answer = { items: unknown[]; done: unknown };

/**
 * Asks the process that owns the store of STORE_FILE (`file`), and waits for its whole answer, however long it takes, as long as it
 * gives a sign of life every `silentMs`. Throws OwnerRefused, and StoreRefused where `file` can name no store.
 */
export async function askOwner(file: string, ask: Ask, silentMs = 10_000): Promise<Answer> {
  const store = findStore(file);
  const socket = connect(socketOf(store));
  socket.setEncoding('utf8');
  socket.setTimeout(silentMs, () => socket.destroy(new OwnerRefused('the process that holds the store gives no answer: it is frozen, or far too busy')));
  socket.write(`${JSON.stringify(ask)}\n`);
  let text = '';
  try {
    for await (const more of socket) text += more as string;
  } catch (cause) {
    throw cause instanceof AppError ? cause : new OwnerRefused(describe(cause, store), { cause });
  }
  const parts = text.split('\n').slice(0, -1).filter((line) => line !== '').map((line) => JSON.parse(line) as { item?: unknown; done?: unknown; error?: string });
  const last = parts.at(-1);
  if (last?.error !== undefined) throw new OwnerRefused(last.error);
  if (last === undefined || !('done' in last)) throw new OwnerRefused('the process that holds the store ended before it had answered: ask again');
  return { items: parts.slice(0, -1).map(({ item }) => item), done: last.done };
}

function describe(cause: unknown, store: string): string {
  const { code } = cause as NodeJS.ErrnoException;
  // A second home on another store is the last thing that somebody wants who only forgot to say where the store is.
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return `no process holds the store ${store}: set STORE_FILE as the process that serves has it; where none does, start one with npm run serve`;
  if (code === 'EACCES') return 'the store of STORE_FILE is held by a process of another user: ask as that user';
  return `the process that holds the store cannot be asked (${code})`;
}
