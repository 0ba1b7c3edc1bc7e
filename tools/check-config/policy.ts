import { PolicyUnreadable } from '../../lib/policy/load-policy.ts';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { bad, type Finding, ok } from '../findings.ts';

/** Reads and checks the policy file of POLICY_FILE; `file`: its name. `policy` is undefined where it cannot be used. */
export function checkPolicy(env: Record<string, string | undefined>, hasBotToken: boolean, file: string): { policy?: Policy; findings: Finding[] } {
  try {
    const policy = readPolicyFile({ ...env, SLACK_BOT_TOKEN: hasBotToken ? 'given' : undefined }, SOURCE_NAMES);
    const { clusters, alerts, cleanup } = policy;
    const counts = [count(Object.keys(clusters), 'cluster'), count(alerts, 'alert rule'), count(cleanup, 'cleanup rule')];
    return { policy, findings: [ok(file, `${counts.join(', ')}; ${dryRunText(policy)}`)] };
  } catch (error) {
    if (error instanceof PolicyUnreadable) return { findings: [bad('POLICY_FILE', error.message.replace(/^POLICY_FILE: /, ''))] };
    if (!(error instanceof PolicyInvalid)) throw error;
    return { findings: error.problems.map(({ line, column, key, message }) => bad(`${file}:${line}:${column}`, `${key}: ${message}`)) };
  }
}

function count({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}

function dryRunText({ dryRun }: Policy): string {
  if (typeof dryRun === 'boolean') return dryRun ? 'dry run for every trigger' : 'kills for real, whatever the trigger';
  return `dry run for ${dryRun.join(', ')}, the other triggers kill for real`;
}
