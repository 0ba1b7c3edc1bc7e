import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OpenServer, openServer } from '../../../home/http/open-server.ts';
import { createRoutes } from '../../../home/http/routes.ts';
import { JOBS_PATH } from '../../simulator/client.ts';
import { commandForm, slackHeaders } from '../../simulator/slack-client.ts';
import { type DoorStage, startDoorStage } from '../../stage/doors.ts';
import { NOON, SIGNING_SECRET } from '../../stage/slack.ts';

const TOKEN = 'rest-token-of-this-test';
const OURS = { authorization: `Bearer ${TOKEN}` };
const SENDER = { authorization: 'Bearer alert-token-of-all-doors' };
const JOB = '431b135e-c090-489f-b1db-0abe3822b855';
const OTHER = '99999999-0000-4000-8000-000000000001';
const KILL = `POST ${JOBS_PATH}/${JOB}/kill`;

/** Over 1 MiB. */
const LARGE = JSON.stringify('x'.repeat(1024 * 1024));

type Sent = { headers?: Record<string, string>; body?: string };

const command = (text: string): Sent => {
  const body = commandForm({ text, trigger_id: `1.2.${text.replace(/\W/g, '')}` }).toString();
  return { headers: slackHeaders(SIGNING_SECRET, NOON / 1_000, body), body };
};
const alert = (alertname: string): string =>
  JSON.stringify({ version: '4', status: 'firing', alerts: [{ status: 'firing', startsAt: '2026-11-22T11:00:00Z', labels: { alertname, job_id: JOB, cluster: 'analytics' }, annotations: {}, fingerprint: alertname }] });

/** What comes to each home, in this order. */
const REQUESTS: [line: string, sent: Sent][] = [
  ['GET /health', {}],
  ['GET /health?verbose=1', {}],
  ['HEAD /health', {}],
  ['OPTIONS /health', {}],
  ['POST /health', { body: '{}' }],
  ['GET /', {}],
  ['GET //health', {}],
  ['GET /health/', {}],
  ['GET /nowhere', {}],
  ['GET /constructor', {}],
  ['DELETE /slack/command', {}],
  ['GET /slack/action', {}],
  ['POST /slack/elsewhere', {}],
  ['GET /alerts/alertmanager', {}],
  ['POST /alerts', { body: '{}' }],
  ['POST /alerts/', { body: '{}' }],
  ['POST /alerts/nobody', { body: '{}' }],
  ['POST /alerts/%61lertmanager', { body: '{}' }],
  ['POST /alerts/alertmanager', { body: alert('Stuck') }],
  ['POST /alerts/alertmanager', { headers: SENDER, body: '' }],
  ['POST /alerts/alertmanager', { headers: SENDER, body: 'no JSON' }],
  ['POST /alerts/alertmanager', { headers: SENDER, body: LARGE }],
  ['POST /alerts/alertmanager', { body: LARGE }],
  ['POST /alerts/grafana', { headers: { 'x-grafana-alerting-signature': '00' }, body: LARGE }],
  ['POST /alerts/pagerduty', { body: LARGE }],
  ['POST /alerts/nobody', { body: LARGE }],
  ['POST /health', { body: LARGE }],
  ['POST /slack/command', { body: LARGE }],
  [KILL, { body: LARGE }],
  [KILL, { headers: OURS, body: LARGE }],
  ['PUT /alerts/alertmanager', { headers: SENDER, body: alert('Other') }],
  ['POST /alerts/alertmanager', { headers: SENDER, body: alert('Stuck') }],
  ['POST /alerts/alertmanager', { headers: SENDER, body: alert('Stuck') }],
  ['POST /slack/command', { body: 'ssl_check=1' }],
  ['POST /slack/command', { body: 'text=kill' }],
  ['POST /slack/command', { ...command('help'), headers: { ...command('help').headers, 'X-Slack-Signature': 'v0=00' } }],
  ['POST /slack/command', command('help')],
  ['POST /slack/command', command('jobs analytics')],
  ['POST /slack/command', command(`kill ${JOB} on analytics`)],
  ['POST /slack/action', { body: 'payload=%7B%7D' }],
  [`GET ${JOBS_PATH}/${JOB}`, {}],
  [`GET ${JOBS_PATH}/${JOB}`, { headers: OURS }],
  [`GET ${JOBS_PATH}/${OTHER}`, { headers: OURS }],
  [`DELETE ${JOBS_PATH}/${JOB}`, { headers: OURS }],
  [KILL, { headers: { authorization: 'Bearer wrong-token-0123456789' } }],
  [KILL, { headers: { ...OURS, 'x-auth-token': `${'x'.repeat(8_000)}` } }],
  [KILL, { headers: OURS, body: '[' }],
  [KILL, { headers: OURS, body: '{"dry_runn":true}' }],
  [KILL, { headers: OURS, body: '{"dry_run":true}' }],
  [KILL.replace(JOB, '..%2Fx'), { headers: OURS }],
  [KILL, { headers: { ...OURS, Prefer: 'wait=0' }, body: '' }],
  [KILL, { headers: OURS, body: '{"reason":"grüße"}' }],
];

describe('the own home', () => {
  let aws: DoorStage;
  let home: DoorStage;
  let server: OpenServer;

  beforeAll(async () => {
    [aws, home] = await Promise.all([startDoorStage(), startDoorStage()]);
    for (const { simulator } of [aws, home]) simulator.addJob({ job_id: JOB, job_name: 'nb-1', submitted_time: NOON - 86_400_000 });
    const { outside, load, refresh } = home;
    const secrets = { refresh, refreshAfterRefusal: async () => false };
    server = await openServer({ ...outside, host: '127.0.0.1', port: 0, createId: () => 'request-1', handle: createRoutes({ load, loadStarting: load }), secrets });
  });
  afterAll(async () => {
    await server.stop(0);
    await Promise.all([aws.close(), home.close()]);
  });

  const overHttp = async (line: string, { headers = {}, body }: Sent): Promise<unknown> => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) });
    const sent = Object.fromEntries([...answer.headers].filter(([name]) => !['connection', 'content-length', 'date', 'keep-alive'].includes(name)));
    return [line, answer.status, sent, method === 'HEAD' ? 'no body' : await answer.text()];
  };
  const asEvent = async (line: string, sent: Sent): Promise<unknown> => {
    const { status, headers, text } = await aws.call(line, sent);
    return [line, status, headers, line.startsWith('HEAD') ? 'no body' : text];
  };

  it('answers as the AWS home does, and does the same', async () => {
    const given: unknown[] = [];
    const wanted: unknown[] = [];
    for (const [line, sent] of REQUESTS) {
      wanted.push(await asEvent(line, sent));
      given.push(await overHttp(line, sent));
    }
    await Promise.all([aws.idle(), home.idle()]);
    expect(given).toEqual(wanted);
    const done = ({ simulator, backend }: DoorStage): unknown => [simulator.kills().map(({ path }) => path), backend.list({ oldestFirst: true }).map(({ name, status }) => [name, status])];
    expect(done(home)).toEqual(done(aws));
    expect(aws.simulator.kills().length).toBeGreaterThan(0);
    const refusals = ({ log }: DoorStage): unknown => log().filter(({ message }) => message === 'a request was refused').map(({ time: _time, ...line }) => line);
    expect(refusals(home)).toEqual(refusals(aws));
  });
});
