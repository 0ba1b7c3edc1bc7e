import { collectDefaultMetrics, Registry } from 'prom-client';
import type { CountMetric, Log } from '../../lib/log/log.ts';
import { createCounters } from './counters.ts';
import { createGauges, type HomeState } from './gauges.ts';

/** What Prometheus reads. */
export type Metrics = {
  /** What the log's `metric` counts by. */
  count: CountMetric;
  contentType: string;
  /** All that stands now, in Prometheus's text format. */
  text(): Promise<string>;
  /** From now on the gauges tell of what `readState` returns at each `text`. Where it throws, which the log says, they are left as they were but for `store_works`, which is 0. */
  tellState(readState: () => HomeState | Promise<HomeState>, log: Log): void;
};

/**
 * Makes the metrics of a process: the counts, the state that is told, and those of Node itself (memory, event loop, garbage
 * collection), which live as long as the process.
 * https://github.com/siimon/prom-client/tree/v15.1.3#default-metrics
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const setGauges = createGauges(registry);
  let last: HomeState | undefined;
  let look = async (): Promise<void> => {};
  return {
    count: createCounters(registry),
    contentType: registry.contentType,
    async text() {
      await look();
      return registry.metrics();
    },
    tellState(readState, log) {
      look = async () => {
        try {
          last = await readState();
        } catch (error) {
          log.error('the state for the metrics cannot be read', { error });
          if (last !== undefined) last = { ...last, store: { bytes: last.store?.bytes ?? 0, works: false } };
        }
        if (last !== undefined) setGauges(last);
      };
    },
  };
}
