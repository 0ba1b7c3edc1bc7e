import type { Job } from './job.ts';
import { type AlertMatch, findAlertRule } from './match-alert.ts';
import type { Action, KillRequest } from './request.ts';
import { matchesSelector, type Selector } from './selector.ts';

/** How a rule warns, as the policy has it. */
export type Terms = { warnMs?: number | undefined; keepMs?: number | undefined; keepAtMostMs?: number | undefined };

/** What a request of a warning is judged by: the rules as they are now. */
export type RulesNow = {
  alerts: readonly (AlertMatch & Terms & { action: Action; dryRun?: boolean | undefined })[];
  cleanup: readonly (Terms & { name: string; cluster: string; match: Selector; action: Action; dryRun?: boolean | undefined })[];
};

/** What the rule of a warned job says now. */
export type RuleNow = Terms & { action: Action; dryRun: boolean };

const DAY_MS = 86_400_000;

/**
 * The rule under which a job was warned, as the policy has it now: of cleanup the rule of that name, if it fits the job still; for an
 * alert the first one that takes it, if that one warns still. Undefined where it is gone, or changed so that it no longer fits, or
 * only tells people now.
 */
export function findWarnedRule(policy: RulesNow, { alertSeen, policyRule }: Pick<KillRequest, 'alertSeen' | 'policyRule'>, job: Job, now: Date): RuleNow | undefined {
  const rule = alertSeen === undefined ? findCleanupRule(policy, policyRule, job, now) : findAlertRule(policy.alerts, alertSeen);
  if (rule === undefined || rule.action === 'notify' || (alertSeen !== undefined && rule.warnMs === undefined)) return undefined;
  const { action, warnMs, keepMs, keepAtMostMs, dryRun = false } = rule;
  return { action, warnMs, keepMs, keepAtMostMs, dryRun };
}

/** Whether it is a rule that warns which wants the job gone, or tells of it: its rule is looked at anew each time. Who clicked Kill now wants it themselves. */
export function isRulesOwn({ warns, warning }: Pick<KillRequest, 'warns' | 'warning'>): boolean {
  return warns === true || (warning !== undefined && warning.killNow !== true);
}

function findCleanupRule({ cleanup }: RulesNow, name: string | undefined, job: Job, now: Date): RulesNow['cleanup'][number] | undefined {
  return cleanup.find((rule) => rule.name === name && rule.cluster === job.cluster && matchesSelector(rule.match, job, now));
}

/** How long one round of a warning may live, ms: the longest `warn`, the longest `keepAtMost`, and a day. */
export function warningLivesMs({ alerts, cleanup }: Pick<RulesNow, 'alerts' | 'cleanup'>): number {
  const rules: readonly Terms[] = [...alerts, ...cleanup];
  const longest = (lengthOf: (rule: Terms) => number | undefined): number => Math.max(0, ...rules.map((rule) => lengthOf(rule) ?? 0));
  return longest(({ warnMs }) => warnMs) + longest(({ keepMs, keepAtMostMs }) => keepAtMostMs ?? keepMs) + DAY_MS;
}

/**
 * How long a click on Keep keeps a job, ms: `keep`, and no more in all than `keepAtMost`, where the rule has that. Where nothing of it is
 * left only an approver may keep it further, for one more `keep`.
 */
export function keepLength({ keepMs = 0, keepAtMostMs = Infinity }: Pick<Terms, 'keepMs' | 'keepAtMostMs'>, usedMs: number): { lengthMs: number; isUsedUp: boolean } {
  const leftMs = keepAtMostMs - usedMs;
  return leftMs > 0 ? { lengthMs: Math.min(keepMs, leftMs), isUsedUp: false } : { lengthMs: keepMs, isUsedUp: true };
}
