import type { About, AlertSource } from './source.ts';

/** Every source by its name in `/alerts/{source}`, loaded when something comes from it. A new one is a file, a row here and a folder of fixtures. */
export const SOURCES = {
  alertmanager: async () => (await import('./alertmanager.ts')).alertmanager,
  grafana: async () => (await import('./grafana.ts')).grafana,
  smn: async () => (await import('./smn.ts')).smn,
  datadog: async () => (await import('./datadog.ts')).datadog,
  pagerduty: async () => (await import('./pagerduty.ts')).pagerduty,
  generic: async () => (await import('./generic.ts')).generic,
} satisfies Record<string, () => Promise<AlertSource>>;

/** Those whose alerts invoke functions/events: AWS says who may, and no route leads there. */
export const INVOKING = { cloudwatch: async () => (await import('./cloudwatch-alarm.ts')).cloudwatch } satisfies Record<string, () => Promise<About>>;

/** What `source:` may say in a rule. */
export const SOURCE_NAMES: readonly string[] = [...Object.keys(SOURCES), ...Object.keys(INVOKING)];

/** Resolves to undefined for a name that is none of ours, `__proto__` and its kin included. */
export async function findSource(name: string): Promise<AlertSource | undefined> {
  return Object.hasOwn(SOURCES, name) ? SOURCES[name as keyof typeof SOURCES]() : undefined;
}
