import { warningLivesMs } from '../core/warned-rule.ts';
import type { Policy } from './policy.ts';

/**
 * How long an execution of functions/warn may live under this policy, in seconds. Lambda takes up to a year.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html
 */
export function warningLifeSec(policy: Pick<Policy, 'alerts' | 'cleanup'>): number {
  return Math.ceil(warningLivesMs(policy) / 1_000);
}
