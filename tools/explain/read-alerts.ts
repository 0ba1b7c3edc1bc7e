import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { type Alert, fingerprintOf } from '../../lib/alerts/alert.ts';
import { readAlarms } from '../../lib/alerts/cloudwatch.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { unwrapEvent } from '../../functions/aws/unwrap-event.ts';
import type { AlertFlags } from './options.ts';
import { readJsonFile } from './read-file.ts';

/** The alerts that the command line means, as the server would read them at `nowMs`. Throws InvalidRequest. */
export function readAlerts(flags: AlertFlags, nowMs: number): Alert[] {
  if ('labels' in flags) {
    const id = fingerprintOf(flags.labels);
    return [{ id, deliveryKey: id, status: 'firing', labels: flags.labels, annotations: {} }];
  }
  const alerts = readDelivery(flags, nowMs);
  if (alerts.length === 0) throw new InvalidRequest(`--payload: there is no alert of ${flags.source} in ${flags.file}`);
  return alerts;
}

function readDelivery({ source, file }: { source: string; file: string }, nowMs: number): Alert[] {
  const body = readJsonFile('--payload', file);
  try {
    const parser = ALERT_SOURCES[source];
    if (parser === undefined) return unwrapEvent(body).flatMap(({ event }) => readAlarms(event) ?? []); // what invokes functions/events
    return parser.parse(body, { headers: {}, rawBody: Buffer.alloc(0), receivedAt: nowMs }).alerts;
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    throw new InvalidRequest(`--payload: ${file} is no delivery of ${source}: ${error.message}`, { cause: error });
  }
}
