import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Packaged, packageCopy } from '../../test/deploy/package-copy.ts';

const FUNCTIONS = ['slack', 'alerts', 'api', 'cleanup', 'events', 'kill'];
const EMPTY = 'empty handler';

/** Loads one module and says how long that took, in ms; the process's whole time is taken from outside. */
const LOAD = `const begun = performance.now(); await import(process.argv[1]); console.log(performance.now() - begun); process.exit();`;

type Took = { loadMs: number; wholeMs: number };

/**
 * How long each packaged function takes to load in a fresh process, beside a handler that does nothing: `rounds` rounds, one process
 * a start, turn by turn, so that whatever else the machine does falls on all alike. Prints medians, and medians of the differences
 * from the empty handler within a round, with their quartiles.
 */
export async function benchCold(rounds = 41): Promise<void> {
  const packaged = await packageCopy('prod', {});
  const folder = mkdtempSync(join(tmpdir(), 'bench-cold-'));
  try {
    const modules = new Map([[EMPTY, writeEmpty(folder)], ...FUNCTIONS.map((name): [string, string] => [name, unpack(packaged, name, folder)])]);
    const took = new Map([...modules.keys()].map((name): [string, Took[]] => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const [name, file] of modules) {
        const one = start(folder, file);
        if (round >= 0) took.get(name)?.push(one); // the first round only warms the disk's cache
      }
    }
    print(took, packaged, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    packaged.remove();
  }
}

function writeEmpty(folder: string): string {
  const file = join(folder, 'empty.mjs');
  writeFileSync(file, 'export const handler = async () => ({ statusCode: 200 });');
  return file;
}

function unpack(packaged: Packaged, name: string, folder: string): string {
  for (const [path, content] of packaged.filesOf(name)) {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return join(folder, name, 'functions', `${name}.mjs`);
}

function start(cwd: string, file: string): Took {
  const begun = performance.now();
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', LOAD, pathToFileURL(file).href], { cwd, env: { AWS_REGION: 'eu-west-1' }, encoding: 'utf8' });
  return { loadMs: Number(printed), wholeMs: performance.now() - begun };
}

function print(took: ReadonlyMap<string, Took[]>, packaged: Packaged, rounds: number): void {
  const empty = took.get(EMPTY) ?? [];
  const floorMs = quantile(empty.map(({ wholeMs }) => wholeMs), 0.5);
  console.log(`Loading a packaged function in a fresh process (${rounds} rounds): ms to load, ms of the whole process, ms over the empty handler (quartiles), ratio`);
  for (const [name, all] of took) {
    const over = all.map(({ wholeMs }, round) => wholeMs - (empty[round]?.wholeMs ?? Number.NaN));
    const [load, whole] = [quantile(all.map(({ loadMs }) => loadMs), 0.5), quantile(all.map(({ wholeMs }) => wholeMs), 0.5)];
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(over, part).toFixed(0));
    const size = name === EMPTY ? '' : `  zip ${(packaged.sizeOf(name) / 1_000).toFixed(0)} KB`;
    console.log(`  ${name.padEnd(14)} ${load.toFixed(0).padStart(4)} ${whole.toFixed(0).padStart(5)}  +${middle} (${low} to ${high})  ${(1 + quantile(over, 0.5) / floorMs).toFixed(2)} x${size}`);
  }
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? Number.NaN;
}

if (import.meta.main) await benchCold(process.argv.includes('--quick') ? 3 : undefined);
