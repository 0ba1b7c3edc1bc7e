import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { EXEMPT, type Exempt } from '../../tools/mutate/exempt.ts';
import { aliveText, judge } from '../../tools/mutate/judge.ts';
import { mutate, roomsOf } from '../../tools/mutate/mutate.ts';
import { isOfPart, readPart } from '../../tools/mutate/part-of.ts';
import { ROOMS } from '../../tools/mutate/rooms.ts';
import { itAtFullSize } from '../support/full-size.ts';
import { runTool } from './run-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-mutate-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each(Object.entries(ROOMS))('the room %s has files and tests, no file is in two rooms, and nothing names a path that is gone', (name, { files, tests }) => {
  for (const pattern of [...files, ...tests]) expect([pattern, globSync(pattern, { cwd: ROOT }).length > 0]).toEqual([pattern, true]);
  const others = new Set(Object.entries(ROOMS).filter(([other]) => other !== name).flatMap(([, room]) => globSync([...room.files], { cwd: ROOT })));
  expect(globSync([...files], { cwd: ROOT }).filter((file) => others.has(file))).toEqual([]);
});

it('each file of lib is in a room', () => {
  const inRooms = new Set(Object.values(ROOMS).flatMap(({ files }) => globSync([...files], { cwd: ROOT })));
  expect(globSync('lib/**/*.ts', { cwd: ROOT }).filter((file) => !inRooms.has(file))).toEqual([]);
});

it('what is exempt stands in its file, and has a reason', () => {
  const has = (text: string, { was, on }: Exempt): boolean => (on === undefined ? text.replace(/\s+/g, ' ').includes(was) : text.split('\n').some((line) => line.includes(on) && line.includes(was)));
  const gone = EXEMPT.filter((entry) => !globSync(entry.file, { cwd: ROOT }).some((path) => has(readFileSync(join(ROOT, path), 'utf8'), entry)));
  expect(gone).toEqual([]);
  expect(EXEMPT.filter(({ why }) => why.length < 10)).toEqual([]);
});

it('one file is mutated with the tests of its room', () => {
  expect(roomsOf({ only: './lib/core/glob.ts' })).toEqual([['core', { ...ROOMS['core'], files: ['lib/core/glob.ts'] }]]);
  expect(roomsOf({ room: 'core' })).toEqual([['core', ROOMS['core']]]);
  expect(roomsOf({})).toEqual(Object.entries(ROOMS));
});

it.each([
  [['--room', 'attic'], /^There is no room attic: there are core, /],
  [['--only', 'lib/core/gone.ts'], /^lib\/core\/gone\.ts is no file of a room/],
  [['--only', 'README.md'], /^README\.md is no file of a room/],
  [['--room', 'core', '--only', 'lib/core/glob.ts'], /do not go together/],
  [['--part', '4/3'], /^--part 4\/3 is no part: /],
  [['--part', '0/3'], /^--part 0\/3 is no part: /],
  [['--part', 'half'], /^--part half is no part: /],
])('refuses %j', async (args, message) => {
  await expect(mutate(args, () => undefined)).rejects.toThrow(message);
});

it('counts what was noticed, and says of the rest where it is', () => {
  const fileName = join(folder, 'over.ts');
  writeFileSync(fileName, 'export const isOver = (state: string) =>\n  state ===\n    "KILLED";\n');
  const mutant = (status: string, replacement = 'true') => ({ id: '1', status, fileName, mutatorName: 'ConditionalExpression', replacement, location: { start: { line: 2, column: 3 }, end: { line: 3, column: 13 } } });
  const mutants = [mutant('Killed'), mutant('Timeout'), mutant('Survived', 'false'), mutant('NoCoverage'), mutant('RuntimeError')];
  expect(judge(mutants, folder)).toEqual({ noticed: 2, alive: 2, exempt: 0, percent: 50 });
  expect(mutants.map((each) => aliveText(each, folder))).toEqual([undefined, undefined, 'over.ts:2:3 survived: state === "KILLED" => false', 'over.ts:2:3 no test comes here: state === "KILLED" => true', undefined]);
});

it('what is exempt on one line is not on another', () => {
  const fileName = join(ROOT, 'home/engine/checkpoints.ts');
  const lines = readFileSync(fileName, 'utf8').split('\n');
  const alive = lines.flatMap((text, index) => {
    const place = { line: index + 1, column: text.lastIndexOf('false') + 1 };
    const mutant = { id: '1', status: 'Survived', fileName, mutatorName: 'BooleanLiteral', replacement: 'true', location: { start: place, end: { ...place, column: place.column + 'false'.length } } };
    return place.column === 0 ? [] : [[text.trim(), aliveText(mutant, ROOT) !== undefined]];
  });
  expect(alive).toEqual([['journal.put(execution.name, operation, false);', false], ['invocation.mayBeDeadly = false;', true]]);
});

it('the parts of a room are the whole of it, and no mutant is in two', () => {
  const ids = Array.from({ length: 20 }, (_, id) => String(id));
  const parts = [1, 2, 3].map((nth) => ids.filter((id) => isOfPart(id, readPart(`${nth}/3`))));
  expect(parts.map(({ length }) => length)).toEqual([7, 7, 6]);
  expect(parts.flat().toSorted((one, other) => Number(one) - Number(other))).toEqual(ids);
  expect(ids.filter((id) => isOfPart(id, undefined))).toEqual(ids);
});

itAtFullSize('a file whose mutants are all noticed has its score', async () => {
  const { code, output } = await runTool('mutate', { args: ['--only', 'lib/core/week.ts'], cwd: ROOT });
  expect([code, output]).toEqual([0, expect.stringMatching(/\ncore: \d+ of \d+ mutants were noticed, /)]);
}, 900_000);
