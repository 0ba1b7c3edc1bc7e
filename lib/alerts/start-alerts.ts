import { type End, refusedEnd, type Rule } from '../core/end.ts';
import type { Policy } from '../policy/policy.ts';
import type { KillRequest } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import { recordEnd } from '../kill/close.ts';
import type { Log } from '../log/log.ts';
import { countStarts, type StartOutcome } from '../log/metrics.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { startAll, type Starter, type Wish } from '../start/start-all.ts';
import type { Alert } from './alert.ts';
import { findPickTarget, findRule, findTarget } from './match.ts';

/** What judging alerts and starting kills for them needs. */
export type AlertParts = { policy: Policy; clusters: readonly Cluster[]; starter: Starter; log: Log };

/** One entry of the answer, in the order of the alerts. */
export type AlertResult = {
  alert: string;
  outcome: StartOutcome;
  kill_id?: string;
  rule?: Rule;
  reason?: string;
  target?: { cluster?: string; job?: string };
};

/** What an alert leads to before anything is started: an answer at once, or a wish to kill. `end`: the request ended at this door. */
type Judged = { result: AlertResult; end?: End; wish?: Wish };

/**
 * Judges each alert by the rules and starts what is to be started, whatever brought the alerts. One result for each, in their
 * order; `failed` where a start failed, so that a repeat of the delivery starts only those.
 */
export async function startAlerts(parts: AlertParts, source: string, alerts: readonly Alert[], receivedAt: number): Promise<AlertResult[]> {
  const { starter, log } = parts;
  const judged = alerts.map((alert) => judge(parts, source, alert, receivedAt));
  countStarts(log, 'alerts', judged.flatMap(({ result, wish }) => (wish ? [] : [result])));
  for (const [index, { result, end }] of judged.entries()) {
    const alert = alerts[index];
    if (end === undefined || alert === undefined) continue;
    recordEnd({ ...starter, log }, { ...requestedBy(starter.createId(), source, alert, receivedAt), target: result.target }, end);
  }
  const started = await startAll(starter, judged.flatMap(({ wish }) => wish ?? []));
  let next = 0;
  return judged.map(({ result, wish }): AlertResult => {
    const start = wish && started[next++];
    if (start === undefined || start.outcome === 'accepted') return result;
    if (start.outcome === 'failed') return { ...result, outcome: 'failed', reason: start.reason };
    if (start.outcome === 'refused' && wish !== undefined) recordEnd({ ...starter, log }, wish.request, refusedEnd(start.rule, start.reason));
    const { kill_id: _notStarted, ...rest } = result;
    return { ...rest, ...start };
  });
}

function judge({ policy, clusters, starter }: AlertParts, source: string, alert: Alert, receivedAt: number): Judged {
  const { id } = alert;
  const refused = (rule: Rule, why: string): Judged & { end: End } => {
    const end = refusedEnd(rule, why);
    return { result: { alert: id, outcome: 'refused', rule, reason: end.reason }, end };
  };
  if (alert.status === 'resolved') return { result: { alert: id, outcome: 'ignored', reason: 'resolved' } };
  const rule = findRule(policy.alerts, source, alert);
  if (rule === undefined) return refused('alerts', 'no rule fits; add one under alerts: in policy.yml');
  const target = rule.pick ? findPickTarget(alert, rule, rule.pick) : findTarget(alert, rule);
  if (target === undefined) {
    const missing = rule.pick ? 'no cluster to pick in; give the rule a cluster:' : 'no job; give it a label such as application_id or job_name';
    return refused('target', `the alert names ${missing}`);
  }
  const shown = {
    ...('job' in target && { job: shorten(jobRefText(target.job), 200) }),
    ...(target.cluster !== undefined && { cluster: shorten(target.cluster, 200) }),
  };
  if (target.cluster !== undefined && findCluster(clusters, target.cluster) === undefined) {
    const { result, end } = refused('clusters', `${shorten(target.cluster, 200)} is not listed; add it under clusters: in policy.yml`);
    return { result: { ...result, target: shown }, end };
  }
  const asked: Omit<KillRequest, 'target'> = {
    ...requestedBy(starter.createId(), source, alert, receivedAt),
    action: rule.action,
    dryRun: rule.dryRun ?? false,
    policyRule: `alerts.${policy.alerts.indexOf(rule)}`,
  };
  const deliveryKey = `${source} ${alert.deliveryKey}`;
  const outcome = rule.action === 'notify' ? 'notified' : 'accepted';
  // One of the two: which one a rule leads to is its `pick`.
  const request = 'job' in target ? { ...asked, target } : { ...asked, target };
  return { result: { alert: id, outcome, kill_id: asked.killId, target: shown }, wish: { request, deliveryKey } };
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

/** What people know an alert by: each sender has its own label for it. */
function nameOf({ id, labels }: Alert): string {
  return labels['alertname'] ?? labels['alarm_name'] ?? labels['title'] ?? id;
}

/** These travel on in the start payload, the record and the messages, all of which have limits of their own. */
function shorten(text: string, mostLetters: number): string {
  const letters = Array.from(text);
  return letters.length > mostLetters ? `${letters.slice(0, mostLetters).join('')}…` : text;
}
