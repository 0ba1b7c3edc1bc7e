import { commandForm, slackHeaders } from '../../test/simulator/slack-client.ts';
import { JOBS_PATH } from '../../test/simulator/client.ts';
import { httpEvent } from '../../test/support/http-event.ts';
import { ALERT_TOKEN, API_TOKEN, REQUESTER, SIGNING_SECRET } from './packages.ts';

/** `/mrs kill <job>`, typed now; each is a request of its own. */
export function slackKill(jobId: string): object {
  const body = commandForm({ text: `kill ${jobId}`, user_id: REQUESTER }).toString();
  const headers = slackHeaders(SIGNING_SECRET, Math.floor(Date.now() / 1_000), body);
  return httpEvent('POST /slack/command', { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])), body });
}

/** A delivery of Alertmanager, a firing alert for each job; where `delivery` and `now` (epoch ms) are the same, it is the same again. */
export function alertDelivery(delivery: string, jobIds: readonly string[], now = Date.now()): object {
  const startsAt = new Date(now - 60_000).toISOString();
  const body = {
    version: '4', groupKey: `{}:{delivery="${delivery}"}`, truncatedAlerts: 0, status: 'firing', receiver: 'mrs', groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager.example',
    alerts: jobIds.map((jobId, at) => ({
      status: 'firing', labels: { alertname: 'MrsJobStuck', cluster: 'analytics', job_id: jobId }, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example', fingerprint: `${delivery}${at.toString(16).padStart(6, '0')}`,
    })),
  };
  return httpEvent('POST /alerts/alertmanager', { headers: { 'content-type': 'application/json', 'authorization': `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify(body) });
}

const API_HEADERS = { 'content-type': 'application/json', 'authorization': `Bearer ${API_TOKEN}` };

export function apiKill(jobId: string): object {
  return httpEvent(`POST ${JOBS_PATH}/${jobId}/kill`, { headers: API_HEADERS, body: '{"reason":"runs for two days"}' });
}

/** By MRS id, or by YARN id. */
export function apiShow(jobId: string): object {
  return httpEvent(`GET ${JOBS_PATH}/${jobId}`, { headers: API_HEADERS });
}
