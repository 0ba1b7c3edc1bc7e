import { parseJson } from '../../lib/http/json.ts';
import type { Log } from '../../lib/log/log.ts';
import type { HomeClock, Seen } from '../clock/home-clock.ts';
import { createMachineClock, type MachineClocks } from '../clock/machine-clock.ts';
import type { Store } from '../store/store.ts';

const REMEMBER = "INSERT INTO meta VALUES ('clock', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/** The home's clock, which never runs behind what the store has seen. `close` remembers how late it is, before the store is closed. */
export function openClock(store: Store, log: Log, clocks?: MachineClocks): { clock: HomeClock; close: () => void } {
  const known = store.database.prepare("SELECT value FROM meta WHERE name = 'clock'").get()?.['value'];
  const put = store.database.prepare(REMEMBER);
  const remember = (seen: Seen): void => void store.write(() => put.run(JSON.stringify(seen))).catch((error: unknown) => log.warn('the store did not take what time it is', { error }));
  const clock = createMachineClock(log, { seen: typeof known === 'string' ? (parseJson(known) as Seen | undefined) : undefined, remember }, clocks);
  return {
    clock,
    close() {
      clock.stop();
      remember(clock.seen());
    },
  };
}
