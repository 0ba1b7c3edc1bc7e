import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HOME_PARTS } from './home/parts.ts';
import { PARTS } from './parts.ts';

export const HELP = `npm run bench -- [--rounds N] [--only PART]... [--quick] [--without-bolt] [--against DIR]
npm run bench -- --home [--rounds N] [--only PART]... [--quick]

Measures the packaged functions beside named peers, turn by turn: about ten minutes for all of it, on a machine that does nothing else.
With --home the own home: half an hour, on Linux, and 5 GB of room in the folder for temporary files.
A run of everything with 40 rounds (10 with --home) or more writes its tables into docs/performance.md. Exit code 0, whatever was
reached; 2 for wrong arguments.

  --home          the own home under load, instead of the functions
  --rounds N      so many rounds of each measurement; default 40, with --home 10
  --only PART     one part, and nothing is written: ${namesOf(PARTS)};
                  with --home: ${namesOf(HOME_PARTS)}
  --quick         one round of small sizes without the Bolt app: shows that it works, its times say nothing
  --without-bolt  leaves out the app that has to be installed once (tools/bench/peers), and nothing is written
  --against DIR   a checkout of an older version, in which npm ci was run: its kill is measured beside ours (part kill)
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

/** `help` where that was asked for. Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { 'home': { type: 'boolean' }, 'rounds': { type: 'string' }, 'only': { type: 'string', multiple: true }, 'quick': { type: 'boolean' }, 'without-bolt': { type: 'boolean' }, 'against': { type: 'string' }, 'help': { type: 'boolean' } },
  });
  if (values.help) return 'help';
  const isQuick = values.quick ?? false;
  const isHome = values.home ?? false;
  const parts = isHome ? HOME_PARTS : PARTS;
  if (isHome && (values.against !== undefined || values['without-bolt'])) throw new Error('--against and --without-bolt are for the functions, not for --home');
  const rounds = values.rounds === undefined ? (isQuick ? QUICK_ROUNDS : fullRounds(isHome)) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds has to be a whole number from 1: ${values.rounds}`);
  const only = values.only ?? [];
  const unknown = only.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: there are ${namesOf(parts)}`);
  const against = values.against === undefined ? undefined : resolve(values.against);
  if (against !== undefined && !existsSync(join(against, 'serverless.yml'))) throw new Error(`--against ${values.against} is no checkout: it has no serverless.yml`);
  if (against !== undefined && !existsSync(join(against, 'node_modules'))) throw new Error(`--against ${values.against} has no node_modules: run npm ci there first`);
  return { isHome, rounds, only, isQuick, hasBolt: !isHome && !isQuick && !values['without-bolt'], against };
}
