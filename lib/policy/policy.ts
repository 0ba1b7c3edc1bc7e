import type * as z from 'zod';
import type { RuleId } from '../core/request.ts';
import { sha256 } from '../core/sha256.ts';
import type { PolicySchema } from './schema.ts';

/** policy.yml after its check: what may be killed, by whom, when somebody has to be asked. */
export type Policy = z.output<typeof PolicySchema>;

export type Limits = Policy['limits'];
/** Who may do what in Slack, and where. */
export type SlackRights = Policy['slack'];
export type AlertRule = Policy['alerts'][number];
export type CleanupRule = Policy['cleanup'][number];

/** A rule as the ledger knows it. */
export function ruleIdOf(rule: AlertRule | CleanupRule): RuleId {
  return rule.name === undefined ? { content: ruleContent(rule) } : { name: rule.name };
}

const contents = new WeakMap<AlertRule | CleanupRule, string>();

/** A hash of a rule, whatever the order of its keys: two that say the same are one. Made once for each rule: a delivery asks for each alert. */
export function ruleContent(rule: AlertRule | CleanupRule): string {
  const known = contents.get(rule);
  if (known !== undefined) return known;
  const content = sha256(JSON.stringify(rule, sortKeys)).slice(0, 32);
  contents.set(rule, content);
  return content;
}

/** First 16 hex digits of the SHA-256 of the policy as canonical JSON: says in records which policy decided, whatever the order of its keys. */
export function policyHash(policy: Policy): string {
  return sha256(JSON.stringify(policy, sortKeys)).slice(0, 16);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
