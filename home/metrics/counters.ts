import { Counter, Histogram, type Registry } from 'prom-client';
import type { CountMetric, Metric } from '../../lib/log/log.ts';

/** Before each name, with `_` for `-` of the namespace on AWS. */
export const PREFIX = 'mrs_killswitch_';

// From a kill at once to one behind a question of 15 min and log copying.
const BUCKETS_SEC = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

/**
 * Counts in `registry` by the metric's own name and dimensions: `Ended` of `trigger` and `outcome` is
 * `mrs_killswitch_ended_total{trigger,outcome}`, `RequestedToKilled` in milliseconds the histogram
 * `mrs_killswitch_requested_to_killed_seconds`. Throws where a name comes with other dimensions than before.
 * https://prometheus.io/docs/practices/naming/
 */
export function createCounters(registry: Registry): CountMetric {
  const known = new Map<string, (value: number, dimensions: Record<string, string>) => void>();
  const open = (name: string, unit: Metric['unit'], labelNames: string[]): ((value: number, dimensions: Record<string, string>) => void) => {
    const help = `${name} of lib/log/metrics.ts`;
    switch (unit) {
      case 'Count': {
        const counter = new Counter({ name: `${PREFIX}${snakeCase(name)}_total`, help, labelNames, registers: [registry] });
        return (value, dimensions) => counter.inc(dimensions, value);
      }
      case 'Milliseconds': {
        const histogram = new Histogram({ name: `${PREFIX}${snakeCase(name)}_seconds`, help, labelNames, buckets: BUCKETS_SEC, registers: [registry] });
        return (value, dimensions) => histogram.observe(dimensions, value / 1_000);
      }
    }
  };
  return (metrics, dimensions) => {
    for (const [name, { value, unit }] of Object.entries(metrics)) {
      const count = known.get(name) ?? open(name, unit, Object.keys(dimensions));
      known.set(name, count);
      count(value, dimensions);
    }
  };
}

/** `RequestedToKilled` → `requested_to_killed` */
function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();
}
