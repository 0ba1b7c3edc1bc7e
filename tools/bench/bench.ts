import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fullRounds, HELP, type Options, readOptions } from './options.ts';
import { packageFunctions } from './packages.ts';
import type { Part, Row } from './part.ts';
import { HOME_PARTS } from './home/parts.ts';
import { PARTS } from './parts.ts';
import { bundlePeers } from './peers.ts';
import { startUpstream } from './upstream.ts';
import { isReached, putTables, tableOf } from './table.ts';

const PAGE = join(import.meta.dirname, '../../docs/performance.md');

export type Measured = Pick<Part, 'name' | 'about'> & { rows: Row[] };

/** The command: measures, says the tables, writes the page where all was measured in full. Gives the exit code. Throws WrongUsage, and what fails in between. */
export async function bench(args: readonly string[], say: (line: string) => void): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    say(HELP);
    return 0;
  }
  const measured: Measured[] = [];
  const { command, flag } = options.isHome ? { command: 'npm run bench -- --home', flag: '--home ' } : { command: 'npm run bench', flag: '' };
  for await (const one of (options.isHome ? measureHome : measureAll)(options, say)) {
    measured.push(one);
    say(tableOf(one, flag));
  }
  const goals = measured.flatMap(({ rows }) => rows.map(isReached)).filter((reached) => reached !== undefined);
  if (options.isQuick) say('it works; the times of a quick run say nothing');
  else if (goals.length > 0) say(`${goals.filter(Boolean).length} of ${goals.length} goals reached`);
  if (options.isQuick || options.only.length > 0 || (!options.isHome && !options.hasBolt) || options.rounds < fullRounds(options.isHome)) return 0;
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const head = `${new Date().toISOString().slice(0, 10)}, commit ${commit}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, ${options.rounds} rounds: \`${['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}\``;
  writeFileSync(PAGE, putTables(readFileSync(PAGE, 'utf8'), [head, '', ...measured.map((one) => tableOf(one, flag))].join('\n'), command));
  say('written to docs/performance.md');
  return 0;
}

/** Packages, then measures part by part. */
export async function* measureAll({ rounds, only, isQuick, hasBolt, against }: Options, say: (line: string) => void): AsyncGenerator<Measured, void, undefined> {
  const parts = PARTS.filter(({ name }) => only.length === 0 || only.includes(name));
  const peers = await bundlePeers({ hasBolt: hasBolt && parts.some(({ usesBolt }) => usesBolt), say });
  try {
    say('packaging …');
    const packages = await packageFunctions();
    const older = against === undefined ? undefined : await packageFunctions(against);
    const upstream = await startUpstream();
    try {
      for (const [index, { name, about, measure }] of parts.entries()) {
        say(`part ${index + 1} of ${parts.length}: ${name} …\n`);
        const rows = await measure({ packages, older, peers, upstream, rounds, isQuick });
        yield { name, about, rows: isQuick ? withoutGoals(rows) : rows };
      }
    } finally {
      upstream.stop();
      older?.remove();
      packages.remove();
    }
  } finally {
    peers.remove();
  }
}

/** Measures the own home part by part. */
export async function* measureHome({ rounds, only, isQuick }: Pick<Options, 'rounds' | 'only' | 'isQuick'>, say: (line: string) => void): AsyncGenerator<Measured, void, undefined> {
  const parts = HOME_PARTS.filter(({ name }) => only.length === 0 || only.includes(name));
  for (const [index, { name, about, measure }] of parts.entries()) {
    say(`part ${index + 1} of ${parts.length}: ${name} …\n`);
    const rows = await measure({ rounds, isQuick });
    yield { name, about, rows: isQuick ? withoutGoals(rows) : rows };
  }
}

function withoutGoals(rows: readonly Row[]): Row[] {
  return rows.map(({ most: _goal, ...row }) => row);
}
