import { parseArgs } from 'node:util';
import type { HomeName } from './homes.ts';
import { PARTS } from './parts.ts';
import type { Part } from './step.ts';

const NAMES = PARTS.map(({ name }) => name).join(', ');

export const HELP = `npm run demo [-- --home] [--only PART]...

Plays every trigger once, through real HTTP, against a simulator of MRS, IAM, Slack and SMN: no cloud account is touched.
A line for each step as it ends, and a table at the end. Exit code 0 only if all ended as told.

  --home       on the own home, as the process that npm run serve starts (Node 24); without it on the AWS home, as npm start runs it
  --only PART  this part alone: ${NAMES}
`;

/** What to play, or `help` where that was asked for. Throws an Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): { home: HomeName; parts: Part[] } | 'help' {
  const { values } = parseArgs({ args: [...args], options: { home: { type: 'boolean' }, only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return 'help';
  const only = values.only ?? [];
  const unknown = only.find((name) => !PARTS.some((part) => part.name === name));
  if (unknown !== undefined) throw new Error(`there is no part ${unknown}: there are ${NAMES}`);
  return { home: values.home ? 'own' : 'aws', parts: PARTS.filter(({ name }) => only.length === 0 || only.includes(name)) };
}
