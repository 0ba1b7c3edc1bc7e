import { Agent, request } from 'node:http';
import { JOBS_PATH } from '../../../test/simulator/client.ts';
import { commandForm, slackHeaders } from '../../../test/simulator/slack-client.ts';
import { ALERT_TOKEN, API_TOKEN, SIGNING_SECRET } from '../packages.ts';

const agent = new Agent({ keepAlive: true });

/** One request, and when all of its answer was there. Rejects where none comes. */
function send(url: string, method: string, headers: Record<string, string>, body = ''): Promise<{ status: number; text: string; tookMs: number }> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk)).on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text, tookMs: performance.now() - began }));
    });
    sent.on('error', reject).end(body);
  });
}

/** A delivery of Alertmanager with an alert for each job; how long it took until it was answered. Throws where not all were accepted. */
export async function deliver(url: string, { name, cluster, jobIds }: { name: string; cluster: string; jobIds: readonly string[] }): Promise<number> {
  const startsAt = new Date().toISOString();
  const body = JSON.stringify({
    version: '4', groupKey: '{}', truncatedAlerts: 0, status: 'firing', receiver: 'mrs', groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager.example',
    alerts: jobIds.map((jobId) => ({ status: 'firing', labels: { alertname: name, cluster, job_id: jobId }, annotations: {}, startsAt, endsAt: '0001-01-01T00:00:00Z', generatorURL: 'http://prometheus.example', fingerprint: jobId })),
  });
  const { status, text, tookMs } = await send(`${url}/alerts/alertmanager`, 'POST', { 'content-type': 'application/json', 'authorization': `Bearer ${ALERT_TOKEN}` }, body);
  const accepted = text.split('"outcome":"accepted"').length - 1;
  if (accepted !== jobIds.length) throw new Error(`${accepted} of ${jobIds.length} alerts were accepted: ${status} ${text.slice(0, 500)}`);
  return tookMs;
}

/** A person's read by REST; ms until it was answered. */
export async function readJob(url: string, jobId: string): Promise<number> {
  const { status, text, tookMs } = await send(`${url}${JOBS_PATH}/${jobId}`, 'GET', { authorization: `Bearer ${API_TOKEN}` });
  if (status !== 200) throw new Error(`a read was answered ${status} ${text.slice(0, 500)}`);
  return tookMs;
}

/** A command in Slack; ms until it was acknowledged. */
export async function typeInSlack(url: string, text: string, responseUrl: string): Promise<number> {
  const body = commandForm({ text, response_url: responseUrl }).toString();
  const { status, text: said, tookMs } = await send(`${url}/slack/command`, 'POST', slackHeaders(SIGNING_SECRET, Math.floor(Date.now() / 1_000), body), body);
  if (status !== 200) throw new Error(`a command was answered ${status} ${said.slice(0, 500)}`);
  return tookMs;
}
