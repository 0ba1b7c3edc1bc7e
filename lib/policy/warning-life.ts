import type { Policy } from './policy.ts';

const DAY_SEC = 86_400;

/**
 * How long an execution of functions/warn may live under this policy, in seconds: the longest `warn`, the longest that a job may be kept
 * in all, and a day for what goes wrong on the way. Lambda takes up to a year.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html
 */
export function warningLifeSec({ alerts, cleanup }: Pick<Policy, 'alerts' | 'cleanup'>): number {
  const rules = [...alerts, ...cleanup];
  const warnMs = Math.max(0, ...rules.map((rule) => rule.warnMs ?? 0));
  const keptMs = Math.max(0, ...rules.map((rule) => rule.keepAtMostMs ?? rule.keepMs ?? 0));
  return Math.ceil((warnMs + keptMs) / 1_000) + DAY_SEC;
}
