import { Unauthorized } from '../core/errors.ts';
import { matchesHmac, signHmac } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';
import { AlertGroup, type GroupAlert, readAlertGroup } from './alert-group.ts';
import { alertmanager } from './alertmanager.ts';
import { byBearerOrBasic } from './bearer.ts';
import type { AlertSource, Delivery } from './source.ts';

const HEADER = 'X-Grafana-Alerting-Signature';
const SIGNATURE = HEADER.toLowerCase();
const MOST_SKEW_MS = 5 * 60 * 1_000;
const EXAMPLE = "[ metric='foo' labels={instance=bar} value=10 ]";

const byToken = byBearerOrBasic('grafana');

/**
 * Grafana's own alerting (webhook contact point): HMAC signature, or a token as bearer or password; `fingerprint` and `startsAt` as delivery key.
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
export const grafana: AlertSource = {
  about: {
    ...alertmanager.about,
    title: 'Grafana',
    link: 'https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/',
  },
  trust: `\`${HEADER}\`, with its time where \`GRAFANA_TIMESTAMP_HEADER\` is set (±5 min); or bearer, or basic with the token as password`,
  proofs: [
    {
      header: HEADER,
      says:
        'HMAC-SHA256 of the raw body by `GRAFANA_HMAC_SECRET`, in lower-case hex. Where `GRAFANA_TIMESTAMP_HEADER` is set, ' +
        "that header's seconds and a colon are signed before the body, and have to be within 5 min.",
    },
    ...byToken.proofs,
  ],
  settings: ['GRAFANA_HMAC_SECRET', 'GRAFANA_TIMESTAMP_HEADER', 'ALERT_TOKENS'],
  isOn: (settings) => settings.grafana.hmacSecrets.length > 0 || byToken.isOn(settings),
  verify(delivery, settings) {
    // A signature that we can check has to hold: a token beside it does not make good for altered bytes or an old time.
    const isSigned = delivery.headers[SIGNATURE] !== undefined;
    if (isSigned && settings.grafana.hmacSecrets.length > 0) verifySignature(delivery, settings.grafana);
    else if (isSigned && delivery.headers['authorization'] === undefined) throw new Unauthorized('trigger is off: its secret is not set', 'it is signed, and GRAFANA_HMAC_SECRET is not set');
    else byToken.verify(delivery, settings);
  },
  sign(rawBody, by, now) {
    const { hmacSecrets: [secret], timestampHeader } = by.settings.grafana;
    if (secret === undefined) return byToken.sign(rawBody, by);
    const time = timestampHeader === undefined ? {} : { [timestampHeader]: String(Math.floor(now / 1_000)) };
    const [timestamp] = Object.values(time);
    return { headers: { [SIGNATURE]: signHmac(secret, toSign(rawBody, timestamp)), ...time }, rawBody };
  },
  body: AlertGroup,
  parse: (body) => readAlertGroup(body, isTest),
};

/**
 * What the button "Test" of a contact point sends: `TestAlert`, or, where people gave it labels of their own, still the value of
 * its example. https://github.com/grafana/grafana/blob/main/pkg/services/ngalert/notifier/receivers.go
 */
function isTest({ labels, valueString }: GroupAlert): boolean {
  return labels['alertname'] === 'TestAlert' || valueString === EXAMPLE;
}

/** With a timestamp header its seconds are signed as well, and the signature holds for 5 min around them. Throws Unauthorized. */
function verifySignature({ headers, rawBody, receivedAt }: Delivery, { hmacSecrets, timestampHeader }: Settings['grafana']): void {
  const timestamp = timestampHeader === undefined ? undefined : (headers[timestampHeader] ?? '');
  if (timestamp !== undefined && !isNear(timestamp, receivedAt)) throw new Unauthorized(timestamp === '' ? 'no time' : 'time outside the window', 'GRAFANA_TIMESTAMP_HEADER names the header of the time, in Grafana too');
  if (!matchesHmac(headers[SIGNATURE] ?? '', hmacSecrets, toSign(rawBody, timestamp))) throw new Unauthorized('wrong signature');
}

function toSign(rawBody: Buffer, timestamp: string | undefined): (string | Buffer)[] {
  return timestamp === undefined ? [rawBody] : [`${timestamp}:`, rawBody];
}

/** Both ways: a time from the future would make a signature that holds for as long as its maker likes. */
function isNear(timestamp: string, receivedAt: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(receivedAt - Number(timestamp) * 1_000) <= MOST_SKEW_MS;
}
