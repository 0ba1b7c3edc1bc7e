import { refusedEnd } from '../core/end.ts';
import type { Log } from '../log/log.ts';
import { countStarts } from '../log/metrics.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { startAll, type Starter } from '../start/start-all.ts';
import type { Alert } from './alert.ts';
import type { Ended } from './close-ended.ts';
import { type AlertResult, judgeAlert, keyOf } from './judge-alert.ts';

/** What judging alerts and starting kills for them needs. */
export type AlertParts = { policy: Policy; clusters: readonly Cluster[]; starter: Starter; log: Log };

/**
 * Judges each alert by the rules and starts what is to be started, whatever brought the alerts. One result for each, in their
 * order; `failed` where a start failed, or where it could not be written that an alert is resolved, so that a repeat of the
 * delivery does only that.
 */
export async function startAlerts(parts: AlertParts, source: string, alerts: readonly Alert[], receivedAt: number): Promise<AlertResult[]> {
  const { policy, clusters, starter, log } = parts;
  const read = alerts.map((alert) => judgeAlert({ policy, clusters, createId: starter.createId, wallAt: starter.clock.wall() }, source, alert, receivedAt));
  const judged = read.some(({ resolved }) => resolved !== undefined) ? await (await import('./keep-resolved.ts')).keepResolved(parts, read) : read;
  countStarts(log, 'alerts', judged.flatMap(({ result, wish }) => (wish ? [] : [result])));
  const started = await startAll(starter, judged.flatMap(({ wish }) => wish ?? []));
  const ends: Ended[] = [];
  let next = 0;
  const results = judged.map(({ result, ended, wish }, index): AlertResult => {
    const start = wish && started[next++];
    const deliveryKey = keyOf(source, alerts[index] as Alert);
    if (ended) ends.push({ ...ended, deliveryKey });
    if (start === undefined || start.outcome === 'accepted') return result;
    if (start.outcome === 'failed') return { ...result, outcome: 'failed', reason: start.reason };
    if (wish && start.outcome === 'refused') ends.push({ request: wish.request, end: refusedEnd(start.rule, start.reason), deliveryKey });
    const { kill_id: _notStarted, ...rest } = result;
    const { killId, ...why } = { killId: undefined, ...start };
    return { ...rest, ...why, ...(killId !== undefined && { kill_id: killId }) };
  });
  if (ends.length > 0) await (await import('./close-ended.ts')).closeEnded({ ...starter, log }, source, ends); // most deliveries have none
  return results;
}
