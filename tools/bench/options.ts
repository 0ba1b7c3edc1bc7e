import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS } from './parts.ts';

export const HELP = `npm run bench -- [--rounds N] [--only PART]... [--quick] [--without-bolt] [--against DIR]

Measures the packaged functions beside named peers, turn by turn: about ten minutes for all of it, on a machine that does nothing else.
A run of everything with 40 rounds or more writes docs/performance.md. Exit code 0, whatever was reached; 2 for wrong arguments.

  --rounds N      so many rounds of each measurement; default 40
  --only PART     one part, and nothing is written: ${PARTS.map(({ name }) => name).join(', ')}
  --quick         one round of small sizes without the Bolt app: shows that it works, its times say nothing
  --without-bolt  leaves out the app that has to be installed once (tools/bench/peers), and nothing is written
  --against DIR   a checkout of an older version, in which npm ci was run: its kill is measured beside ours (part kill)
`;

export type Options = { rounds: number; only: string[]; isQuick: boolean; hasBolt: boolean; against?: string | undefined };

export const DEFAULT_ROUNDS = 40;
const QUICK_ROUNDS = 1;

/** `help` where that was asked for. Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { 'rounds': { type: 'string' }, 'only': { type: 'string', multiple: true }, 'quick': { type: 'boolean' }, 'without-bolt': { type: 'boolean' }, 'against': { type: 'string' }, 'help': { type: 'boolean' } },
  });
  if (values.help) return 'help';
  const isQuick = values.quick ?? false;
  const rounds = values.rounds === undefined ? (isQuick ? QUICK_ROUNDS : DEFAULT_ROUNDS) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds has to be a whole number from 1: ${values.rounds}`);
  const only = values.only ?? [];
  const unknown = only.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: there are ${PARTS.map(({ name }) => name).join(', ')}`);
  const against = values.against === undefined ? undefined : resolve(values.against);
  if (against !== undefined && !existsSync(join(against, 'serverless.yml'))) throw new Error(`--against ${values.against} is no checkout: it has no serverless.yml`);
  if (against !== undefined && !existsSync(join(against, 'node_modules'))) throw new Error(`--against ${values.against} has no node_modules: run npm ci there first`);
  return { rounds, only, isQuick, hasBolt: !isQuick && !values['without-bolt'], against };
}
