import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS } from './parts.ts';

export const HELP = `npm run bench -- [--rounds N] [--only PART]... [--quick] [--without-bolt] [--against DIR]

Measures the packaged functions beside named peers, turn by turn, and writes docs/performance.md where everything was measured.

  --rounds N      so many rounds of each measurement; default 40
  --only PART     one part, and nothing is written: ${PARTS.map(({ name }) => name).join(', ')}
  --quick         a few rounds of small sizes without the Bolt app: shows that it works, and nothing is written
  --without-bolt  leaves out the app that has to be installed once (tools/bench/peers), and nothing is written
  --against DIR   a checkout of an older version with its own npm ci, whose kill is measured beside ours
`;

export type Options = { rounds: number; only: string[]; isQuick: boolean; hasBolt: boolean; against?: string | undefined };

const DEFAULT_ROUNDS = 40;
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
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}`);
  return { rounds, only, isQuick, hasBolt: !isQuick && !values['without-bolt'], against: values.against && resolve(values.against) };
}
