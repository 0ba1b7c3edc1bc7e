import { AppError } from '../core/errors.ts';
import type { Alert } from './alert.ts';
import { readAlarms } from './cloudwatch.ts';
import { type AlertParts, startAlerts } from './start-alerts.ts';

/** Some kills of an event could not be started: AWS sends the event again, and the repeat starts only those. */
export class AlarmsNotStarted extends AppError {
  readonly code = 'alarms_not_started';
  override readonly retryable = true;
}

/** What CloudWatch's alarms in an event ask for; undefined where there are none in it. */
export function takeAlarms(event: unknown): ((parts: AlertParts) => Promise<void>) | undefined {
  const alarms = readAlarms(event);
  return alarms && ((parts) => startAlarms(alarms, parts));
}

/** Judges and starts the alarms as any other source's alerts. Throws AlarmsNotStarted. */
async function startAlarms(alarms: readonly Alert[], parts: AlertParts): Promise<void> {
  const { log, starter } = parts;
  const results = await startAlerts(parts, 'cloudwatch', alarms, starter.clock.now());
  log.info('alerts received', { source: 'cloudwatch', results });
  if (results.some(({ outcome }) => outcome === 'failed')) throw new AlarmsNotStarted('some kills could not be started; the event is wanted again');
}
