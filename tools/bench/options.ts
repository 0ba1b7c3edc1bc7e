import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readArgs, wholeNumberOf, WrongUsage } from '../command-line.ts';
import { HOME_PARTS } from './home/parts.ts';
import { PARTS } from './parts.ts';

export const HELP = `Usage: npm run bench -- [--rounds N] [--only PART]... [--quick] [--without-bolt] [--against DIR]
       npm run bench -- --home [--rounds N] [--only PART]... [--quick]

Measures the packaged functions beside named peers, turn by turn: about ten minutes for all of it, on a machine that does nothing else.
With --home the own home: a quarter of an hour, on Linux, and 5 GB of room in the folder for temporary files.
A run of everything with 40 rounds (10 with --home) or more writes its tables into docs/performance.md.

Options:
  --home          the own home under load, instead of the functions
  --rounds N      so many rounds of each measurement; default 40, with --home 10
  --only PART     one part, and nothing is written: ${namesOf(PARTS)};
                  with --home: ${namesOf(HOME_PARTS)}
  --quick         one round of small sizes without the Bolt app: shows that it works, its times say nothing
  --without-bolt  leaves out the app that has to be installed once (tools/bench/peers), and nothing is written
  --against DIR   a checkout of an older version, in which npm ci was run: its kill is measured beside ours (part kill)
  --help

Exit code: 0 it was measured, whatever was reached; 1 for wrong arguments, or where it broke off.

Examples:
  npm run bench -- --quick
  npm run bench -- --home --only starts
`;

export type Options = { isHome: boolean; rounds: number; only: string[]; isQuick: boolean; hasBolt: boolean; against?: string | undefined };

const ROUNDS = 40;
/** Only the starts have rounds; the rest lasts, and has one. */
const HOME_ROUNDS = 10;
const QUICK_ROUNDS = 1;

/** As many as a run that is written down has at least. */
export function fullRounds(isHome: boolean): number {
  return isHome ? HOME_ROUNDS : ROUNDS;
}

function namesOf(parts: readonly { name: string }[]): string {
  return parts.map(({ name }) => name).join(', ');
}

/** `help` where that was asked for. Throws WrongUsage. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const read = readArgs(args, {
    name: 'npm run bench',
    options: { 'home': { type: 'boolean' }, 'rounds': { type: 'string' }, 'only': { type: 'string', multiple: true }, 'quick': { type: 'boolean' }, 'without-bolt': { type: 'boolean' }, 'against': { type: 'string' } },
  });
  if (read === 'help') return 'help';
  const { values } = read;
  const isQuick = values.quick ?? false;
  const isHome = values.home ?? false;
  const parts = isHome ? HOME_PARTS : PARTS;
  if (isHome && (values.against !== undefined || values['without-bolt'])) throw new WrongUsage('--against and --without-bolt are for the functions, not for --home');
  const rounds = values.rounds === undefined ? (isQuick ? QUICK_ROUNDS : fullRounds(isHome)) : wholeNumberOf('--rounds', values.rounds);
  const only = values.only ?? [];
  const unknown = only.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined) throw new WrongUsage(`--only ${unknown}: there is no such part; there are ${namesOf(parts)}`);
  const against = values.against === undefined ? undefined : resolve(values.against);
  if (against !== undefined && !existsSync(join(against, 'serverless.yml'))) throw new WrongUsage(`--against ${values.against} is no checkout: it has no serverless.yml`);
  if (against !== undefined && !existsSync(join(against, 'node_modules'))) throw new WrongUsage(`--against ${values.against} has no node_modules: run npm ci there first`);
  return { isHome, rounds, only, isQuick, hasBolt: !isHome && !isQuick && !values['without-bolt'], against };
}
