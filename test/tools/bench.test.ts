import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { bench, type Measured, measureAll, measureHome } from '../../tools/bench/bench.ts';
import { compare, spreadOf } from '../../tools/bench/numbers.ts';
import { readOptions } from '../../tools/bench/options.ts';
import { WrongUsage } from '../../tools/command-line.ts';
import { interleave } from '../../tools/bench/part.ts';
import { HOME_PARTS } from '../../tools/bench/home/parts.ts';
import { PARTS } from '../../tools/bench/parts.ts';
import { itAtFullSize } from '../support/full-size.ts';
import { isReached, putTables, tableOf } from '../../tools/bench/table.ts';

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  return { code: await bench(args, (line) => void lines.push(line)), text: lines.join('\n') };
}

it('says how it is used, and names its parts', async () => {
  const { code, text } = await run('--help');
  expect(code).toBe(0);
  for (const { name } of [...PARTS, ...HOME_PARTS]) expect(text).toContain(name);
});

it.each([['--rounds', '0'], ['--rounds', 'many'], ['--only', 'nothing'], ['--unknown', ''], ['--against', '/nowhere'], ['--against', import.meta.dirname], ['--only', 'days'], ['--home', '--only', 'kill'], ['--home', '--without-bolt']])('refuses %s %s', async (...args) => {
  await expect(run(...args.filter((arg) => arg !== ''))).rejects.toThrow(WrongUsage);
});

it('takes 40 rounds unless told otherwise, 10 of the own home', () => {
  expect(readOptions([])).toEqual({ isHome: false, rounds: 40, only: [], isQuick: false, hasBolt: true });
  expect(readOptions(['--home'])).toEqual({ isHome: true, rounds: 10, only: [], isQuick: false, hasBolt: false });
});

it('median and quartiles lie between neighbours', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ low: 1.75, median: 2.5, high: 3.25 });
  expect(spreadOf([7])).toEqual({ low: 7, median: 7, high: 7 });
});

it('a machine that is slow for a round is slow for both: pairs are compared', () => {
  expect(compare([12, 112, 22], [10, 110, 20])).toEqual({ difference: { low: 2, median: 2, high: 2 }, ratio: 1.1 });
});

it('nobody is always the one after the others', async () => {
  const order: string[] = [];
  const contender = (name: string) => async (round: number) => {
    order.push(name);
    return `${name}${round}`;
  };
  expect(await interleave(2, [contender('a'), contender('b')])).toEqual([['a0', 'a1'], ['b0', 'b1']]);
  expect(order).toEqual(['a', 'b', 'b', 'a']);
});

it('a goal that is missed is said to be', () => {
  const row = { what: 'load', unit: 'ms', ours: [30], peer: { name: 'empty', values: [20] }, most: { ratio: 1.35 } };
  expect(isReached(row)).toBe(false);
  expect(tableOf({ name: 'load', about: 'Loading', rows: [row] })).toContain('| load | 30 ms | 20 ms: empty | +10 ms | 1.50 × | ≤ 1.35 ×: **not reached** |');
});

it('the tables stand between their markers, and the words around them stay', () => {
  const page = 'before\n<!-- npm run bench writes from here -->\nold\n<!-- to here -->\nafter\n';
  expect(putTables(page, 'new', 'npm run bench')).toBe('before\n<!-- npm run bench writes from here -->\n\nnew\n\n<!-- to here -->\nafter\n');
  expect(putTables(page + page.replaceAll('bench', 'bench -- --home'), 'new', 'npm run bench -- --home')).toContain(`${page}before\n<!-- npm run bench -- --home writes from here -->\n\nnew\n`);
  expect(() => putTables('no markers', 'new', 'npm run bench')).toThrow(/docs\/performance\.md/);
});

it("the peers' lockfile is exact, and names no registry's host", () => {
  const folder = join(import.meta.dirname, '../../tools/bench/peers');
  expect(readFileSync(join(folder, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"|https?:\/\/(?:registry|npm)/);
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

async function collect(measured: AsyncGenerator<Measured>): Promise<Measured[]> {
  const all: Measured[] = [];
  for await (const one of measured) all.push(one);
  return all;
}

function expectNumbers(measured: readonly Measured[]): void {
  const rows = measured.flatMap((part) => part.rows);
  expect(rows.filter(({ ours, peer }) => ours.length === 0 || ![...ours, ...(peer?.values ?? [])].every(Number.isFinite)).map(({ what }) => what)).toEqual([]);
  expect(rows.filter(({ ours, peer }) => peer && !Number.isFinite(compare(ours, peer.values).ratio)).map(({ what }) => what)).toEqual([]);
}

itAtFullSize('runs as a command: what it loads needs no test to be running', () => {
  const said = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../../tools/bench.ts'), '--home', '--quick', '--only', 'starts'], { encoding: 'utf8' });
  expect(said).toMatch(/^\| a start by alerts over HTTP.*µs/m);
}, 60_000);

itAtFullSize('measures every part on packaged functions, and every number is one', async () => {
  const options = readOptions(['--quick']);
  if (options === 'help') throw new Error('it was not asked how it is used');
  const measured = await collect(measureAll(options, () => undefined));
  expect(measured).toHaveLength(PARTS.length);
  expectNumbers(measured);
}, 240_000); // some eighty processes, on a machine that others use too

itAtFullSize('measures every part of the own home, and every number is one', async () => {
  const measured = await collect(measureHome({ rounds: 1, only: [], isQuick: true }, () => undefined));
  expect(measured).toHaveLength(HOME_PARTS.length);
  expectNumbers(measured);
}, 240_000);
