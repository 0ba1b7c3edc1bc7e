import { refusedEnd } from '../core/end.ts';
import { createLimit } from '../http/limit.ts';
import { tryThrice } from '../kill/moves.ts';
import { type Resolved, resolvedKey, RUN_KEPT_MS } from '../ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { countStarts } from '../log/metrics.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { closeAtDoor } from '../start/close-at-door.ts';
import { startAll, type Starter } from '../start/start-all.ts';
import type { Alert } from './alert.ts';
import { type AlertResult, type Judged, judgeAlert, keyOf } from './judge-alert.ts';
import { type Refused, tellRefused } from './tell-refused.ts';

/** What judging alerts and starting kills for them needs. */
export type AlertParts = { policy: Policy; clusters: readonly Cluster[]; starter: Starter; log: Log };

/** The sender waits for the answer, however many alerts of a delivery are refused. */
const CLOSE_ALL_FOR_MS = 5_000;
const CLOSED_AT_ONCE = 10;
const RESOLVED_FOR_MS = 5_000;
/** As many as the ledger writes in one call. */
const WRITTEN_AT_ONCE = 25;

/**
 * Judges each alert by the rules and starts what is to be started, whatever brought the alerts. One result for each, in their
 * order; `failed` where a start failed, or where it could not be written that an alert is resolved, so that a repeat of the
 * delivery does only that.
 */
export async function startAlerts(parts: AlertParts, source: string, alerts: readonly Alert[], receivedAt: number): Promise<AlertResult[]> {
  const { policy, clusters, starter, log } = parts;
  const judged = await keepResolved(parts, alerts.map((alert) => judgeAlert({ policy, clusters, createId: starter.createId }, source, alert, receivedAt)));
  countStarts(log, 'alerts', judged.flatMap(({ result, wish }) => (wish ? [] : [result])));
  const started = await startAll(starter, judged.flatMap(({ wish }) => wish ?? []));
  const limit = createLimit(CLOSED_AT_ONCE);
  const closeBy = starter.clock.now() + CLOSE_ALL_FOR_MS;
  const refusedNow: Refused[] = [];
  let next = 0;
  const results = await Promise.all(
    alerts.map(async (alert, index): Promise<AlertResult> => {
      const { result, ended, wish } = judged[index] as Judged;
      const start = wish && started[next++];
      const closed = wish && start?.outcome === 'refused' ? { request: wish.request, end: refusedEnd(start.rule, start.reason) } : ended;
      const isNew = closed !== undefined && (await limit(() => closeAtDoor({ ...starter, log, closeBy }, closed.request, keyOf(source, alert), closed.end)));
      if (isNew && ended) refusedNow.push(ended); // of a limit its own door tells
      if (start === undefined || start.outcome === 'accepted') return result;
      if (start.outcome === 'failed') return { ...result, outcome: 'failed', reason: start.reason };
      const { kill_id: _notStarted, ...rest } = result;
      const { killId, ...why } = { killId: undefined, ...start };
      return { ...rest, ...why, ...(killId !== undefined && { kill_id: killId }) };
    }),
  );
  await tellRefused({ ...starter, log }, source, refusedNow);
  return results;
}

/** A kill that waits for its moment asks the ledger whether its alert is resolved. What cannot be written is `failed`: the sender has to say it again. */
async function keepResolved({ starter: { ledger, clock }, log }: AlertParts, judged: Judged[]): Promise<Judged[]> {
  const now = clock.now();
  const value: Resolved = { at: now };
  const occurrences = new Set(judged.flatMap(({ resolved }) => resolved ?? []));
  const entries = [...occurrences].map((occurrence): PutEntry => ({ key: resolvedKey(occurrence), value, until: now + RUN_KEPT_MS }));
  const deadline = now + RESOLVED_FOR_MS;
  const calls = Array.from({ length: Math.ceil(entries.length / WRITTEN_AT_ONCE) }, (_, call) => entries.slice(call * WRITTEN_AT_ONCE, (call + 1) * WRITTEN_AT_ONCE));
  try {
    await Promise.all(calls.map((some) => tryThrice(clock, deadline, () => ledger.put(some, { deadline }))));
    return judged;
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('it could not be written that alerts are resolved; the delivery is wanted again', { error, alerts: occurrences.size });
    return judged.map((one) => (one.resolved === undefined ? one : { result: { ...one.result, outcome: 'failed', reason: 'it could not be written that it is resolved' } }));
  }
}
