import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { AppError } from '../../lib/core/errors.ts';
import { type Ask, readAsk } from './control-line.ts';
import { socketOf } from './place.ts';
import { StoreRefused } from './refused.ts';

/** What the owner does when it is asked to. An AppError that they throw is told to who asked. */
export type Commands = {
  /** What is open, one line each. */
  open(): readonly object[];
  stop(name: string): Promise<'stopped' | 'over' | 'unknown'>;
  backup(file: string): Promise<object>;
  /** Runs cleanup once; its report. */
  cleanup(dryRun: boolean): Promise<object>;
};

const MOST_CONNECTIONS = 16;
const MOST_CHARACTERS = 16_384;
const ASK_WITHIN_MS = 10_000;
const SIGN_OF_LIFE_MS = 2_000;

/**
 * Lets processes of this user speak to the owner of the store at `path`, over `<store>.sock` (0600). One line of JSON asks; lines
 * answer: `{"item": …}` any number of times, then `{"done": …}` or `{"error": "…"}`; an empty line says that it takes longer.
 * Call it with the lock held, before anything is begun. `onError` hears of what no AppError says. Throws StoreRefused where another
 * process answers there: then somebody has removed the lock's file, and there would be two owners.
 */
export async function startControl(path: string, commands: Commands, onError: (error: unknown) => void): Promise<{ close(): void }> {
  const socket = socketOf(path);
  await removeStale(socket);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (asking) => {
    sockets.add(asking);
    asking.once('close', () => sockets.delete(asking));
    listenTo(asking, commands, onError);
  });
  server.maxConnections = MOST_CONNECTIONS;
  const mask = process.umask(0o177); // made for this user alone: not open to all for a moment
  try {
    server.listen(socket);
  } finally {
    process.umask(mask);
  }
  await once(server, 'listening').catch((cause: unknown) => {
    throw new StoreRefused(`the socket beside STORE_FILE cannot be made (${(cause as NodeJS.ErrnoException).code}): check its folder and disk`, { cause });
  });
  chmodSync(socket, 0o600);
  server.on('error', onError);
  return {
    close: () => {
      server.close(); // removes the socket
      for (const asking of sockets) asking.destroy();
    },
  };
}

async function removeStale(socket: string): Promise<void> {
  const stats = lstatSync(socket, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new StoreRefused('the file beside STORE_FILE that ends with .sock is no socket: remove it');
  const knock = connect(socket);
  try {
    await once(knock, 'connect');
  } catch {
    return rmSync(socket, { force: true });
  } finally {
    knock.destroy();
  }
  throw new StoreRefused('another process answers for STORE_FILE, though its lock is free: stop that process; nobody may remove the file that ends with .lock');
}

function listenTo(asking: Socket, commands: Commands, onError: (error: unknown) => void): void {
  let text = '';
  let isRead = false;
  const read = (line: string): void => {
    if (isRead) return;
    isRead = true;
    asking.setTimeout(0);
    void answer(asking, line, commands, onError);
  };
  asking.setEncoding('utf8');
  asking.setTimeout(ASK_WITHIN_MS, () => asking.destroy());
  asking.on('error', () => asking.destroy()); // who asked is gone
  asking.on('data', (more: string) => {
    if (isRead) return;
    text += more;
    const end = text.indexOf('\n');
    if (end !== -1 || text.length > MOST_CHARACTERS) read(text.slice(0, end === -1 ? MOST_CHARACTERS + 1 : end));
  });
  asking.on('end', () => read(text));
}

async function answer(asking: Socket, line: string, commands: Commands, onError: (error: unknown) => void): Promise<void> {
  const write = (text: string): void => void (asking.writable && asking.write(text));
  const alive = setInterval(() => write('\n'), SIGN_OF_LIFE_MS);
  asking.once('close', () => clearInterval(alive));
  try {
    const { items, done } = await obey(readAsk(line, MOST_CHARACTERS), commands);
    write([...items.map((item) => ({ item })), { done }].map((part) => `${JSON.stringify(part)}\n`).join(''));
  } catch (error) {
    if (!(error instanceof AppError)) onError(error);
    write(`${JSON.stringify({ error: error instanceof AppError ? error.message : 'that did not work: the log of the owner says why' })}\n`);
  } finally {
    clearInterval(alive);
    asking.setTimeout(ASK_WITHIN_MS); // for who reads no answer
    asking.end();
  }
}

async function obey(ask: Ask, commands: Commands): Promise<{ items: readonly object[]; done: unknown }> {
  switch (ask.command) {
    case 'open': {
      const items = commands.open();
      return { items, done: items.length };
    }
    case 'stop':
      return { items: [], done: await commands.stop(ask.name) };
    case 'backup':
      return { items: [], done: await commands.backup(ask.file) };
    case 'cleanup':
      return { items: [], done: await commands.cleanup(ask.dryRun) };
  }
}
