import { statSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import { readSwitch } from '../../lib/api/health.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { HomeClock } from '../clock/home-clock.ts';
import type { DurableEngine } from '../engine/engine.ts';
import type { HomeState } from '../metrics/gauges.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { OwnedStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { KILL, WARN } from './names.ts';

type StateParts = {
  clock: HomeClock;
  engine: DurableEngine;
  owned: OwnedStore;
  store: Store;
  house: { refresh: () => Promise<void>; load: () => Parameters<typeof readSwitch>[0] };
  schedule: Schedule;
  /** When this process began to serve, epoch ms. */
  since: number;
};

/** How this home stands, for its metrics. */
export function stateOf({ clock, engine, owned, store, house, schedule, since }: StateParts): () => Promise<HomeState> {
  return async () => {
    const open = engine.countOpenByFunction();
    const nextAt = engine.nextAtMs();
    const cleanupRanAt = schedule.cleanupRanAt();
    const paused = await pausedNow(house, clock.now());
    return {
      version: packageJson.version,
      upSince: since,
      openExecutions: { kill: open[KILL] ?? 0, warn: open[WARN] ?? 0 },
      invocationsInFlight: engine.inFlight().length,
      timerLateMs: Math.max(0, clock.now() - (nextAt ?? Infinity)),
      store: { bytes: statSync(owned.path).size, works: store.trouble() === undefined },
      clock: clock.state() ?? 'right',
      ...(paused !== undefined && { paused }),
      ...(cleanupRanAt !== undefined && { cleanupRanAt }),
    };
  };
}

/** Not known while settings are wrong, which /health says; the rest of the state is. */
async function pausedNow({ refresh, load }: StateParts['house'], now: number): Promise<HomeState['paused']> {
  await refresh();
  try {
    return await readSwitch(load(), now);
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return undefined;
  }
}
