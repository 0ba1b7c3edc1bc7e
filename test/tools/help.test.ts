import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { thinned } from '../support/full-size.ts';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** They hand all words on to oxlint, tsc and jest, whose help it is. */
const OF_OTHERS = ['lint', 'types', 'jest', 'test', 'test:own-home'];
const OURS = Object.keys(scripts).filter((name) => !/^(?:pre|post)/.test(name) && !OF_OTHERS.includes(name));

type End = { code: number; stdout: string; stderr: string };

/** Runs a script of package.json as npm does, with these words behind it, and no settings. */
async function run(name: string, ...words: string[]): Promise<End> {
  const env = { PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: '/nowhere' };
  try {
    return { code: 0, ...(await promisify(execFile)('sh', ['-c', `${scripts[name]} "$@"`, 'sh', ...words], { cwd: ROOT, env })) };
  } catch (error) {
    return error as End;
  }
}

const filesHere = (): string[] => readdirSync(ROOT, { recursive: false }) as string[];

describe('every command of package.json', () => {
  it.each(thinned(OURS, 12))('says what it does, in one shape: npm run %s -- --help', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect([code, stderr]).toEqual([0, '']);
    const command = name === 'start' ? 'npm start' : `npm run ${name}`;
    const parts = ['Usage: ', '\nOptions:\n', '\n  --help', '\nExit code: 0 ', '\nExamples:\n  '].map((part) => stdout.indexOf(part));
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(parts[0]).toBe(0);
    expect(stdout.slice('Usage: '.length)).toMatch(new RegExp(`^${command}\\b`));
    expect(stdout.slice(parts.at(-1))).toContain(command);
  });

  it.each(thinned(OURS, 12))('names an option that it does not know in one line, ends with 1 and writes nothing: npm run %s', async (name) => {
    const before = filesHere();
    const { code, stdout, stderr } = await run(name, '--hepl');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^--hepl is no [^\n]*; did you mean --help\? [^\n]*\n$/);
    expect(filesHere()).toEqual(before);
  });

  it.each(OURS)('looks at the version of Node first: %s', (name) => {
    expect(scripts[`pre${name}`]).toMatch(/^node tools\/check-node\.mjs(?: \d+\.\d+)?$/);
  });
});

it('a Node that is too old is one line that says what to do', async () => {
  const end = await promisify(execFile)(process.execPath, [join(ROOT, 'tools/check-node.mjs'), '999.0']).catch((error: unknown) => error as End);
  expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^Node 999\.0 or newer is needed, and this is Node \d+\.\d+\.\d+: [^\n]*npm ci[^\n]*nvm install[^\n]*\n$/) });
});
