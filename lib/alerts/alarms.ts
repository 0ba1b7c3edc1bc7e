import { AppError } from '../core/errors.ts';
import { type AlarmReading, readAlarms } from './cloudwatch.ts';
import { type AlertParts, startAlerts } from './start-alerts.ts';

/** Some kills of an event could not be started: AWS sends the event again, and the repeat starts only those. */
export class AlarmsNotStarted extends AppError {
  readonly code = 'alarms_not_started';
  override readonly retryable = true;
}

/** What CloudWatch's alarms in an event ask for; undefined where there are none in it. */
export function takeAlarms(event: unknown): ((parts: AlertParts) => Promise<void>) | undefined {
  const reading = readAlarms(event);
  return reading && ((parts) => startAlarms(reading, parts));
}

/** Judges and starts the alarms as any other source's alerts. Throws AlarmsNotStarted. */
async function startAlarms({ alerts, problems }: AlarmReading, parts: AlertParts): Promise<void> {
  const { log, starter } = parts;
  // No repeat would make it readable.
  for (const problem of problems) log.error('an alarm that cannot be read was passed over', { source: 'cloudwatch', problem });
  if (alerts.length === 0) return;
  const results = await startAlerts(parts, 'cloudwatch', alerts, starter.clock.now());
  log.info('alerts received', { source: 'cloudwatch', results });
  if (results.some(({ outcome }) => outcome === 'failed')) throw new AlarmsNotStarted('some kills could not be started; the event is wanted again');
}
