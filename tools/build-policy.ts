import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SOURCE_NAMES } from '../lib/alerts/sources.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import type { Policy } from '../lib/policy/policy.ts';

type Env = Record<string, string | undefined>;

/**
 * Checks the policy file that POLICY_FILE names (default: policy.yml) and writes it as JSON to `target`, which is what the
 * functions read. Returns the policy. Throws PolicyInvalid with line and key of each error.
 */
export function buildPolicy(env: Env, target: string): Policy {
  const file = env['POLICY_FILE'] || 'policy.yml';
  const hasBotToken = Boolean(env['SLACK_BOT_TOKEN']);
  const policy = parsePolicy(readFileSync(file, 'utf8'), { hasBotToken, file: basename(file), sources: SOURCE_NAMES });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `${JSON.stringify(policy, undefined, 2)}\n`);
  return policy;
}
