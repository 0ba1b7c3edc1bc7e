import { compose, type Outside } from '../../lib/house/compose.ts';
import type { HomeClock } from '../clock/home-clock.ts';
import type { DurableEngine } from '../engine/engine.ts';
import { createSqliteLedger } from '../ledger/sqlite.ts';
import { DAMAGE } from '../store/sqlite-trouble.ts';
import { createStore, type Store } from '../store/store.ts';
import { openEngineOfHome } from './engine-of-home.ts';
import type { HomeParts } from './home-parts.ts';
import { createLaterTasks, type LaterTasks } from './later-tasks.ts';
import { openClock } from './open-clock.ts';
import type { Owned } from './open-owned.ts';
import { outsideOfHome } from './outside-of-home.ts';

/** The product over its store, with its engine. `close` is for when nothing runs any more. */
export type OpenHouse = {
  store: Store;
  clock: HomeClock;
  tasks: LaterTasks;
  outside: Outside;
  house: ReturnType<typeof compose>;
  engine: DurableEngine;
  close(): void;
};

/** Puts the product together. Nothing runs yet, and nobody is let in. */
export async function openHouse(parts: HomeParts, { owned, settings, policy }: Owned): Promise<OpenHouse> {
  const { log, endProcess } = parts;
  const store = createStore(owned.database, undefined, () => log.error(DAMAGE, { store: owned.path }));
  const ledger = createSqliteLedger(store);
  const { clock, close: closeClock } = openClock(store, log, parts.clocks);
  const tasks = createLaterTasks(() => house, log);
  let opened: DurableEngine | undefined;
  const outside = outsideOfHome({ ...parts, settings, policy, clock, engine: () => opened, ledger, begin: tasks.begin });
  const house = compose(outside);
  await house.refresh(); // before anything is asked of it that needs its secrets
  const engine = (opened = openEngineOfHome({ ...outside, clock, store, ledger, policy, house, endProcess }));
  return {
    store, clock, tasks, outside, house, engine,
    close() {
      engine.close();
      closeClock();
      store.close();
      owned.close();
    },
  };
}
