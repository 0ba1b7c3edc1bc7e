import { coversGlob } from '../../lib/core/covers.ts';
import { isDryRun } from '../../lib/core/dry-run.ts';
import type { CleanupRule, Policy } from '../../lib/policy/policy.ts';
import { type Finding, warning } from '../findings.ts';
import { placeOf } from './rules.ts';

/** Warns of what a policy does, or leaves out, that hardly anybody means: each can be meant, and nothing else says so. `file`: the policy's name. */
export function checkDangers(policy: Policy, file: string): Finding[] {
  return [...policy.cleanup.flatMap((rule, index) => killsTheYoung(policy, rule, `${file} ${placeOf('cleanup', index, rule.name)}`)), ...approvesAlone(policy, file), ...tellsNobody(policy, file)];
}

/** A rule that kills at once what has just begun. */
function killsTheYoung(policy: Policy, { cluster, match, action, warnMs, dryRun = false }: CleanupRule, about: string): Finding[] {
  const isHarmless = action !== 'kill' || warnMs !== undefined || isDryRun(policy, { trigger: 'cleanup', dryRun });
  if (isHarmless || match.olderThanMs !== undefined || match.pendingLongerThanMs !== undefined) return [];
  const { name, user, queue, type, state } = match;
  const isAll = [name, user, queue, type, state].every((glob) => glob === undefined || coversGlob(glob, '*'));
  return [warning(about, `kills ${isAll ? `every job of ${cluster}` : 'every job that fits'}, also one that has just begun; add olderThan or pendingLongerThan, unless that is meant`)];
}

/** Nobody approves their own request. */
function approvesAlone({ slack: { mayKill, mayApprove } }: Policy, file: string): Finding[] {
  const [only, ...others] = new Set(mayApprove);
  if (only === undefined || others.length > 0 || !mayKill.includes(only)) return [];
  return [warning(`${file} slack.mayApprove`, `names ${only} alone, who may kill too: what they ask for that an approver has to agree to, nobody can approve; add a second person`)];
}

/** People ask in Slack and REST, and are answered there; rules have nobody else to tell. */
function tellsNobody(policy: Policy, file: string): Finding[] {
  if (policy.slack.channel !== undefined) return [];
  const live = [...policy.alerts.map((rule) => ({ ...rule, trigger: 'alerts' as const })), ...policy.cleanup.map((rule) => ({ ...rule, trigger: 'cleanup' as const }))]
    .filter(({ action, trigger, dryRun = false }) => action === 'kill' && !isDryRun(policy, { trigger, dryRun }));
  if (live.length === 0) return [];
  return [warning(`${file} slack.channel`, `is left out, and ${live.length === 1 ? '1 rule kills' : `${live.length} rules kill`} for real: only the log and the ledger will tell of it`)];
}
