import { type End, refusedEnd, type Rule } from '../core/end.ts';
import { ASK_AGAIN_MS, type Closed, type KillRequest } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import type { StartOutcome } from '../log/metrics.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { findAlertRule } from '../core/match-alert.ts';
import { type AlertRule, type Policy, ruleContent, ruleIdOf } from '../policy/policy.ts';
import { nameOccurrence } from '../start/names.ts';
import type { Wish } from '../start/start-all.ts';
import type { Alert } from './alert.ts';
import { factsOf, nameOf, shorten } from './alert-facts.ts';
import { findPickTarget, findTarget, mayHaveTaken, seenAlert } from './match.ts';

/** One entry of the answer, in the order of the alerts. `rule` refused or ignored it, `policy_rule` is the rule of the policy that took it. */
export type AlertResult = {
  alert: string;
  outcome: StartOutcome;
  kill_id?: string;
  rule?: Rule;
  policy_rule?: string;
  reason?: string;
  target?: { cluster?: string; job?: string };
};

/**
 * What an alert leads to before anything is started: an answer at once, or a wish to kill. `ended`: the request ended at this
 * door; `why` in words, without the rule's name. `resolved`: the occurrence of which the kills that wait have to hear.
 */
export type Judged = { result: AlertResult; ended?: { request: Closed; end: End; why: string }; wish?: Wish; resolved?: string };

/** `wallAt`: now (epoch ms), by the wall clock. */
export type Judge = { policy: Policy; clusters: readonly Cluster[]; createId: () => string; wallAt: number };

/** What makes a delivery of an alert unique among those of all sources. */
export function keyOf(source: string, { deliveryKey }: Alert): string {
  return `${source} ${deliveryKey}`;
}

/** Judges one alert: can it be read, is it a test, is it resolved, does a rule take it, is there data, which job and cluster does it mean. */
export function judgeAlert({ policy, clusters, createId, wallAt }: Judge, source: string, alert: Alert, receivedAt: number): Judged {
  const { id, status, occurrence } = alert;
  const known = requestedBy(createId(), source, alert, receivedAt);
  const ended = (outcome: 'refused' | 'ignored', rule: Rule, why: string, more: Partial<Closed> = {}): Judged => {
    const end: End = outcome === 'refused' ? refusedEnd(rule, why) : { outcome, rule, reason: why };
    const { policyRule } = more;
    const reason = rule === 'unreadable' ? why : end.reason; // that one begins with the field
    return { result: { alert: id, outcome, rule, ...(policyRule !== undefined && { policy_rule: policyRule }), reason }, ended: { request: { ...known, ...more }, end, why } };
  };

  if (alert.unreadable !== undefined) return ended('refused', 'unreadable', alert.unreadable);
  if (status === 'test') return ended('ignored', 'test', 'test received');
  if (status === 'resolved') {
    const isMissed = occurrence !== undefined && mayHaveTaken(policy.alerts, source, alert);
    return { result: { alert: id, outcome: 'ignored', reason: 'resolved' }, ...(isMissed && { resolved: nameOccurrence(source, occurrence) }) };
  }
  const rule = findAlertRule(policy.alerts, { source, ...alert });
  if (rule === undefined) return ended('refused', 'alerts', 'no rule fits; add one under alerts: in policy.yml');
  const taken = { policyRule: rule.name ?? `alerts.${policy.alerts.indexOf(rule)}`, rule: idOf(rule) };
  if (status === 'no-data' && rule.noData !== true) return ended('ignored', 'no-data', 'no data', taken);

  // What began after the first news of it is not what it speaks of, whatever its sender's clock says.
  const submittedBefore = Math.min(alert.startsAt ?? receivedAt, receivedAt, wallAt);
  const target = rule.pick ? findPickTarget(alert, rule, rule.pick, submittedBefore) : findTarget(alert, rule, submittedBefore);
  if (target === undefined) {
    const missing = rule.pick ? 'no cluster to pick in; give the rule a cluster:' : 'no job; give it a label such as application_id or job_name';
    return ended('refused', 'target', `the alert names ${missing}`, taken);
  }
  const shown = {
    ...('job' in target && { job: shorten(jobRefText(target.job), 200) }),
    ...(target.cluster !== undefined && { cluster: shorten(target.cluster, 200) }),
  };
  if (target.cluster !== undefined && findCluster(clusters, target.cluster) === undefined) {
    const { result, ...rest } = ended('refused', 'clusters', `${shorten(target.cluster, 200)} is not listed; add it under clusters: in policy.yml`, { ...taken, target });
    return { result: { ...result, target: shown }, ...rest };
  }
  const asked: Omit<KillRequest, 'target'> = {
    ...known,
    action: rule.action,
    dryRun: rule.dryRun ?? false,
    ...taken,
    alert: factsOf(alert),
    ...(rule.warnMs !== undefined && { warns: true, alertSeen: seenAlert(policy.alerts, source, alert) }),
    ...(occurrence !== undefined && { occurrence: nameOccurrence(source, occurrence) }),
  };
  const outcome = rule.action === 'notify' ? 'notified' : 'accepted';
  // One of the two: which one a rule leads to is its `pick`.
  const request = 'job' in target ? { ...asked, target } : { ...asked, target: { ...target, content: ruleContent(rule) } };
  return { result: { alert: id, outcome, kill_id: asked.killId, policy_rule: taken.policyRule, target: shown }, wish: { request, deliveryKey: keyOf(source, alert) } };
}

function idOf(rule: AlertRule): KillRequest['rule'] {
  return { ...ruleIdOf(rule), askAgainMs: rule.askAgainMs ?? ASK_AGAIN_MS };
}

/** Who asks and why, in the words of the alert. */
function requestedBy(killId: string, source: string, alert: Alert, receivedAt: number): Pick<KillRequest, 'killId' | 'trigger' | 'requestedBy' | 'reason' | 'receivedAt'> {
  return {
    killId,
    trigger: 'alerts',
    requestedBy: shorten(`${source} alert ${nameOf(alert)}`, 200),
    reason: shorten(alert.annotations['summary'] ?? alert.annotations['description'] ?? '', 1_000),
    receivedAt,
  };
}
