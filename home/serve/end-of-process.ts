import type { Log } from '../../lib/log/log.ts';
import type { Home } from './open-home.ts';

const WITHIN_MS = 30_000;

export type EndOfProcess = {
  /** Aborted by the first signal to stop. */
  signal: AbortSignal;
  /** From now on a signal stops this home first. */
  serves(home: Home): void;
  /** Ends the process at once: the service manager starts it again, and what is open goes on. */
  now: (why: string, fields: Record<string, unknown>) => void;
};

/**
 * Sees to it that the process ends well: SIGTERM, SIGINT and SIGHUP stop the home, a second one ends at once, and an error that nobody caught
 * ends it after a line that names what was in flight. A promise that was rejected with nobody waiting for it does no harm but a line.
 */
export function endOfProcess(log: Log): EndOfProcess {
  const stopping = new AbortController();
  let home: Home | undefined;
  const now: EndOfProcess['now'] = (why, fields) => {
    log.error(`${why}: this process ends`, { ...fields, in_flight: home?.inFlight() ?? [] });
    process.exit(1);
  };
  const stop = async (from: Home): Promise<void> => {
    await from.stop(WITHIN_MS);
    log.info('stopped');
    process.exit(0);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      log.warn('told to stop once more: this process ends at once', { signal: name, in_flight: home?.inFlight() ?? [] });
      process.exit(1);
    }
    log.info('stopping', { signal: name, in_flight: home?.inFlight() ?? [] });
    stopping.abort();
    if (home) void stop(home);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onSignal); // who means a reload gets a restart, by the service manager
  process.on('uncaughtException', (error: unknown) => now('an error that nobody caught', { error, stack: stackOf(error) }));
  process.on('unhandledRejection', (error: unknown) => log.error('a promise was rejected and nobody waited for it', { error, stack: stackOf(error) }));
  return {
    signal: stopping.signal,
    serves(opened) {
      home = opened;
      if (stopping.signal.aborted) void stop(opened);
    },
    now,
  };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
