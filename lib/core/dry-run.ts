import type { DecisionRules } from './decide.ts';
import type { KillRequest } from './request.ts';

/** Whether the kill is only played: the stricter of the request's own wish and the policy. */
export function isDryRun({ dryRun }: Pick<DecisionRules, 'dryRun'>, request: Pick<KillRequest, 'dryRun' | 'trigger'>): boolean {
  return request.dryRun || (typeof dryRun === 'boolean' ? dryRun : dryRun.includes(request.trigger));
}

/** Why a kill is only played, and what to change; undefined where it is not. */
export function dryRunReason(policy: Pick<DecisionRules, 'dryRun'>, request: Pick<KillRequest, 'dryRun' | 'trigger' | 'policyRule'>): string | undefined {
  if (!isDryRun(policy, request)) return undefined;
  if (!request.dryRun) return `dryRun in policy.yml covers ${request.trigger}, so this was a dry run; set it to false to kill`;
  return request.policyRule === undefined ? 'the request asked for a dry run' : `rule ${request.policyRule}, or this run of it, asked for a dry run`;
}
