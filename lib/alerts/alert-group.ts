import * as z from 'zod/mini';
import { problemsIn, readBody } from '../http/read-body.ts';
import { type Alert, findLink, fingerprintOf, unreadableAlert } from './alert.ts';
import { looseText, looseTexts, looseTime } from './loose.ts';
import type { Reading } from './source.ts';

export const GROUP_LINK = 'https://prometheus.io/docs/alerting/latest/configuration/#webhook_config';
const LONGEST_FINGERPRINT = 256;

/** Only what we use: later releases add fields, older ones lack all the others. endsAt is 0001-01-01 while an alert fires. */
const GroupAlert = z.looseObject({
  fingerprint: z.nullish(looseText).check(z.describe('Where it is missing, the labels stand for it.')),
  status: z.enum(['firing', 'resolved']),
  startsAt: looseTime,
  labels: looseTexts,
  annotations: looseTexts,
});
export type GroupAlert = z.infer<typeof GroupAlert>;

const truncatedAlerts = z.nullish(z.int().check(z.gte(0)));
/** The alerts as they stand: each is read for itself. */
const Group = z.looseObject({ alerts: z.array(z.unknown()), truncatedAlerts });
export const AlertGroup = z.looseObject({ alerts: z.array(GroupAlert), truncatedAlerts }).register(z.globalRegistry, { title: 'AlertGroup', description: `Of Prometheus Alertmanager (version 4) and of Grafana's own alerting. ${GROUP_LINK}` });

/**
 * Reads the group of alerts that Alertmanager sends and Grafana took over, each alert for itself: the group's own `status` is
 * firing as long as one of them is, and one that cannot be read leaves the others as they are. Throws InvalidRequest where
 * there is nothing in it that can be read.
 */
export function readAlertGroup(body: unknown, isTest: (alert: GroupAlert) => boolean = () => false): Reading {
  const group = readBody(Group, body);
  const read = group.alerts.map((alert) => GroupAlert.safeParse(alert));
  if (!read.some(({ success }) => success)) readBody(AlertGroup, body); // throws where there are any, and names each field
  const alerts = read.map(({ data, error }, index) => {
    if (data === undefined) return unreadableAlert(`alerts[${index}]`, group.alerts[index], problemsIn(error, `alerts[${index}]`));
    return toAlert(data, isTest(data));
  });
  return { alerts, truncated: group.truncatedAlerts ?? 0 };
}

function toAlert(alert: GroupAlert, isTest: boolean): Alert {
  const { status, startsAt, labels, annotations } = alert;
  const given = alert.fingerprint ?? '';
  const fingerprint = given === '' || given.length > LONGEST_FINGERPRINT ? fingerprintOf(labels) : given;
  // Epoch ms: two senders of a pair may write one moment in two ways.
  const key = `${fingerprint} ${startsAt}`;
  return {
    id: fingerprint,
    deliveryKey: key,
    occurrence: key,
    status: isTest ? 'test' : status === 'firing' && isWithoutData(alert) ? 'no-data' : status,
    startsAt,
    labels,
    annotations,
    link: findLink([alert['dashboardURL'], alert['panelURL'], alert['generatorURL']]),
  };
}

/**
 * Grafana's word for a rule that found no data, or could not be evaluated; Alertmanager hands it on. Alerts that keep their last
 * state do so for one of the two. https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/nodata-and-error-states/
 */
function isWithoutData({ labels, annotations }: GroupAlert): boolean {
  const reason = annotations['grafana_state_reason'] ?? labels['grafana_state_reason'] ?? '';
  return /^Datasource(?:NoData|Error)$/.test(labels['alertname'] ?? '') || /\b(?:no ?data|error|keep ?last|missing ?series)\b/i.test(reason);
}
