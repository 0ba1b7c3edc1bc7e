import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SOURCE_NAMES } from '../lib/alerts/sources.ts';
import { readPolicyFile } from '../lib/policy/policy-file.ts';
import type { Policy } from '../lib/policy/policy.ts';

type Env = Record<string, string | undefined>;

/**
 * Checks the policy file that POLICY_FILE names (default: policy.yml) and writes it as JSON to `target`, which is what the
 * functions read. Returns the policy. Throws PolicyInvalid with line and key of each error, and PolicyUnreadable.
 */
export function buildPolicy(env: Env, target: string): Policy {
  const policy = readPolicyFile(env, SOURCE_NAMES);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `${JSON.stringify(policy, undefined, 2)}\n`);
  return policy;
}
