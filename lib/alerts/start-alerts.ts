import { type End, refusedEnd, type Rule } from '../core/end.ts';
import { type Policy, ruleContent } from '../policy/policy.ts';
import { ASK_AGAIN_MS, type Closed, type KillRequest } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import { createLimit } from '../http/limit.ts';
import type { Log } from '../log/log.ts';
import { countStarts, type StartOutcome } from '../log/metrics.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { closeAtDoor } from '../start/close-at-door.ts';
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

/** What an alert leads to before anything is started: an answer at once, or a wish to kill. `ended`: the request ended at this door. */
type Judged = { result: AlertResult; ended?: { request: Closed; end: End }; wish?: Wish };

/** The sender waits for the answer, however many alerts of a delivery are refused. */
const CLOSE_ALL_FOR_MS = 5_000;
const CLOSED_AT_ONCE = 10;

/**
 * Judges each alert by the rules and starts what is to be started, whatever brought the alerts. One result for each, in their
 * order; `failed` where a start failed, so that a repeat of the delivery starts only those.
 */
export async function startAlerts(parts: AlertParts, source: string, alerts: readonly Alert[], receivedAt: number): Promise<AlertResult[]> {
  const { starter, log } = parts;
  const judged = alerts.map((alert) => judge(parts, source, alert, receivedAt));
  countStarts(log, 'alerts', judged.flatMap(({ result, wish }) => (wish ? [] : [result])));
  const started = await startAll(starter, judged.flatMap(({ wish }) => wish ?? []));
  const limit = createLimit(CLOSED_AT_ONCE);
  const closeBy = starter.clock.now() + CLOSE_ALL_FOR_MS;
  let next = 0;
  return Promise.all(
    judged.map(async ({ result, ended, wish }, index): Promise<AlertResult> => {
      const start = wish && started[next++];
      const refused = wish && start?.outcome === 'refused' ? { request: wish.request, end: refusedEnd(start.rule, start.reason) } : ended;
      if (refused) await limit(() => closeAtDoor({ ...starter, log, closeBy }, refused.request, keyOf(source, alerts[index]), refused.end));
      if (start === undefined || start.outcome === 'accepted') return result;
      if (start.outcome === 'failed') return { ...result, outcome: 'failed', reason: start.reason };
      const { kill_id: _notStarted, ...rest } = result;
      const { killId, ...why } = { killId: undefined, ...start };
      return { ...rest, ...why, ...(killId !== undefined && { kill_id: killId }) };
    }),
  );
}

function keyOf(source: string, alert: Alert | undefined): string {
  return `${source} ${alert?.deliveryKey ?? ''}`;
}

function judge({ policy, clusters, starter }: AlertParts, source: string, alert: Alert, receivedAt: number): Judged {
  const { id } = alert;
  const known = requestedBy(starter.createId(), source, alert, receivedAt);
  const refused = (rule: Rule, why: string, more: Partial<Closed> = {}): Judged => {
    const end = refusedEnd(rule, why);
    return { result: { alert: id, outcome: 'refused', rule, reason: end.reason }, ended: { request: { ...known, ...more }, end } };
  };
  if (alert.status === 'resolved') return { result: { alert: id, outcome: 'ignored', reason: 'resolved' } };
  const rule = findRule(policy.alerts, source, alert);
  if (rule === undefined) return refused('alerts', 'no rule fits; add one under alerts: in policy.yml');
  const policyRule = rule.name ?? `alerts.${policy.alerts.indexOf(rule)}`;
  const target = rule.pick ? findPickTarget(alert, rule, rule.pick) : findTarget(alert, rule);
  if (target === undefined) {
    const missing = rule.pick ? 'no cluster to pick in; give the rule a cluster:' : 'no job; give it a label such as application_id or job_name';
    return refused('target', `the alert names ${missing}`, { policyRule });
  }
  const shown = {
    ...('job' in target && { job: shorten(jobRefText(target.job), 200) }),
    ...(target.cluster !== undefined && { cluster: shorten(target.cluster, 200) }),
  };
  if (target.cluster !== undefined && findCluster(clusters, target.cluster) === undefined) {
    const { result, ...rest } = refused('clusters', `${shorten(target.cluster, 200)} is not listed; add it under clusters: in policy.yml`, { policyRule, target });
    return { result: { ...result, target: shown }, ...rest };
  }
  const asked: Omit<KillRequest, 'target'> = {
    ...known,
    action: rule.action,
    dryRun: rule.dryRun ?? false,
    policyRule,
    rule: { ...(rule.name === undefined ? { content: ruleContent(rule) } : { name: rule.name }), askAgainMs: rule.askAgainMs ?? ASK_AGAIN_MS },
  };
  const outcome = rule.action === 'notify' ? 'notified' : 'accepted';
  // One of the two: which one a rule leads to is its `pick`.
  const request = 'job' in target ? { ...asked, target } : { ...asked, target: { ...target, content: ruleContent(rule) } };
  return { result: { alert: id, outcome, kill_id: asked.killId, target: shown }, wish: { request, deliveryKey: keyOf(source, alert) } };
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
