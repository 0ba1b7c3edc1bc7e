import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { PolicyInvalid, parsePolicy } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { bad, type Finding, ok } from '../findings.ts';

/** Reads and checks a policy file. `policy` is undefined where it cannot be used. */
export function checkPolicy(path: string, hasBotToken: boolean): { policy?: Policy; findings: Finding[] } {
  const file = basename(path);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { findings: [bad(file, `cannot be read (${(error as { code?: string }).code ?? 'unknown'}); give it at ${path}, or set POLICY_FILE`)] };
  }
  try {
    const policy = parsePolicy(text, { hasBotToken, file, sources: SOURCE_NAMES });
    const { clusters, alerts, cleanup } = policy;
    const counts = [count(Object.keys(clusters), 'cluster'), count(alerts, 'alert rule'), count(cleanup, 'cleanup rule')];
    return { policy, findings: [ok(file, `${counts.join(', ')}; ${dryRunText(policy)}`)] };
  } catch (error) {
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
