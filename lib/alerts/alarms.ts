import { AppError } from '../core/errors.ts';
import type { Alert } from './alert.ts';
import { type AlertParts, startAlerts } from './start-alerts.ts';

/** Some kills of an event could not be started: AWS sends the event again, and the repeat starts only those. */
export class AlarmsNotStarted extends AppError {
  readonly code = 'alarms_not_started';
  override readonly retryable = true;

  override get name(): string {
    return 'AlarmsNotStarted';
  }
}

/** Judges and starts CloudWatch's alarms of one event as any other source's alerts. Throws AlarmsNotStarted. */
export async function startAlarms(alerts: readonly Alert[], parts: AlertParts): Promise<void> {
  const { log, starter } = parts;
  const results = await startAlerts(parts, 'cloudwatch', alerts, starter.clock.now());
  log.info('alerts received', { source: 'cloudwatch', results });
  if (results.some(({ outcome }) => outcome === 'failed')) throw new AlarmsNotStarted('some kills could not be started; the event has to come again');
}
