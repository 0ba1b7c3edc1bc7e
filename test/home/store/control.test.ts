import { once } from 'node:events';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askOwner } from '../../../home/store/control-client.ts';
import { type Commands, startControl } from '../../../home/store/control.ts';
import { InvalidRequest } from '../../../lib/core/errors.ts';
import { makeFolder, startOwner } from './owner.ts';

const WAITING = [{ name: 'slack-live-1', waits: 'asks' }, { name: 'slack-live-2', waits: 'follows' }];
const USUAL = 'ask with {"command": "open"}, {"command": "stop", "name": "…"}, {"command": "backup", "file": "…"} or {"command": "cleanup", "dryRun": true}';

const opened: { close(): void }[] = [];
const errors: unknown[] = [];
afterEach(() => {
  for (const control of opened.splice(0)) control.close();
  errors.length = 0;
});

async function control(commands: Partial<Commands> = {}): Promise<{ file: string; done: string[] }> {
  const file = join(makeFolder(), 'store.sqlite');
  const done: string[] = [];
  const all: Commands = {
    open: () => WAITING,
    stop: async (name) => (done.push(`stop ${name}`), 'stopped'),
    backup: async (to) => (done.push(`backup ${to}`), { file: to, bytes: 4096 }),
    cleanup: async (dryRun) => (done.push(`cleanup ${dryRun}`), { rules: [] }),
    ...commands,
  };
  opened.push(await startControl(file, all, (error) => errors.push(error)));
  return { file, done };
}

/** What comes back for these bytes. */
async function say(file: string, text: string, end: boolean): Promise<string> {
  const socket = connect(`${file}.sock`);
  let answer = '';
  socket.setEncoding('utf8').on('data', (more: string) => void (answer += more));
  if (end) socket.end(text);
  else socket.write(text);
  await once(socket, 'end');
  return answer;
}

describe('the socket beside the store', () => {
  it('is for this user alone, tells what is open, stops, backs up and cleans, and is gone with its owner', async () => {
    const { file, done } = await control();
    expect(statSync(`${file}.sock`).mode & 0o777).toBe(0o600);
    expect(await askOwner(file, { command: 'open' })).toEqual({ items: WAITING, done: 2 });
    expect(await askOwner(file, { command: 'stop', name: 'slack-live-1' })).toEqual({ items: [], done: 'stopped' });
    expect(await askOwner(file, { command: 'backup', file: '/backups/a' })).toEqual({ items: [], done: { file: '/backups/a', bytes: 4096 } });
    expect(await askOwner(file, { command: 'cleanup', dryRun: true })).toEqual({ items: [], done: { rules: [] } });
    expect(done).toEqual(['stop slack-live-1', 'backup /backups/a', 'cleanup true']);
    opened.pop()?.close();
    expect(existsSync(`${file}.sock`)).toBe(false);
    await expect(askOwner(file, { command: 'open' })).rejects.toThrow(`no process holds the store ${file}: set STORE_FILE as the process that serves has it; where none does, start one with npm run serve`);
  });

  it.each([
    ['', 'ask with one line of JSON, such as {"command": "open"}'],
    ['open', 'ask with one line of JSON, such as {"command": "open"}'],
    ['null', USUAL],
    ['{"command":"kill"}', USUAL],
    ['{"command":"stop"}', USUAL],
    ['{"command":"stop","name":""}', USUAL],
    ['{"command":"stop","name":1}', USUAL],
    ['{"command":"backup","file":"a","over":true}', USUAL],
    ['{"command":"cleanup"}', USUAL],
    ['{"command":"cleanup","dryRun":"yes"}', USUAL],
    ['x'.repeat(16_385), 'a line has 16384 characters at most'],
  ])('says what is wrong with %.30j; nothing was done', async (line, error) => {
    const { file, done } = await control();
    expect(await say(file, `${line}\n`, false)).toBe(`${JSON.stringify({ error })}\n`);
    expect(await say(file, line, true)).toBe(`${JSON.stringify({ error })}\n`);
    expect(done).toEqual([]);
  });

  it('hears one line of each, and who goes away does no harm', async () => {
    const { file, done } = await control();
    const line = JSON.stringify({ command: 'stop', name: 'a' });
    expect(await say(file, `${line}\n${line}\n`, false)).toBe('{"done":"stopped"}\n');
    const gone = connect(`${file}.sock`);
    gone.write('{"comm');
    await once(gone, 'connect');
    gone.destroy();
    expect(await askOwner(file, { command: 'open' })).toMatchObject({ done: 2 });
    expect(done).toEqual(['stop a']);
  });

  it('tells what a command says that cannot be done, and leaves the rest to the log', async () => {
    const { file } = await control({
      stop: () => Promise.reject(new Error('database is locked: /var/lib/x')),
      backup: () => Promise.reject(new InvalidRequest('that file is there already')),
    });
    await expect(askOwner(file, { command: 'backup', file: '/a' })).rejects.toThrow('that file is there already');
    expect(errors).toEqual([]);
    await expect(askOwner(file, { command: 'stop', name: 'a' })).rejects.toThrow('that did not work: the log of the owner says why');
    expect(errors).toMatchObject([{ message: 'database is locked: /var/lib/x' }]);
  });

  it('says that it ended when its owner ends in between', async () => {
    const { file } = await control({ backup: () => new Promise(() => opened.pop()?.close()) });
    await expect(askOwner(file, { command: 'backup', file: '/a' })).rejects.toThrow('the process that holds the store ended before it had answered: ask again');
  });

  it('a dead owner leaves one that the next takes over; a frozen one is said', async () => {
    const file = join(makeFolder(), 'store.sqlite');
    const first = await startOwner(file);
    first.process.kill('SIGKILL');
    await first.exit;
    expect(existsSync(`${file}.sock`)).toBe(true);
    await expect(askOwner(file, { command: 'open' })).rejects.toThrow(`no process holds the store ${file}`);

    const second = await startOwner(file);
    expect(await askOwner(file, { command: 'open' })).toEqual({ items: [], done: 0 });
    second.process.kill('SIGSTOP');
    await expect(askOwner(file, { command: 'open' }, 300)).rejects.toThrow('the process that holds the store gives no answer: it is frozen, or far too busy');
  });

  it('where somebody removed the lock, the socket of the living keeps a second owner away', async () => {
    const file = join(makeFolder(), 'store.sqlite');
    await startOwner(file);
    rmSync(`${file}.lock`);
    const second = await startOwner(file);
    expect(second.said()).toEqual([{ refused: expect.stringMatching(/^another process answers for STORE_FILE, though its lock is free/) as unknown }]);
  });

  it('something else of that name is left where it is', async () => {
    const file = join(makeFolder(), 'store.sqlite');
    writeFileSync(`${file}.sock`, 'a letter');
    const commands: Commands = { open: () => [], stop: async () => 'unknown', backup: async () => ({}), cleanup: async () => ({}) };
    await expect(startControl(file, commands, () => undefined)).rejects.toThrow('the file beside STORE_FILE that ends with .sock is no socket: remove it');
    expect(statSync(`${file}.sock`).size).toBe(8);
  });
});
