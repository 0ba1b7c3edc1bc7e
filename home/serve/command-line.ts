import { InvalidRequest } from '../../lib/core/errors.ts';
import { nearestWord } from '../../lib/core/near-names.ts';

/** What `npm run serve` is asked to do. */
export type Wanted = { command: 'serve'; standby: boolean } | { command: 'help' } | { command: 'open' } | { command: 'stop'; name: string } | { command: 'backup'; file: string } | { command: 'cleanup'; dryRun: boolean };

export const HELP = `Usage: npm run serve -- [--standby]
       npm run serve -- open
       npm run serve -- stop <name>
       npm run serve -- backup <file>
       npm run serve -- cleanup [--dry-run]

Serves, as the one owner of the store. The other commands ask the process that serves.

  open            lists what is open: kills and warnings that have not ended
  stop <name>     ends one of them; nothing more is done for it, and that is said in the channel
  backup <file>   copies the store while it is in use
  cleanup         runs the cleanup rules once, now, and says what each did

The settings are environment variables: docs/settings.md lists them, docs/own-home.md says how to set it up. Look at them before: npm run check-config -- --home
For a file with them: npx node --env-file=.env home/serve.ts

Options:
  --standby       waits until the store is free, then serves
  --dry-run       of cleanup: nothing is killed
  --help

Exit code: 0 it was stopped, or the command was done; 1 it could not start, or the command could not be done.

Examples:
  npm run serve
  npm run serve -- cleanup --dry-run
`;

const WORDS = ['open', 'stop', 'backup', 'cleanup', '--standby', '--dry-run', '--help'];
const MORE = 'npm run serve -- --help tells them all';

/** Reads what stands behind `npm run serve --`. Throws InvalidRequest. */
export function readCommandLine(args: readonly string[]): Wanted {
  const [command = '', value, ...more] = args;
  if (args.some((arg) => arg === '--help' || arg === '-h')) return { command: 'help' };
  if (args.length === 0) return { command: 'serve', standby: false };
  if (args.length === 1 && command === '--standby') return { command: 'serve', standby: true };
  if (args.length === 1 && command === 'open') return { command };
  if (args.length === 1 && command === 'cleanup') return { command, dryRun: false };
  if (args.length === 2 && command === 'cleanup' && value === '--dry-run') return { command, dryRun: true };
  if (value !== undefined && more.length === 0 && command === 'stop') return { command, name: value };
  if (value !== undefined && more.length === 0 && command === 'backup') return { command, file: value };
  throw new InvalidRequest(describeMistake(command, args.slice(1)));
}

function describeMistake(command: string, rest: readonly string[]): string {
  const needs: Record<string, string> = { stop: 'the name of what is to end: npm run serve -- open lists them', backup: 'the file to write' };
  if (needs[command] !== undefined && rest.length === 0) return `${command} takes ${needs[command]}`;
  if (!WORDS.includes(command)) return describeUnknown(command, 'no command or option of npm run serve');
  if (command === 'cleanup' && rest[0] !== '--dry-run') return describeUnknown(rest[0] ?? '', 'nothing that cleanup takes');
  const most = command === 'stop' || command === 'backup' || command === 'cleanup' ? 1 : 0;
  return `${rest[most] ?? command} is too much here: ${MORE}`;
}

function describeUnknown(word: string, what: string): string {
  const near = nearestWord(word, WORDS);
  return `${word} is ${what}${near === undefined ? ':' : `; did you mean ${near}?`} ${MORE}`;
}
