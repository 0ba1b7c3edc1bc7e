import { alertmanager } from './alertmanager.ts';
import { datadog } from './datadog.ts';
import { generic } from './generic.ts';
import { grafana } from './grafana.ts';
import { pagerduty } from './pagerduty.ts';
import { smn } from './smn.ts';
import type { AlertSource } from './source.ts';

/** Every source by its name in `/alerts/{source}`. A new one is a file, a row here and a folder of fixtures. */
export const ALERT_SOURCES = { alertmanager, grafana, smn, datadog, pagerduty, generic } satisfies Record<string, AlertSource>;

/** Undefined for a name that is none of ours, `__proto__` and its kin included. */
export function findSource(name: string): AlertSource | undefined {
  return Object.hasOwn(ALERT_SOURCES, name) ? ALERT_SOURCES[name as keyof typeof ALERT_SOURCES] : undefined;
}
