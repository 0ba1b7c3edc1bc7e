import { HomeVariables } from '../../home/settings/home-variables.ts';
import { nearestWord } from '../../lib/core/near-names.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { type Finding, warning } from '../findings.ts';

type Env = Record<string, string | undefined>;

/** Both homes' settings, whichever is looked at: who has set one of the other home has not mistyped it. */
const NAMES = [...new Set([...Object.keys(Variables.shape), ...Object.keys(HomeVariables.shape), 'POLICY_FILE'])];
/** Shorter ones are near to too much that is none of ours. */
const LEAST_LENGTH = 8;

/** Warns of variables that are no setting, and nearly are one that is not set: `SLACK_SIGNIN_SECRET`. */
export function checkNames(env: Env): Finding[] {
  const unset = NAMES.filter((name) => !env[name] && name.length >= LEAST_LENGTH);
  return Object.keys(env).flatMap((name) => {
    if (name.length < LEAST_LENGTH || NAMES.includes(name) || !env[name]) return [];
    const near = nearestWord(name, unset) ?? unset.find((one) => one.startsWith(`${name}_`) || name.startsWith(`${one}_`));
    return near === undefined ? [] : [warning(name, `is no setting, and nothing reads it; did you mean ${near}?`)];
  });
}

/** Whether any setting is given, but for those that say where things are. */
export function hasSettings(env: Env): boolean {
  return NAMES.some((name) => env[name] && !['POLICY_FILE', 'LOG_LEVEL', 'HOST', 'PORT', 'STORE_FILE', 'PAUSED'].includes(name));
}
