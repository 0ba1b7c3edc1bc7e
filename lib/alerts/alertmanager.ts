import { AlertGroup, GROUP_LINK, readAlertGroup } from './alert-group.ts';
import { byBearerOrBasic } from './bearer.ts';
import type { AlertSource } from './source.ts';

/**
 * Prometheus Alertmanager, body version 4: bearer token, or basic with the token as password (it cannot sign);
 * `fingerprint` and `startsAt` as delivery key. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const alertmanager: AlertSource = {
  ...byBearerOrBasic('alertmanager'),
  about: {
    title: 'Alertmanager',
    link: GROUP_LINK,
    deliveryKey: '`fingerprint` and `startsAt` of each alert',
    namesJob: 'by any label: `mrs_job_id`, `application_id`, `job_name` …',
    otherwise: '`pick`',
  },
  body: AlertGroup,
  parse: (body) => readAlertGroup(body),
};
