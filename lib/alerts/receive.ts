import { randomUUID } from 'node:crypto';
import { InvalidRequest, TooLarge } from '../core/errors.ts';
import type { KillRequest } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import { openExecutions } from '../executions/open.ts';
import { startAll, type Starter, type Wish } from '../kill/start-all.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import { findCluster } from '../mrs/cluster.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import type { Alert } from './alert.ts';
import { findRule } from './find-rule.ts';
import { findTarget } from './find-target.ts';
import type { AlertSource } from './source.ts';
import { findSource } from './sources.ts';

const MOST_BYTES = 1024 * 1024;

/** One entry of the answer, in the order of the alerts. */
type Result = {
  alert: string;
  outcome: string;
  kill_id?: string;
  rule?: string;
  reason?: string;
  target?: { cluster?: string; job?: string };
};

/** What an alert leads to before anything is started: an answer at once, or a wish to kill. */
type Judged = { result: Result; wish?: Wish };

/**
 * POST /alerts/{source}: verify the bytes, read the alerts, judge each by the rules, start what is to be started. 202 says that
 * it was understood, whatever was decided; 503 that some start failed, so that the sender's repeat starts only those.
 */
export function createAlertRoute(load: () => Killswitch, log: Log): (request: HttpRequest) => Promise<HttpReply> {
  let starter: Starter | undefined;
  return async (request) => {
    const sourceName = /^\/alerts\/([^/]+)$/.exec(request.path)?.[1] ?? '';
    const source = findSource(sourceName);
    if (source === undefined) return errorReply(404, 'no such alert source');
    const parts = load();
    starter ??= { ...parts, ...openExecutions(parts.settings), log, createId: randomUUID };
    return receiveDelivery({ ...parts, starter }, request, sourceName, source);
  };
}

type Parts = Killswitch & { starter: Starter };

async function receiveDelivery(parts: Parts, request: HttpRequest, sourceName: string, source: AlertSource): Promise<HttpReply> {
  const { rawBody, headers, receivedAt } = request;
  if (rawBody.length > MOST_BYTES) throw new TooLarge('the body is larger than 1 MiB');
  source.verify({ rawBody, headers, receivedAt }, parts.settings);
  const alerts = source.parse(parseJson(rawBody), { rawBody, headers, receivedAt });

  const judged = alerts.map((alert) => judge(parts, sourceName, alert, receivedAt));
  const started = await startAll(parts.starter, judged.flatMap(({ wish }) => wish ?? []));
  let next = 0;
  const results = judged.map(({ result, wish }): Result => {
    const start = wish && started[next++];
    if (start === undefined) return result;
    if (start.outcome === 'failed') return { ...result, outcome: 'failed', reason: start.reason };
    if (start.outcome === 'accepted') return result;
    const { kill_id: _notStarted, ...rest } = result;
    return { ...rest, ...start };
  });
  request.log.info('alerts received', { source: sourceName, results });
  if (!results.some(({ outcome }) => outcome === 'failed')) return { status: 202, body: { results } };
  const reply = errorReply(503, 'some kills could not be started; send the delivery again, and only those will be');
  return { ...reply, body: { results, ...reply.body } };
}

function judge({ policy, clusters, starter }: Parts, source: string, alert: Alert, receivedAt: number): Judged {
  const { id } = alert;
  const refused = (rule: string, reason: string): Judged => ({ result: { alert: id, outcome: 'refused', rule, reason: `${rule}: ${reason}` } });
  if (alert.status === 'resolved') return { result: { alert: id, outcome: 'ignored', reason: 'resolved' } };
  const rule = findRule(policy.alerts, source, alert);
  if (rule === undefined) return refused('alerts', 'no rule fits; add one under alerts: in policy.yml');
  if (rule.pick) return refused('alerts', 'pick is not available in this version');
  const target = findTarget(alert, rule);
  if (target === undefined) return refused('target', 'the alert names no job; give it a label such as application_id or job_name');
  const shown = { job: jobRefText(target.job), ...(target.cluster === undefined ? {} : { cluster: target.cluster }) };
  if (target.cluster !== undefined && findCluster(clusters, target.cluster) === undefined) {
    const { result } = refused('clusters', `${target.cluster} is not listed; add it under clusters: in policy.yml`);
    return { result: { ...result, target: shown } };
  }
  const kill: KillRequest = {
    killId: starter.createId(),
    trigger: 'alerts',
    target,
    requestedBy: shorten(`${source} alert ${alert.labels['alertname'] ?? id}`, 200),
    reason: shorten(alert.annotations['summary'] ?? alert.annotations['description'] ?? '', 1_000),
    action: rule.action,
    dryRun: rule.dryRun ?? false,
    receivedAt,
  };
  const deliveryKey = `${source} ${alert.deliveryKey}`;
  const outcome = kill.action === 'notify' ? 'notified' : 'accepted';
  return { result: { alert: id, outcome, kill_id: kill.killId, target: shown }, wish: { request: kill, deliveryKey } };
}

/** These travel on in the start payload, the record and the messages, all of which have limits of their own. */
function shorten(text: string, mostLetters: number): string {
  const letters = Array.from(text);
  return letters.length > mostLetters ? `${letters.slice(0, mostLetters).join('')}…` : text;
}

function parseJson(rawBody: Buffer): unknown {
  try {
    // Not toString: bytes that are no UTF-8 would all become the same letter, and two ids one.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    throw new InvalidRequest('body: expected JSON');
  }
}
