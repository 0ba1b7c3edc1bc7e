import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { HELP, type Options, readOptions } from './options.ts';
import { packageFunctions } from './packages.ts';
import type { Row } from './part.ts';
import { PARTS } from './parts.ts';
import { bundlePeers } from './peers.ts';
import { startUpstream } from './upstream.ts';
import { isReached, putTables, tableOf } from './table.ts';

const PAGE = join(import.meta.dirname, '../../docs/performance.md');

export type Measured = { about: string; rows: Row[] };

/** The command: measures, says the tables, writes the page where all was measured in full. Gives the exit code; throws what fails in between. */
export async function bench(args: readonly string[], say: (line: string) => void): Promise<number> {
  let options: Options | 'help';
  try {
    options = readOptions(args);
  } catch (error) {
    say(`${(error as Error).message}\nnpm run bench -- --help says how it is used`);
    return 2;
  }
  if (options === 'help') {
    say(HELP);
    return 0;
  }
  const measured: Measured[] = [];
  for await (const one of measureAll(options, say)) {
    measured.push(one);
    say(tableOf(one.about, one.rows));
  }
  const goals = measured.flatMap(({ rows }) => rows.map(isReached)).filter((reached) => reached !== undefined);
  say(`${goals.filter(Boolean).length} of ${goals.length} goals reached`);
  if (options.isQuick || options.only.length > 0 || !options.hasBolt) return 0;
  const head = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, ${options.rounds} rounds: \`${['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ')}\``;
  writeFileSync(PAGE, putTables(readFileSync(PAGE, 'utf8'), [head, '', ...measured.map(({ about, rows }) => tableOf(about, rows))].join('\n')));
  say('written to docs/performance.md');
  return 0;
}

/** Packages, then measures part by part. */
export async function* measureAll({ rounds, only, isQuick, hasBolt, against }: Options, say: (line: string) => void): AsyncGenerator<Measured, void, undefined> {
  const parts = PARTS.filter(({ name }) => only.length === 0 || only.includes(name));
  const peers = await bundlePeers({ hasBolt, say });
  try {
    const [packages, older, upstream] = await Promise.all([packageFunctions(), against === undefined ? undefined : packageFunctions(against), startUpstream()]);
    try {
      for (const { about, measure } of parts) yield { about, rows: await measure({ packages, older, peers, upstream, rounds, isQuick }) };
    } finally {
      upstream.stop();
      older?.remove();
      packages.remove();
    }
  } finally {
    peers.remove();
  }
}
