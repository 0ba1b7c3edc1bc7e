import { parseArgs } from 'node:util';
import type { HomeName } from './homes.ts';

export const HELP = `npm run demo [-- --home]

Plays every trigger once, through real HTTP, against a simulator of MRS, IAM, Slack and SMN: no cloud account is touched.
Exit code 0 only if all ended as told; 2 for wrong arguments.

  --home  on the own home, as the process that npm run serve starts; without it on the AWS home, as npm start runs it
`;

/** What to play; a line that says what is wrong where the arguments are. */
export function readOptions(args: readonly string[]): { home: HomeName } | 'help' | `demo: ${string}` {
  try {
    const { values } = parseArgs({ args: [...args], options: { home: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
    if (values.help) return 'help';
    return { home: values.home ? 'own' : 'aws' };
  } catch {
    return 'demo: there is only --home and --help: npm run demo -- --help';
  }
}
