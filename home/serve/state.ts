import { statSync } from 'node:fs';
import packageJson from '../../package.json' with { type: 'json' };
import type { Paused } from '../../lib/settings/references.ts';
import type { HomeClock } from '../clock/home-clock.ts';
import type { DurableEngine } from '../engine/engine.ts';
import type { HomeState } from '../metrics/gauges.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { OwnedStore } from '../store/open-store.ts';
import { WARN } from './names.ts';

type StateParts = {
  clock: HomeClock;
  engine: DurableEngine;
  owned: OwnedStore;
  house: { load: () => { readPaused: () => Paused | Promise<Paused> } };
  schedule: Schedule;
  /** When this process began to serve, epoch ms. */
  since: number;
};

/** How this home stands, for its metrics. */
export function stateOf({ clock, engine, owned, house, schedule, since }: StateParts): () => Promise<HomeState> {
  return async () => {
    const open = engine.open();
    const warnings = open.filter(({ functionName }) => functionName === WARN).length;
    const cleanupRanAt = schedule.cleanupRanAt();
    return {
      version: packageJson.version,
      upSince: since,
      openExecutions: { kill: open.length - warnings, warn: warnings },
      invocationsInFlight: engine.inFlight().length,
      store: { bytes: statSync(owned.path).size, works: true },
      clock: clock.state() ?? 'right',
      paused: await house.load().readPaused(),
      ...(cleanupRanAt !== undefined && { cleanupRanAt }),
    };
  };
}
