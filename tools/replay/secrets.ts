import * as z from 'zod';
import { referenceIn } from '../../lib/settings/references.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { UsageError } from './options.ts';

export type Env = Record<string, string | undefined>;

const Own = Variables.pick({ ALERT_TOKENS: true, GRAFANA_HMAC_SECRET: true, GRAFANA_TIMESTAMP_HEADER: true, PAGERDUTY_SECRET: true, SLACK_SIGNING_SECRET: true });
type Own = z.infer<typeof Own>;

/** The first token for an alert source. Throws UsageError without any. */
export function alertToken(env: Env, source: string): string {
  const found = read(env, 'ALERT_TOKENS').find((entry) => entry.source === undefined || entry.source === source);
  if (found === undefined) throw new UsageError(`ALERT_TOKENS has no token for ${source}; set it as the server has it`);
  return found.token.reveal();
}

/** The first of the secrets; undefined where there is none. Throws UsageError for one that the server would not take either. */
export function firstSecret(env: Env, name: 'GRAFANA_HMAC_SECRET' | 'PAGERDUTY_SECRET' | 'SLACK_SIGNING_SECRET'): string | undefined {
  return read(env, name)[0]?.reveal();
}

/** In lower case. */
export function grafanaTimestampHeader(env: Env): string | undefined {
  return read(env, 'GRAFANA_TIMESTAMP_HEADER');
}

/** One variable alone: the others may be as they like. An empty one counts as unset. */
function read<Name extends keyof Own>(env: Env, name: Name): Own[Name] {
  const value = env[name] || undefined;
  if (referenceIn(value) !== undefined) throw new UsageError(`${name} is an ssm: reference; give the value itself to this command`);
  const read = Own.shape[name].safeParse(value);
  if (!read.success) throw new UsageError(read.error.issues.map(({ message }) => `${name}: ${message}`).join('; '));
  return read.data as Own[Name];
}
