import { startAlarms } from '../../lib/alerts/alarms.ts';
import type { Alert } from '../../lib/alerts/alert.ts';
import { readAlarms } from '../../lib/alerts/cloudwatch.ts';
import type { AlertParts } from '../../lib/alerts/start-alerts.ts';
import { countUnusable } from '../../lib/log/metrics.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { type BadEndParts, takeStatusChange } from '../../lib/start/bad-end.ts';
import { unwrapEvent } from './unwrap-event.ts';

type EventParts = AlertParts & BadEndParts & { settings: Pick<Settings, 'killFunction' | 'warnFunction'> };
type Work = (parts: EventParts) => Promise<void>;

/**
 * Takes an event of AWS to whom it concerns, each record of it for itself; the alarms in it are one delivery. That an execution came
 * to a bad end is believed where EventBridge itself says it of a function of ours, and in no message. What nobody can use is logged with
 * what it was and where it came from, counted and passed over, since no repeat would help. Throws what keeps any of it from being
 * done now, after all the others were: AWS sends the event again, and names keep what was started from starting twice.
 */
export async function handleEvent(load: () => EventParts, log: EventParts['log'], event: unknown): Promise<void> {
  const works: Work[] = [];
  const alerts: Alert[] = [];
  for (const { event: one, carrier, what, from } of unwrapEvent(event)) {
    // Whoever may write to a topic or a queue could put one there: it must not close a run that goes on.
    const isWrapped = one !== event;
    const change = isWrapped ? undefined : takeStatusChange(one, () => durableFunctionsOf(load()));
    const alarms = change ? undefined : readAlarms(one);
    if (change) works.push(change);
    if (alarms) alerts.push(...alarms);
    if (change || alarms) continue;
    log.warn('an unknown event was passed over', { event: what, from });
    countUnusable(log, carrier);
  }
  if (alerts.length > 0) works.push((parts) => startAlarms(alerts, parts));
  if (works.length === 0) return;
  const parts = load();
  const failed = (await Promise.allSettled(works.map((work) => work(parts)))).flatMap((done) => (done.status === 'rejected' ? [done.reason as unknown] : []));
  for (const error of failed.slice(1)) log.error('part of an event could not be handled now; the event has to come again', { error });
  if (failed.length > 0) throw failed[0];
}

function durableFunctionsOf({ settings: { killFunction, warnFunction } }: EventParts): string[] {
  return [killFunction, warnFunction].filter((name) => name !== undefined);
}
