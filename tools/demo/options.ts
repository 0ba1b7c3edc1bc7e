import { readArgs, WrongUsage } from '../command-line.ts';
import type { HomeName } from './homes.ts';
import { PARTS } from './parts.ts';
import type { Part } from './step.ts';

const NAMES = PARTS.map(({ name }) => name).join(', ');

export const HELP = `Usage: npm run demo [-- --home] [--only PART]...

Plays every trigger once, through real HTTP, against a simulator of MRS, IAM, Slack and SMN: no cloud account is touched.
A line for each step as it ends, and a table at the end.

Options:
  --home       on the own home, as the process that npm run serve starts (Node 24); without it on the AWS home, as npm start runs it
  --only PART  this part alone: ${NAMES}
  --help

Exit code: 0 all ended as told, 1 something did not.

Examples:
  npm run demo
  npm run demo -- --home --only Slack
`;

/** What to play, or `help` where that was asked for. Throws WrongUsage. */
export function readOptions(args: readonly string[]): { home: HomeName; parts: Part[] } | 'help' {
  const read = readArgs(args, { name: 'npm run demo', options: { home: { type: 'boolean' }, only: { type: 'string', multiple: true } } });
  if (read === 'help') return 'help';
  const { values } = read;
  const only = values.only ?? [];
  const unknown = only.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) throw new WrongUsage(`--only ${unknown}: there is no such part; there are ${NAMES}`);
  return { home: values.home ? 'own' : 'aws', parts: PARTS.filter(({ name }) => only.length === 0 || only.includes(name)) };
}
