import { existsSync } from 'node:fs';
import { compose } from '../../lib/house/compose.ts';
import { openLater } from '../../lib/ledger/open-later.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { type Certificate, openCertificate } from '../http/certificate.ts';
import { checkPort } from '../http/open-server.ts';
import type { HomeSettings } from '../settings/home-settings.ts';
import { lockOf } from '../store/lock.ts';
import { type OwnedStore, openStore } from '../store/open-store.ts';
import { findStore } from '../store/place.ts';
import type { HomeParts } from './home-parts.ts';
import { SERVICE } from './names.ts';
import { outsideOfHome } from './outside-of-home.ts';
import { systemClock } from './system-clock.ts';

/** The store in the hands of its one owner, and what counts from that moment. */
export type Owned = { owned: OwnedStore; settings: HomeSettings; policy: Policy; certificate: Certificate | undefined };

/**
 * Opens the store as its one owner. All that can be wrong is found before anything is written: throws SettingsInvalid, StoreRefused, and
 * an AbortError where the signal ends the wait for the store.
 */
export async function openOwned(parts: HomeParts): Promise<Owned> {
  const { settings, policy, log, standby, signal } = parts;
  const certificateOf = ({ tls }: HomeSettings): Certificate | undefined => tls && openCertificate(tls, log);
  const certificate = certificateOf(settings);
  await checkHouse(parts);
  // Where there is a lock, its holder may be who has the ports: that the store is held says more, and without one nothing is to be written.
  if (!existsSync(lockOf(findStore(settings.storeFile)))) await checkPorts(settings);

  let waited = false;
  const onWait = (holder: unknown): void => {
    waited = true;
    log.info('waiting for the store', { holder });
  };
  const owned = await openStore(settings.storeFile, { service: SERVICE, standby, signal, now: systemClock.now, onWait, check: () => checkPorts(settings) });
  if (!waited) return { owned, settings, policy, certificate };
  try {
    const again = await parts.readAgain();
    return { owned, settings: again.home, policy: again.policy, certificate: certificateOf(again.home) };
  } catch (error) {
    owned.close();
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
