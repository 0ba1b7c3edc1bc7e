import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
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

async function helpOf(script: string): Promise<string> {
  const [file = '', ...more] = (/(?:tools|home)\/.*$/.exec(scripts[script] ?? '')?.[0] ?? '').split(' ');
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...more, '--help'], { cwd: ROOT });
  return stdout;
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

  it('have no flag that is not in --help', async () => {
    const used = Map.groupBy(ofNpm.filter(({ flags }) => flags.length > 0), ({ script }) => script);
    const isOfOsls = (script: string): boolean => /\bserverless\b/.test(scripts[script] ?? '');
    const unknown = await Promise.all([...used].map(async ([script, commands]) => {
      const help = isOfOsls(script) ? FLAGS_OF_OSLS.join(' ') : await helpOf(script);
      return commands.flatMap(({ page, flags }) => flags.filter((flag) => !new RegExp(`${flag}(?![\\w-])`).test(help)).map((flag) => `${page}: npm run ${script} -- ${flag}`));
    }));
    expect(unknown.flat()).toEqual([]);
    expect(used.size).toBeGreaterThan(8);
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
