import { existsSync, globSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, matchesGlob, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readArgs, WrongUsage } from '../command-line.ts';
import { installAside } from '../install-aside.ts';
import { judge, type Mutant } from './judge.ts';
import { isOfPart, type PartOf, readPart } from './part-of.ts';
import { ROOMS, type Room } from './rooms.ts';

const ROOT = join(import.meta.dirname, '../..');
const INSTALLED = join(ROOT, 'build/mutate');

const HELP = `Usage: npm run mutate [-- [--room <name>] [--only <file>] [--part <n>/<m>] [--anew]]

Breaks the code on purpose, one place at a time (Stryker), runs the tests that come there, and names each break
that no test notices. A room takes minutes to hours: one processor is used.

Options:
  --room <name>  one of ${Object.keys(ROOMS).join(', ')}; all of them unless told otherwise
  --only <file>  one file of a room
  --part <n>/<m> each m-th mutant alone, the n-th of m such parts: a sample of a room that takes too long
  --anew         play again what the last run of the room played too; without it, a mutant is played again only where
                 its own line, the test that noticed it, or the tests that come there are others
  --help         this text

Exit code: 0 each room has the score that it has to have, 1 otherwise, and for wrong arguments.

Examples:
  npm run mutate -- --only lib/core/decide.ts
  npm run mutate -- --room core
  npm run mutate -- --room kill --part 1/10`;

type Print = (line: string) => void;
type Stryker = new (options: object) => { runMutationTest(): Promise<Mutant[]> };

/** The command: gives the exit code. Throws WrongUsage. */
export async function mutate(args: string[], print: Print): Promise<0 | 1> {
  const read = readArgs(args, { name: 'npm run mutate', options: { room: { type: 'string' }, only: { type: 'string' }, part: { type: 'string' }, anew: { type: 'boolean' } } });
  if (read === 'help') {
    print(HELP);
    return 0;
  }
  const rooms = roomsOf(read.values);
  const part = read.values.part === undefined ? undefined : readPart(read.values.part);
  installAside({ what: 'Stryker: tools/mutate/stryker/package.json, into build/mutate', from: join(import.meta.dirname, 'stryker'), into: INSTALLED, without: 'Nothing can be mutated without it.', say: print });
  let isGood = true;
  for (const [name, room] of rooms) {
    const { noticed, alive, exempt, percent } = judge(await runStryker(name, room, part, read.values.anew === true), ROOT);
    const isReached = percent >= room.atLeast;
    print(`${name}${part === undefined ? '' : `, part ${part.nth} of ${part.of}`}: ${noticed} of ${noticed + alive} mutants were noticed, ${percent.toFixed(1)} % (at least ${room.atLeast})${isReached ? '' : ': NOT REACHED'}; ${exempt} more are exempt`);
    isGood &&= isReached;
  }
  return isGood ? 0 : 1;
}

/** The rooms that these options ask for; with --only the file's room, with that file alone. Throws WrongUsage. */
export function roomsOf({ room, only }: { room?: string | undefined; only?: string | undefined }): [string, Room][] {
  if (room !== undefined && only !== undefined) throw new WrongUsage('--room and --only do not go together: give one of them.');
  const all = Object.entries(ROOMS);
  if (only !== undefined) {
    const file = relative(ROOT, join(ROOT, only));
    const found = existsSync(join(ROOT, file)) ? all.find(([, { files }]) => files.some((pattern) => matchesGlob(file, pattern))) : undefined;
    if (found === undefined) throw new WrongUsage(`${only} is no file of a room: tools/mutate/rooms.ts says which are.`);
    return [[found[0], { ...found[1], files: [file] }]];
  }
  if (room === undefined) return all;
  const asked = ROOMS[room];
  if (asked === undefined) throw new WrongUsage(`There is no room ${room}: there are ${Object.keys(ROOMS).join(', ')}.`);
  return [[room, asked]];
}

async function runStryker(name: string, { files, tests, byOwn = false }: Room, part: PartOf | undefined, isAnew: boolean): Promise<Mutant[]> {
  const path = createRequire(join(INSTALLED, 'package.json')).resolve('@stryker-mutator/core');
  const { Stryker } = (await import(pathToFileURL(path).href)) as { Stryker: Stryker };
  mkdirSync(INSTALLED, { recursive: true });
  process.chdir(ROOT); // Stryker takes it from there
  const played = await new Stryker({
    mutate: [...files],
    testFiles: globSync([...tests], { cwd: ROOT }).toSorted(),
    testRunner: 'warm',
    byOwn,
    part,
    plugins: ['warm-runner.ts', 'tell-alive.ts'].map((file) => join(import.meta.dirname, file)),
    maxTestRunnerReuse: 150, // it keeps every module that it ever loaded
    concurrency: 1,
    coverageAnalysis: 'perTest',
    timeoutMS: 120_000, // what loops is noticed before that, what waits too long by its test
    timeoutFactor: 2,
    dryRunTimeoutMinutes: 30,
    reporters: ['tell-alive', 'progress-append-only'],
    incremental: true,
    incrementalFile: join(INSTALLED, `${name}${part === undefined ? '' : `-${part.nth}-of-${part.of}`}.json`),
    force: isAnew,
    tempDirName: join(INSTALLED, 'sandbox'),
    ignorePatterns: ['build', '.serverless', '.esbuild', 'data', 'coverage'],
    tsconfigFile: 'none', // it would be rewritten, for which Stryker wants a compiler
    disableTypeChecks: false,
    logLevel: 'error',
    allowConsoleColors: false,
  }).runMutationTest();
  return played.filter(({ id }) => isOfPart(id, part));
}
