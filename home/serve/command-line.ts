import { InvalidRequest } from '../../lib/core/errors.ts';

/** What `npm run serve` is asked to do. */
export type Wanted = { command: 'serve'; standby: boolean } | { command: 'help' } | { command: 'open' } | { command: 'stop'; name: string } | { command: 'backup'; file: string } | { command: 'cleanup'; dryRun: boolean };

export const HELP = `npm run serve [-- --standby]          serves, as the one owner of the store; with --standby waits until it is free
npm run serve -- open                 lists what is open: kills and warnings that have not ended
npm run serve -- stop <name>          ends one of them; nothing more is done for it, and that is said in the channel
npm run serve -- backup <file>        copies the store while it is in use
npm run serve -- cleanup [--dry-run]  runs the cleanup rules once, now, and says what each did; with --dry-run nothing is killed

The settings are environment variables: docs/settings.md lists them, docs/own-home.md says how to set it up. For a file with them: npx node --env-file=.env home/serve.ts
`;

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
  const needs: Record<string, string> = { stop: 'the name of what is to end: npm run serve -- open lists them', backup: 'the file to write' };
  throw new InvalidRequest(needs[command] !== undefined && value === undefined ? `${command} takes ${needs[command]}` : 'this is no command: npm run serve -- --help tells them all');
}
