import { readAlertGroup } from './alert-group.ts';
import { hasAlertToken, verifyBearer, verifyToken } from './bearer.ts';
import type { AlertSource } from './source.ts';

/**
 * Prometheus Alertmanager, body version 4: bearer token, or basic with the token as password (it cannot sign);
 * `fingerprint` and `startsAt` as delivery key. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const alertmanager: AlertSource = {
  isOn: (settings) => hasAlertToken(settings, 'alertmanager'),
  verify(delivery, settings) {
    const password = readBasicPassword(delivery.headers['authorization'] ?? '');
    if (password === undefined) verifyBearer(delivery, settings, 'alertmanager');
    else verifyToken(password, settings, 'alertmanager');
  },
  parse: (body) => readAlertGroup(body),
};

/** Undefined where the header speaks of something else than basic. The user may have any name. */
function readBasicPassword(authorization: string): string | undefined {
  const credentials = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  return credentials === undefined ? undefined : (/^[^:]*:(.*)$/.exec(Buffer.from(credentials, 'base64').toString('utf8'))?.[1] ?? '');
}
