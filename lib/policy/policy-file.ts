import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PolicyUnreadable } from './load-policy.ts';
import { parsePolicy } from './parse.ts';
import type { Policy } from './policy.ts';

type Env = Record<string, string | undefined>;

/**
 * Reads the policy file that POLICY_FILE names (default: policy.yml in the current folder) and checks it as a whole; `sources` are the
 * alert sources that there are. Throws PolicyInvalid with line and key of each error, and PolicyUnreadable.
 */
export function readPolicyFile(env: Env, sources: readonly string[]): Policy {
  const file = env['POLICY_FILE'] || 'policy.yml';
  return parsePolicy(readText(file), { hasBotToken: Boolean(env['SLACK_BOT_TOKEN']), file: basename(file), sources });
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code);
    throw new PolicyUnreadable(`POLICY_FILE: ${file} ${WHY[code] ?? `cannot be read (${code})`}: name the policy, or take the setting away for policy.yml`, { cause });
  }
}

const WHY: Record<string, string> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
};
