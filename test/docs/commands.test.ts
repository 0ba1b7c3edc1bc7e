import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { blocksOf, EXPLAINING, ROOT, spansOf, textOf } from './pages.ts';
import { asShell, type Command, commandsOf } from './shell.ts';

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

/** What a reader has, or is told to have. */
const KNOWN = [
  'npm', 'npx', 'node', 'curl', 'aws', 'hcloud', 'yarn', 'git', 'podman', 'docker', 'promtool', 'systemctl', 'journalctl', 'chronyc', 'sysctl',
  'cd', 'export', 'echo', 'printf', 'cat', 'grep', 'sha256sum', 'cut', 'install', 'ln', 'mv', 'cp', 'rm', 'mkdir', 'chown',
];
/** The flags of osls that the documents use. */
const FLAGS_OF_OSLS = ['--stage', '--region'];

const shells = EXPLAINING.flatMap((page) => blocksOf(page, 'sh'));
const inBlocks = shells.flatMap(({ page, text }) => commandsOf(text).map((command) => ({ page, ...command })));
const inLines = EXPLAINING.flatMap((page) => spansOf(page).flatMap((span) => commandsOf(span).map((command) => ({ page, ...command })))).filter(({ name }) => name === 'npm');

type NpmCommand = { page: string; script: string; flags: string[] };

/** What npm is asked to run: `npm test -- --x` is the script test with its flag. */
function readNpm({ page, words }: Command & { page: string }): NpmCommand[] {
  const [, first = '', second = ''] = words.filter((word) => word !== '-s');
  if (first === 'ci') return [];
  const flags = words.slice(words.indexOf('--') + 1).filter((word) => word.startsWith('--') && word !== '--help').map((word) => word.replace(/=.*/, ''));
  return [{ page, script: first === 'run' ? second : first, flags: words.includes('--') ? flags : [] }];
}

const ofNpm = [...inBlocks.filter(({ name }) => name === 'npm'), ...inLines].flatMap(readNpm);

/** What the help of a script is in: the file that it starts, and those beside it. That --help prints it is shown by the tests of each. */
function helpOf(script: string): string {
  const [entry = ''] = /(?:tools|home)\/[\w-]+(?=\.ts)/.exec(scripts[script] ?? '') ?? [];
  return globSync([`${entry}.ts`, `${entry}/**/*.ts`], { cwd: ROOT }).map(textOf).join('\n');
}

describe('the commands of the documents', () => {
  it('can be read by a shell', () => {
    expect(shells.length).toBeGreaterThan(20);
    for (const { text } of shells) execFileSync('bash', ['-n', '-c', asShell(text)]);
  });

  it('are of programs that a reader has or is told to install', () => {
    expect(inBlocks.filter(({ name }) => !KNOWN.includes(name))).toEqual([]);
  });

  it('are scripts of package.json where npm runs them', () => {
    expect(ofNpm.length).toBeGreaterThan(60);
    expect(ofNpm.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it('have no flag that is not in the help of the script', () => {
    const isOfOsls = (script: string): boolean => /\bserverless\b/.test(scripts[script] ?? '');
    const used = ofNpm.flatMap(({ page, script, flags }) => flags.map((flag) => ({ page, script, flag })));
    const unknown = used.filter(({ script, flag }) => !new RegExp(`${flag}(?![\\w-])`).test(isOfOsls(script) ? FLAGS_OF_OSLS.join(' ') : helpOf(script)));
    expect(unknown).toEqual([]);
    expect(new Set(used.map(({ script }) => script)).size).toBeGreaterThan(8);
  });

  it('are all told of in docs/develop.md', () => {
    const people = Object.keys(scripts).filter((script) => !/^(?:pre|post)/.test(script));
    const page = textOf('docs/develop.md');
    expect(people.filter((script) => !new RegExp(`npm (?:run )?${script}(?![\\w:-])`).test(page))).toEqual([]);
  });

  it('of the README are those that a clean checkout is judged by', () => {
    const [, judged] = textOf('.ci/run').split(/^(?=npm ci$)/m);
    expect(judged).toBe('npm ci\nnpm test\nnpm run demo\n');
    const readme = inBlocks.filter(({ page }) => page === 'README.md').map(({ words }) => words.join(' '));
    expect(readme).toEqual(['npm ci', 'npm run demo', 'npm ci', 'npm test']);
  });
});
