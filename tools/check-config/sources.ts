import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import type { AlertSource } from '../../lib/alerts/source.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Home } from '../../lib/settings/references.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { bad, type Finding, warning } from '../findings.ts';
import { placeOf } from './rules.ts';

type Env = Record<string, string | undefined>;

/** How CloudWatch's alarms come in: at least one of them is on. */
const CLOUDWATCH = ['CLOUDWATCH_EVENTS_ENABLED', 'CLOUDWATCH_TOPIC_ARN', 'CLOUDWATCH_ACTIONS_ENABLED'];

/** Warns of alert rules whose alerts are not let in, and of tokens that let nobody in. */
export function checkSources(settings: Settings, { alerts }: Policy, env: Env, { home, file }: { home: Home; file: string }): Finding[] {
  const sources: [string, AlertSource][] = Object.entries(ALERT_SOURCES);
  const on = new Set(sources.filter(([, source]) => source.isOn(settings)).map(([name]) => name));
  const hasCloudWatch = home === 'aws' && CLOUDWATCH.some((name) => env[name] && env[name] !== 'false');
  const isOff = (source: string): boolean => (source === 'cloudwatch' ? !hasCloudWatch : !on.has(source));
  const offRules = alerts.flatMap(({ source, name }, index) => {
    if (source === undefined || !isOff(source)) return [];
    return [warning(`${file} ${placeOf('alerts', index, name)}`, `never matches: source ${source} is off; ${howToSwitchOn(source, home)}`)];
  });
  const isDeaf = alerts.length > 0 && on.size === 0 && !hasCloudWatch && alerts.every(({ source }) => source === undefined);
  return [
    ...offRules,
    ...(isDeaf ? [warning(`${file} alerts`, 'no alert comes in: no source has its secret; set ALERT_TOKENS, or the secret of your sender')] : []),
    ...settings.alertTokens.flatMap(({ name, source }) => {
      const found = sources.find(([one]) => one === source)?.[1];
      if (source === undefined || (found && found.proofs.includes('bearer'))) return [];
      return [bad('ALERT_TOKENS', found === undefined ? `${name} is bound to a source that takes no tokens or that there is not; they are ${takers(sources)}` : `${name}@${source}: ${source} takes no token; it wants ${found.settings.join(', ')}`)];
    }),
  ];
}

function takers(sources: [string, AlertSource][]): string {
  return sources.filter(([, { proofs }]) => proofs.includes('bearer')).map(([name]) => name).join(', ');
}

function howToSwitchOn(source: string, home: Home): string {
  if (source !== 'cloudwatch') return `set ${(ALERT_SOURCES[source]?.settings ?? []).filter((name) => name !== 'GRAFANA_TIMESTAMP_HEADER' && name !== 'SMN_ENDPOINT').join(' or ')}`;
  return home === 'own' ? 'only the AWS home takes it' : `set one of ${CLOUDWATCH.join(', ')}`;
}
