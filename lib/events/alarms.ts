import { type AlarmReading, readAlarms } from '../alerts/cloudwatch.ts';
import { startAlerts } from '../alerts/start-alerts.ts';
import { AppError } from '../core/errors.ts';
import { createStarter } from '../kill/create-starter.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';

/** Some kills of an event could not be started: AWS sends the event again, and the repeat starts only those. */
export class AlarmsNotStarted extends AppError {
  readonly code = 'alarms_not_started';
  override readonly retryable = true;
}

/** What CloudWatch's alarms in an event ask for; undefined where there are none in it. */
export function takeAlarms(event: unknown): ((parts: Killswitch, log: Log) => Promise<void>) | undefined {
  const reading = readAlarms(event);
  return reading && ((parts, log) => startAlarms(reading, parts, log));
}

/** Judges and starts the alarms as any other source's alerts. Throws AlarmsNotStarted. */
async function startAlarms({ alerts, problems }: AlarmReading, parts: Killswitch, log: Log): Promise<void> {
  // No repeat would make it readable.
  for (const problem of problems) log.error('an alarm that cannot be read was passed over', { source: 'cloudwatch', problem });
  if (alerts.length === 0) return;
  const starter = createStarter(parts, log);
  const results = await startAlerts({ ...parts, starter }, 'cloudwatch', alerts, parts.clock.now());
  log.info('alerts received', { source: 'cloudwatch', results });
  if (results.some(({ outcome }) => outcome === 'failed')) throw new AlarmsNotStarted('some kills could not be started; the event is wanted again');
}
