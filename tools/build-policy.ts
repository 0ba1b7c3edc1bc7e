import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SOURCE_NAMES } from '../lib/alerts/sources.ts';
import { PolicyUnreadable } from '../lib/policy/load-policy.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import type { Policy } from '../lib/policy/policy.ts';

type Env = Record<string, string | undefined>;

/**
 * Checks the policy file that POLICY_FILE names (default: policy.yml) and writes it as JSON to `target`, which is what the
 * functions read. Returns the policy. Throws PolicyInvalid with line and key of each error, and PolicyUnreadable.
 */
export function buildPolicy(env: Env, target: string): Policy {
  const file = env['POLICY_FILE'] || 'policy.yml';
  const hasBotToken = Boolean(env['SLACK_BOT_TOKEN']);
  const policy = parsePolicy(readPolicyFile(file), { hasBotToken, file: basename(file), sources: SOURCE_NAMES });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `${JSON.stringify(policy, undefined, 2)}\n`);
  return policy;
}

function readPolicyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PolicyUnreadable(`POLICY_FILE: ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}): name the policy, or take the setting away for policy.yml`, { cause });
  }
}
