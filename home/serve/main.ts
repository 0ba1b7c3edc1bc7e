import { existsSync } from 'node:fs';
import { AppError } from '../../lib/core/errors.ts';
import { createHomeLog } from '../metrics/home-log.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { DEFAULT_STORE_FILE } from '../settings/home-variables.ts';
import { openSettings } from '../settings/open-settings.ts';
import { createFileReader } from '../settings/read-files.ts';
import { findTrouble } from '../store/sqlite-trouble.ts';
import { checkStart, StartRefused } from './check-start.ts';
import { HELP, readCommandLine, type Wanted } from './command-line.ts';
import { endOfProcess } from './end-of-process.ts';
import { systemClock } from './system-clock.ts';

/** Does what the command line asks for; what cannot be done is said on standard error, a line for each reason, and the process ends with 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    await doWanted(readCommandLine(args));
  } catch (error) {
    process.stderr.write(`${sayWhy(error)}\n`);
    process.exit(1);
  }
}

async function doWanted(wanted: Wanted): Promise<void> {
  switch (wanted.command) {
    case 'help':
      return void process.stdout.write(HELP);
    case 'serve':
      return serve(wanted.standby);
    case 'open':
    case 'stop':
    case 'backup':
    case 'cleanup': {
      const storeFile = process.env['STORE_FILE'] || DEFAULT_STORE_FILE;
      const { askTheOwner } = await import('./commands.ts');
      for (const line of await askTheOwner(storeFile, wanted)) process.stdout.write(`${line}\n`);
    }
  }
}

async function serve(standby: boolean): Promise<void> {
  const { env } = process;
  const metrics = createMetrics();
  const log = createHomeLog({ env, wall: Date.now, write: (line) => void process.stdout.write(`${line}\n`) }, metrics);
  const readFiles = createFileReader(log);
  const open = openSettings(env, readFiles, systemClock);
  const { home: settings, policy } = await checkStart(open, env);
  const end = endOfProcess(log);
  const { openHome } = await import('./open-home.ts'); // most of what is to load: a start that cannot be is told without it
  try {
    end.serves(await openHome({ env, settings, openSettings: open, policy, readFiles, log, metrics, standby, signal: end.signal, endProcess: end.now, readAgain: () => checkStart(open, env) }));
  } catch (error) {
    if (!end.signal.aborted) throw error;
    process.exit(0); // told to stop before it served
  }
}

/** Expected trouble says itself what to do; a bug needs its stack. */
function sayWhy(error: unknown): string {
  if (error instanceof StartRefused && error.message.startsWith('settings: ') && existsSync('.env') && !process.execArgv.some((option) => option.startsWith('--env-file'))) {
    return `${error.message}\nthe .env that is here is not read by itself: npx node --env-file=.env home/serve.ts`;
  }
  if (error instanceof AppError) return error.message;
  return findTrouble(error)?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
}
