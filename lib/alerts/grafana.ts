import { Unauthorized } from '../core/errors.ts';
import type { Settings } from '../settings/settings.ts';
import { readAlertGroup } from './alert-group.ts';
import { hasAlertToken, verifyBearer } from './bearer.ts';
import { matchesHmac } from './hmac.ts';
import type { AlertSource, Delivery } from './source.ts';

const SIGNATURE = 'x-grafana-alerting-signature';
const MOST_SKEW_MS = 5 * 60 * 1_000;

/**
 * Grafana's own alerting (webhook contact point): HMAC signature or bearer token; `fingerprint` and `startsAt` as delivery key.
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const grafana: AlertSource = {
  isOn: (settings) => settings.grafana.hmacSecrets.length > 0 || hasAlertToken(settings, 'grafana'),
  verify(delivery, settings) {
    // A signature that we can check has to hold: a token beside it does not make good for altered bytes or an old time.
    if (delivery.headers[SIGNATURE] !== undefined && settings.grafana.hmacSecrets.length > 0) verifySignature(delivery, settings.grafana);
    else verifyBearer(delivery, settings, 'grafana');
  },
  parse: (body) => readAlertGroup(body),
};

/** With a timestamp header its seconds are signed as well, and the signature holds for 5 min around them. Throws Unauthorized. */
function verifySignature({ headers, rawBody, receivedAt }: Delivery, { hmacSecrets, timestampHeader }: Settings['grafana']): void {
  const signature = headers[SIGNATURE] ?? '';
  const timestamp = timestampHeader === undefined ? undefined : (headers[timestampHeader] ?? '');
  const signed = timestamp === undefined ? [rawBody] : [`${timestamp}:`, rawBody];
  if (timestamp !== undefined && !isNear(timestamp, receivedAt)) throw new Unauthorized();
  if (!matchesHmac(signature, hmacSecrets, signed)) throw new Unauthorized();
}

/** Both ways: a time from the future would make a signature that holds for as long as its maker likes. */
function isNear(timestamp: string, receivedAt: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(receivedAt - Number(timestamp) * 1_000) <= MOST_SKEW_MS;
}
