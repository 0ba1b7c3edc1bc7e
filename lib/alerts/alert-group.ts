import * as z from 'zod';
import { readBody, timestamp } from '../read-body.ts';
import type { Reading } from './source.ts';

const strings = z.record(z.string(), z.string());

// Only what we use: later releases add fields, older ones lack all the others. endsAt is 0001-01-01 while an alert fires.
const Body = z.looseObject({
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
});

/**
 * Reads the group of alerts that Alertmanager sends and Grafana took over, each alert for itself: the group's own `status` is
 * firing as long as one of them is. Throws InvalidRequest. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export function readAlertGroup(body: unknown): Reading {
  const { alerts, truncatedAlerts } = readBody(Body, body);
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
