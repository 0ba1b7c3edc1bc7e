import { alertmanager } from './alertmanager.ts';
import { cloudwatch } from './cloudwatch-alarm.ts';
import { datadog } from './datadog.ts';
import { generic } from './generic.ts';
import { grafana } from './grafana.ts';
import { pagerduty } from './pagerduty.ts';
import { smn } from './smn.ts';
import type { About, AlertSource } from './source.ts';

/** Every source by its name in `/alerts/{source}`. A new one is a file, a row here and a folder of fixtures. */
export const ALERT_SOURCES = { alertmanager, grafana, smn, datadog, pagerduty, generic } satisfies Record<string, AlertSource>;

/** Those whose alerts invoke functions/events: AWS says who may, and no route leads there. */
export const INVOKING_SOURCES = { cloudwatch } satisfies Record<string, About>;

/** What `source:` may say in a rule. */
export const SOURCE_NAMES: readonly string[] = [...Object.keys(ALERT_SOURCES), ...Object.keys(INVOKING_SOURCES)];

/** Undefined for a name that is none of ours, `__proto__` and its kin included. */
export function findSource(name: string): AlertSource | undefined {
  return Object.hasOwn(ALERT_SOURCES, name) ? ALERT_SOURCES[name as keyof typeof ALERT_SOURCES] : undefined;
}
