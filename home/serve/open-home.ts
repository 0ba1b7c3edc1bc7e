import { InvalidRequest } from '../../lib/core/errors.ts';
import { openServer } from '../http/open-server.ts';
import { createRoutes } from '../http/routes.ts';
import { serveMetrics } from '../metrics/metrics-server.ts';
import { startControl } from '../store/control.ts';
import { type Chores, startChores } from './chores.ts';
import { commandsOf } from './commands.ts';
import type { HomeParts } from './home-parts.ts';
import { openHouse, type OpenHouse } from './open-house.ts';
import { openOwned, type Owned } from './open-owned.ts';
import { openSlack } from './open-slack.ts';
import { ownTroubles } from './own-troubles.ts';
import { stateOf } from './state.ts';

/** What does not end in time is put on record as left: else it would count as what the process died under. */
const LEAVE_MS = 1_000;

/** The home as it runs. */
export type Home = {
  url: string;
  /** The names of executions that code runs for now. */
  inFlight(): string[];
  /** Takes nothing new, lets what is in flight end for at most so long, leaves the rest for the next start, and gives the store free. */
  stop(withinMs: number): Promise<void>;
};

/** Opens everything and serves. Throws as openOwned does, and then has let go of all that it had opened. */
export async function openHome(parts: HomeParts): Promise<Home> {
  const owned = await openOwned(parts);
  const closing: (() => unknown)[] = [() => owned.owned.close()];
  try {
    return await serve(parts, owned, await openHouse(parts, owned), closing);
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

/** Lets the world in, then begins. What it opens goes to the front of `closing`. */
async function serve(parts: HomeParts, own: Owned, inside: OpenHouse, closing: (() => unknown)[]): Promise<Home> {
  const { log, metrics } = parts;
  const { owned, settings } = own;
  const { engine, house, outside, tasks } = inside;
  let chores: Chores | undefined;
  const cleanup = async (dryRun: boolean) => {
    if (chores === undefined) throw new InvalidRequest('this process is only starting: ask again');
    return chores.schedule.runNow('cleanup', { dryRun });
  };
  const control = await startControl(owned.path, commandsOf(engine, owned, cleanup), (error) => log.error('a command could not be done', { error }));
  closing.unshift(() => control.close());
  const server = await openServer({ ...outside, host: settings.host, port: settings.port, certificate: own.certificate, handle: routesOf(parts, own, inside), secrets: house });
  closing.unshift(() => server.stop(0));
  const metricsServer = settings.metricsPort === undefined ? undefined : await serveMetrics(settings.metricsPort, metrics, log);

  const since = inside.clock.now();
  const resumed = await engine.resume();
  const begun = (chores = startChores(parts, own, inside));
  metrics.tellState(stateOf({ ...inside, owned, schedule: begun.schedule, since }), log);
  const slack = hasSocketMode(own) ? openSlack({ ...parts, outside, house }) : undefined;
  log.info('serving', { url: server.url, store: owned.path, ...(metricsServer && { metrics: metricsServer.url }), socket_mode: hasSocketMode(own), cleanup: settings.cleanupSchedule ?? 'off', ...resumed });

  return {
    url: server.url,
    inFlight: engine.inFlight,
    async stop(withinMs) {
      const giveUp = AbortSignal.timeout(withinMs);
      await Promise.race([
        Promise.all([server.stop(withinMs), slack?.close(), begun.stop(), tasks.settled(), engine.shutDown(withinMs - LEAVE_MS)]),
        new Promise((resolve) => giveUp.addEventListener('abort', resolve)),
      ]);
      control.close();
      await metricsServer?.close();
      inside.close();
    },
  };
}

function routesOf({ openSettings }: HomeParts, own: Owned, { house, store }: OpenHouse): ReturnType<typeof createRoutes> {
  return createRoutes({
    load: () => ({ ...house.load(), socketMode: hasSocketMode(own), ownTroubles: () => ownTroubles(store, openSettings) }),
    loadStarting: house.loadStarting,
  });
}

function hasSocketMode({ settings }: Owned): boolean {
  return settings.slackAppToken !== undefined;
}
