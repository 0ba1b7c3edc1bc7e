import { existsSync } from 'node:fs';
import { handleCleanup } from '../../lib/cleanup/handle-schedule.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { compose } from '../../lib/house/compose.ts';
import { openLater } from '../../lib/ledger/open-later.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import type { DurableEngine } from '../engine/engine.ts';
import { openCertificate } from '../http/certificate.ts';
import { checkPort, openServer } from '../http/open-server.ts';
import { createRoutes } from '../http/routes.ts';
import { createForgetOver } from '../ledger/forget-over.ts';
import { createSqliteLedger } from '../ledger/sqlite.ts';
import { beginHomeCounts } from '../metrics/home-counts.ts';
import { type Metrics } from '../metrics/metrics.ts';
import { serveMetrics } from '../metrics/metrics-server.ts';
import { type Schedule, startSchedule } from '../schedule/schedule.ts';
import { scheduledTasks } from '../schedule/scheduled-tasks.ts';
import type { HomeSettings } from '../settings/home-settings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';
import { startControl } from '../store/control.ts';
import { lockOf } from '../store/lock.ts';
import { openStore } from '../store/open-store.ts';
import { findStore } from '../store/place.ts';
import { DAMAGE } from '../store/sqlite-trouble.ts';
import { createStore } from '../store/store.ts';
import { startTidying } from '../store/tidy.ts';
import { watchPlace } from '../store/watch-place.ts';
import { watchWhole } from '../store/watch-whole.ts';
import { commandsOf } from './commands.ts';
import { type EngineParts, openEngineOfHome } from './engine-of-home.ts';
import { createLaterTasks } from './later-tasks.ts';
import { SERVICE } from './names.ts';
import { openClock } from './open-clock.ts';
import { openSlack } from './open-slack.ts';
import { outsideOfHome } from './outside-of-home.ts';
import { ownTroubles } from './own-troubles.ts';
import { stateOf } from './state.ts';
import { systemClock } from './system-clock.ts';

export type HomeParts = {
  env: Record<string, string | undefined>;
  settings: HomeSettings;
  openSettings: OpenSettings;
  policy: Policy;
  readFiles: ReadParameters;
  log: Log;
  metrics: Metrics;
  standby: boolean;
  /** Settings and policy once more: they may have changed while this process waited. Throws as at the start. */
  readAgain: () => Promise<{ home: HomeSettings; policy: Policy }>;
  /** Ends the wait for the store. */
  signal: AbortSignal;
  endProcess: EngineParts['endProcess'];
};

/** An execution's name is held so long after its end, as on AWS. */
const KEPT_MS = 14 * 24 * 3_600_000;
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

/**
 * Opens everything and serves. All that can be wrong is found before anything is written: throws SettingsInvalid, StoreRefused, and an
 * AbortError where `signal` ends the wait for the store.
 */
