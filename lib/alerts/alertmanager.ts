import * as z from 'zod';
import { readBody, timestamp } from '../http/read-body.ts';
import { byBearer, verifyToken } from './bearer.ts';
import type { AlertSource, Reading } from './source.ts';

const LINK = 'https://prometheus.io/docs/alerting/latest/configuration/#webhook_config';
const strings = z.record(z.string(), z.string());

/** Only what we use: later releases add fields, older ones lack all the others. endsAt is 0001-01-01 while an alert fires. */
export const AlertGroup = z
  .looseObject({
    alerts: z.array(
      z.looseObject({
        fingerprint: z.string().min(1).max(256),
        status: z.enum(['firing', 'resolved']),
        startsAt: timestamp,
        labels: strings,
        annotations: strings.nullish(),
      }),
    ),
    truncatedAlerts: z.int().min(0).nullish(),
  })
  .meta({ title: 'AlertGroup', description: `Of Prometheus Alertmanager (version 4) and of Grafana's own alerting. ${LINK}` });

const bearer = byBearer('alertmanager');

/**
 * Prometheus Alertmanager, body version 4: bearer token, or basic with the token as password (it cannot sign);
 * `fingerprint` and `startsAt` as delivery key. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const alertmanager: AlertSource = {
  ...bearer,
  about: {
    title: 'Alertmanager',
    link: LINK,
    deliveryKey: { en: '`fingerprint` and `startsAt` of each alert', zh: '每条告警的 `fingerprint` 和 `startsAt`' },
    namesJob: { en: 'by any label: `mrs_job_id`, `application_id`, `job_name` …', zh: '任何标签：`mrs_job_id`、`application_id`、`job_name` …' },
    otherwise: '`pick`',
  },
  trust: {
    en: 'bearer (a token of `ALERT_TOKENS`), or basic with the token as password',
    zh: 'Bearer（`ALERT_TOKENS` 中的一个 Token），或 Basic，以该 Token 为密码',
  },
  proofs: ['bearer', 'basic'],
  verify(delivery, settings) {
    const password = readBasicPassword(delivery.headers['authorization'] ?? '');
    if (password === undefined) bearer.verify(delivery, settings);
    else verifyToken(password, settings, 'alertmanager');
  },
  body: AlertGroup,
  parse: (body) => readAlertGroup(body),
};

/**
 * Reads the group of alerts that Alertmanager sends and Grafana took over, each alert for itself: the group's own `status` is
 * firing as long as one of them is. Throws InvalidRequest.
 */
export function readAlertGroup(body: unknown): Reading {
  const { alerts, truncatedAlerts } = readBody(AlertGroup, body);
  return {
    alerts: alerts.map(({ fingerprint, status, startsAt, labels, annotations }) => ({
      id: fingerprint,
      // Epoch ms: two senders of a pair may write one moment in two ways.
      deliveryKey: `${fingerprint} ${startsAt}`,
      status,
      startsAt,
      labels,
      annotations: annotations ?? {},
    })),
    truncated: truncatedAlerts ?? 0,
  };
}

/** Undefined where the header speaks of something else than basic. The user may have any name. */
function readBasicPassword(authorization: string): string | undefined {
  const credentials = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  return credentials === undefined ? undefined : (/^[^:]*:(.*)$/.exec(Buffer.from(credentials, 'base64').toString('utf8'))?.[1] ?? '');
}
