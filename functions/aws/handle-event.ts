import { startAlarms } from '../../lib/alerts/alarms.ts';
import { type AlarmReading, readAlarms } from '../../lib/alerts/cloudwatch.ts';
import type { AlertParts } from '../../lib/alerts/start-alerts.ts';
import { countUnusable } from '../../lib/log/metrics.ts';
import { type BadEndParts, takeStatusChange } from '../../lib/start/bad-end.ts';
import { unwrapEvent } from './unwrap-event.ts';

type EventParts = AlertParts & BadEndParts;
type Work = (parts: EventParts) => Promise<void>;

/**
 * Takes an event of AWS to whom it concerns, each record of it for itself; the alarms in it are one delivery. What nobody can use is
 * logged with what it was and where it came from, counted and passed over, since no repeat would help. Throws what keeps any of it
 * from being done now, after all the others were: AWS sends the event again, and names keep what was started from starting twice.
 */
export async function handleEvent(load: () => EventParts, log: EventParts['log'], event: unknown): Promise<void> {
  const works: Work[] = [];
  const alerts: AlarmReading['alerts'] = [];
  for (const { event: one, carrier, what, from } of unwrapEvent(event)) {
    const change = takeStatusChange(one);
    const { alerts: read, problems } = (change ? undefined : readAlarms(one)) ?? { alerts: [], problems: [] };
    if (change) works.push(change);
    alerts.push(...read);
    for (const problem of problems) log.error('an alarm that cannot be read was passed over', { source: 'cloudwatch', problem, event: what, from });
    const isUnknown = !change && read.length === 0 && problems.length === 0;
    if (isUnknown) log.warn('an event that nobody knows was passed over', { event: what, from });
    if (isUnknown || problems.length > 0) countUnusable(log, carrier);
  }
  if (alerts.length > 0) works.push((parts) => startAlarms(alerts, parts));
  if (works.length === 0) return;
  const parts = load();
  const failed = (await Promise.allSettled(works.map((work) => work(parts)))).flatMap((done) => (done.status === 'rejected' ? [done.reason as unknown] : []));
  for (const error of failed.slice(1)) log.error('part of an event could not be done now; the event is wanted again', { error });
  if (failed.length > 0) throw failed[0];
}