export async function openHome(parts: HomeParts): Promise<Home> {
  const { log, metrics, standby, signal, endProcess } = parts;
  let { settings, policy } = parts;
  let certificate = settings.tls && openCertificate(settings.tls, log);
  await checkHouse(parts);
  // Where there is a lock, its holder may be who has the ports: that the store is held says more, and without one nothing is to be written.
  if (!existsSync(lockOf(findStore(settings.storeFile)))) await checkPorts(settings);

  let waited = false;
  const onWait = (holder: unknown): void => {
    waited = true;
    log.info('waiting for the store', { holder });
  };
  const owned = await openStore(settings.storeFile, { service: SERVICE, standby, signal, now: systemClock.now, onWait, check: () => checkPorts(settings) });
  const closing: (() => unknown)[] = [() => owned.close()];
  try {
    if (waited) {
      ({ home: settings, policy } = await parts.readAgain());
      certificate = settings.tls && openCertificate(settings.tls, log);
    }
    const onDamage = (): void => endProcess(DAMAGE, { store: owned.path });
    const store = createStore(owned.database, undefined, onDamage);
    const ledger = createSqliteLedger(store);
    const { clock, close: closeClock } = openClock(store, log);
    const tasks = createLaterTasks(() => house, log);
    let engine: DurableEngine | undefined;
    const outside = outsideOfHome({ ...parts, settings, policy, clock, engine: () => engine, ledger, begin: tasks.begin });
    const house = compose(outside);
    await house.refresh(); // before anything is asked of it that needs its secrets
    const running = (engine = openEngineOfHome({ ...outside, clock, store, ledger, policy, house, endProcess }));
    let schedule: Schedule | undefined;
    const cleanup = async (dryRun: boolean) => {
      if (schedule === undefined) throw new InvalidRequest('this process is only starting: ask again');
      return schedule.runNow('cleanup', { dryRun });
    };
    const control = await startControl(owned.path, commandsOf(running, owned, cleanup), (error) => log.error('a command could not be done', { error }));
    closing.unshift(() => control.close());
    const hasSocketMode = settings.slackAppToken !== undefined;
    const routes = createRoutes({ load: () => ({ ...house.load(), socketMode: hasSocketMode, ownTroubles: () => ownTroubles(store, parts.openSettings) }), loadStarting: house.loadStarting });
    const server = await openServer({ ...outside, host: settings.host, port: settings.port, certificate, handle: routes, secrets: house });
    closing.unshift(() => server.stop(0));

    const cleanupSchedule = settings.cleanupSchedule;
    const scheduled = scheduledTasks({ cleanup: cleanupSchedule, digest: policy.slack.digest });
    const run = async (event: unknown) => {
      await house.refresh();
      return handleCleanup(house.loadStarting, log, event);
    };
    const since = clock.now();
    const metricsServer = settings.metricsPort === undefined ? undefined : await serveMetrics(settings.metricsPort, metrics, log);
    const resumed = await running.resume();
    const started = (schedule = startSchedule(scheduled, { clock, log, run }));
    beginHomeCounts(log, scheduled.map(({ name }) => name));
    metrics.tellState(stateOf({ clock, engine: running, owned, store, house, schedule: started, since }), log);
    const stopWatching = watchPlace(owned.path, () => endProcess('the store was moved or replaced', { store: owned.path }));
    const stopReading = watchWhole(owned.path, { onDamage, onTrouble: (trouble) => log.warn('the store could not be read whole now', { trouble }) });
    const tidying = startTidying({
      clock,
      forget: [createForgetOver(store), (now, most) => running.forgetEnded(now - KEPT_MS, most)],
      onTrouble: (error) => log.warn('the store could not be tidied now', { error }),
    });
    const slack = hasSocketMode ? openSlack({ ...parts, outside, house }) : undefined;
    log.info('serving', { url: server.url, store: owned.path, ...(metricsServer && { metrics: metricsServer.url }), socket_mode: hasSocketMode, cleanup: cleanupSchedule ?? 'off', ...resumed });

    return {
      url: server.url,
      inFlight: running.inFlight,
      async stop(withinMs) {
        stopWatching();
        stopReading();
        tidying.stop();
        const giveUp = AbortSignal.timeout(withinMs);
        await Promise.race([
          Promise.all([server.stop(withinMs), slack?.close(), started.stop(), tasks.settled(), running.shutDown(withinMs - LEAVE_MS)]),
          new Promise((resolve) => giveUp.addEventListener('abort', resolve)),
        ]);
        control.close();
        await metricsServer?.close();
        running.close();
        closeClock();
        store.close();
        owned.close();
      },
    };
  } catch (error) {
    for (const close of closing) await close();
    throw error;
  }
}

/** Says what the settings alone do not show: clusters in a region that nobody knows. */
async function checkHouse(parts: HomeParts): Promise<void> {
  const notOpen = async (): Promise<never> => Promise.reject(new Error('the store is not open yet'));
  const house = compose(outsideOfHome({ ...parts, clock: systemClock, engine: () => undefined, ledger: openLater(notOpen), begin: notOpen }));
  await house.refresh();
  house.load();
}

/** Throws SettingsInvalid where this process could not listen where it has to. */
async function checkPorts({ host, port, metricsPort }: HomeSettings): Promise<void> {
  await checkPort(host, port, 'PORT');
  if (metricsPort !== undefined) await checkPort('127.0.0.1', metricsPort, 'METRICS_PORT');
}
