import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFileReader } from '../../../home/settings/read-files.ts';
import type { Fields } from '../../../lib/log/log.ts';
import type { ReadParameters } from '../../../lib/settings/references.ts';

let folder: string;
let warnings: [string, Fields | undefined][];
let read: ReadParameters;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  warnings = [];
  read = createFileReader({ warn: (message, fields) => void warnings.push([message, fields]) });
});
afterEach(() => rmSync(folder, { recursive: true }));

const pathOf = (name: string): string => join(folder, name);
function write(name: string, text: string): string {
  writeFileSync(pathOf(name), text, { mode: 0o600 });
  return pathOf(name);
}
const valueOf = async (path: string): Promise<string | undefined> => (await read([path])).get(path);
const noneCanBeRead = 'none of the files could be read';

describe('a secret in a file', () => {
  it.each([
    ['secret', 'secret'],
    ['secret\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret\n\n', 'secret\n'],
    [' p a ß ', ' p a ß '],
  ])('is %j without the line break at its end', async (text, value) => {
    expect(await valueOf(write('a', text))).toBe(value);
    expect(warnings).toEqual([]);
  });

  it('is read anew after a rename over it', async () => {
    const path = write('a', 'old\n');
    expect(await valueOf(path)).toBe('old');
    renameSync(write('a.new', 'new\n'), path);
    expect(await valueOf(path)).toBe('new');
  });

  it('is read anew where a link is turned, as Kubernetes does it', async () => {
    for (const [version, value] of [['..1', 'old'], ['..2', 'new']] as const) {
      mkdirSync(pathOf(version));
      write(`${version}/token`, value);
    }
    symlinkSync('..1', pathOf('..data'));
    symlinkSync('..data/token', pathOf('token'));
    expect(await valueOf(pathOf('token'))).toBe('old');
    symlinkSync('..2', pathOf('..data_tmp'));
    renameSync(pathOf('..data_tmp'), pathOf('..data'));
    expect(await valueOf(pathOf('token'))).toBe('new');
  });

  it.each<[string, (path: string) => void, string]>([
    ['is missing', () => undefined, 'ENOENT'],
    ['is a folder', (path) => mkdirSync(path), 'is no file'],
    ['is a pipe that nobody writes into', (path) => void execFileSync('mkfifo', [path]), 'is no file'],
    ['is empty', (path) => writeFileSync(path, ''), 'is empty'],
    ['holds a line break only', (path) => writeFileSync(path, '\n'), 'is empty'],
    ['is a link in a circle', (path) => symlinkSync(path, path), 'ELOOP'],
    ['is far too large', (path) => writeFileSync(path, 'x'.repeat(65_537)), 'has more than 65536 bytes'],
  ])('that %s is left out of the answer and a warning, once', async (_, make, cause) => {
    const [bad, good] = [pathOf('bad'), write('good', 'secret')];
    make(bad);
    for (let times = 0; times < 2; times++) expect([...(await read([bad, good]))]).toEqual([[good, 'secret']]);
    await expect(read([bad])).rejects.toThrow(noneCanBeRead);
    expect(warnings.filter(([message]) => message.includes('cannot be read'))).toEqual([['a file that a setting refers to cannot be read: a secret holds as it was read before, PAUSED counts as on', { file: bad, cause }]]);
  });

  it('is a warning again when it was readable between', async () => {
    const path = write('a', 'x');
    for (const text of ['', 'x', '']) {
      truncateSync(path);
      writeFileSync(path, text);
      await read([path]).catch(() => undefined);
    }
    expect(warnings).toHaveLength(2);
  });

  it('is a warning where everybody may read it, once, and is taken all the same', async () => {
    const path = write('a', 'secret');
    chmodSync(path, 0o644);
    expect([await valueOf(path), await valueOf(path)]).toEqual(['secret', 'secret']);
    expect(warnings).toEqual([['the file of a secret can be read by everybody: chmod 600', { file: path }]]);
  });

  it('never shows in the log', async () => {
    const path = write('a', 'hunter2');
    chmodSync(path, 0o644);
    await read([path, pathOf('missing')]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  it('is never read as half of a pair: access key and secret key are exchanged together', async () => {
    const pair = (version: number): void => {
      mkdirSync(pathOf(`v${version}`));
      write(`v${version}/ak`, `ak-${version}`);
      write(`v${version}/sk`, `sk-${version}`);
      symlinkSync(`v${version}`, pathOf('tmp'));
      renameSync(pathOf('tmp'), pathOf('now'));
    };
    pair(0);
    for (let version = 1; version < 40; version++) {
      const reading = read([pathOf('now/ak'), pathOf('now/sk')]);
      await new Promise(setImmediate);
      pair(version);
      const [ak = '', sk = ''] = [...(await reading).values()];
      expect(ak.replace('ak', '')).toBe(sk.replace('sk', ''));
    }
  });
});
