import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JOBS_PATH } from '../simulator/client.ts';
import { slackHeaders } from '../simulator/slack-client.ts';
import { countsIn } from '../stage/counted.ts';
import { type DoorStage, NOBODYS, startDoorStage } from '../stage/doors.ts';

const KILL = `${JOBS_PATH}/${NOBODYS}/kill`;
const BOUND = 'token-of-datadog-only-0123456789';
const OURS = 'alert-token-of-all-doors';
const basic = (token: string): string => `Basic ${Buffer.from(`user:${token}`).toString('base64')}`;

let stage: DoorStage;
let nowSec: number;
beforeAll(async () => {
  stage = await startDoorStage({ env: { ALERT_TOKENS: `all@generic:${OURS},dd@datadog:${BOUND}`, GRAFANA_HMAC_SECRET: 'grafana-secret-0123456789', API_PASS_THROUGH: 'false' } });
  nowSec = Math.floor(stage.clock.now() / 1_000);
});
afterAll(() => stage.close());
beforeEach(() => void stage.lines.splice(0));

const refusals = () => stage.log().filter(({ message }) => message === 'a request was refused');
function nothingWasKilled(): void {
  expect([stage.simulator.requests, stage.simulator.killed()]).toEqual([[], []]);
}

type Case = [line: string, headers: Record<string, string>, logged: Record<string, unknown>, body?: string];

describe('a caller who is not let in', () => {
  it.each<Case>([
    ['POST /alerts/generic', {}, { source: 'generic', cause: 'no token', hint: expect.stringContaining('Bearer') }],
    ['POST /alerts/generic', { authorization: basic(OURS) }, { source: 'generic', cause: 'no token', hint: expect.stringContaining('Bearer') }],
    ['PUT /alerts/generic', { authorization: 'Bearer nobody-knows-this-token' }, { source: 'generic', method: 'PUT', cause: 'wrong token' }],
    ['POST /alerts/generic', { authorization: `Bearer ${BOUND}` }, { source: 'generic', cause: 'wrong token', hint: expect.stringContaining('another source') }],
    ['POST /alerts/alertmanager', { authorization: `Bearer ${OURS}` }, { source: 'alertmanager', cause: 'trigger is off: its secret is not set', hint: expect.stringContaining('ALERT_TOKENS') }],
    ['POST /alerts/grafana', { 'x-grafana-alerting-signature': 'f'.repeat(64) }, { source: 'grafana', cause: 'wrong signature' }],
    ['POST /alerts/pagerduty', { 'x-pagerduty-signature': `v1=${'f'.repeat(64)}` }, { source: 'pagerduty', cause: 'trigger is off: its secret is not set', hint: 'set PAGERDUTY_SECRET' }],
    ['POST /alerts/smn', {}, { source: 'smn', cause: 'no message of SMN' }],
    [`POST ${KILL}`, {}, { source: 'api', cause: 'no token', hint: expect.stringContaining('API_TOKENS') }],
    [`POST ${KILL}`, { authorization: 'Bearer nobody-knows-this-token' }, { source: 'api', cause: 'wrong token' }],
    [`GET ${JOBS_PATH}/${NOBODYS}`, { 'x-auth-token': 'a-token-of-iam' }, { source: 'api', method: 'GET', cause: 'no token', hint: expect.stringContaining('API_PASS_THROUGH') }],
    ['POST /slack/command', {}, { source: 'slack', cause: 'no signature' }, 'command=%2Fmrs'],
    ['POST /slack/action', slackHeaders('another-secret-0123456789', 0, 'x'), { source: 'slack', cause: 'time outside the window' }, 'x'],
  ])('is told nothing, and the log says why: %s %j', async (line, headers, logged, body = '{}') => {
    const reply = await stage.call(line, { headers, body });
    expect([reply.status, reply.body]).toEqual([401, { error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'request-1' }]);
    const [method, path] = line.split(' ');
    expect(refusals()).toEqual([expect.objectContaining({ level: 'warn', request_id: 'request-1', status: 401, method, path, ...logged })]);
    expect(countsIn(stage.lines)).toEqual([{ metric: 'Unauthorized', dimensions: {} }]);
    expect(stage.lines.join('\n')).not.toMatch(/0123456789|nobody-knows|of-all-doors|a-token-of-iam/);
    nothingWasKilled();
  });

  it('whose signature cannot be checked, since no secret is set', async () => {
    const other = await startDoorStage();
    try {
      await other.call('POST /alerts/grafana', { headers: { 'x-grafana-alerting-signature': 'f'.repeat(64) }, body: '{}' });
      expect(other.log()).toMatchObject([{ status: 401, source: 'grafana', cause: 'trigger is off: its secret is not set', hint: expect.stringContaining('GRAFANA_HMAC_SECRET') }]);
      expect(other.simulator.killed()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('by a wrong signature of Slack, within its time', async () => {
    await stage.call('POST /slack/command', { headers: slackHeaders('another-secret-0123456789', nowSec, 'x'), body: 'x' });
    expect(refusals()).toMatchObject([{ source: 'slack', cause: 'wrong signature', hint: expect.stringContaining('SLACK_SIGNING_SECRET') }]);
    nothingWasKilled();
  });
});

describe('a request that cannot be taken', () => {
  const bearer = { authorization: `Bearer ${OURS}` };
  const api = { authorization: 'Bearer rest-token-of-this-test' };
  const large = 'x'.repeat(1024 * 1024 + 1);
  it.each<[line: string, headers: Record<string, string>, body: string, status: number, trigger: string, cause: RegExp, source?: string]>([
    ['POST /alerts/generic', bearer, 'no JSON', 400, 'alerts', /^body: expected JSON$/, 'generic'],
    ['POST /alerts/generic', bearer, '{"labels":{}}', 400, 'alerts', /^id: /, 'generic'],
    ['POST /alerts/generic', bearer, large, 413, 'alerts', /1 MiB/, 'generic'],
    ['POST /alerts/nobody', bearer, '{}', 404, 'alerts', /^no such alert source; openapi\.yml lists them$/, 'nobody'],
    ['GET /alerts/generic', bearer, '', 405, 'alerts', /takes POST, PUT only$/, 'generic'],
    [`POST ${KILL}`, api, '[]', 400, 'api', /^body: expected a JSON object$/],
    [`POST ${KILL}`, api, large, 413, 'api', /1 MiB/],
    [`POST ${JOBS_PATH}/no-id/kill`, api, '', 400, 'api', /^job_execution_id: /],
    ['POST /health', {}, '', 405, 'api', /takes GET only$/],
    ['GET /nowhere', {}, '', 404, 'api', /^no such route$/],
  ])('is logged with where it went and why, and counted: %s', async (line, headers, body, status, trigger, cause, source = trigger) => {
    const reply = await stage.call(line, { headers, body });
    expect([reply.status, reply.body.error_code]).toEqual([status, `KILL.0${status}`]);
    const [method, path] = line.split(' ');
    expect(refusals()).toEqual([expect.objectContaining({ level: 'warn', request_id: 'request-1', status, method, path, source, cause: expect.stringMatching(cause) })]);
    expect(countsIn(stage.lines)).toEqual([{ metric: 'BadRequest', dimensions: { trigger, status: String(status) } }]);
    nothingWasKilled();
  });

  it('has a path of any length, and the log two hundred letters of it', async () => {
    const path = `/${'p'.repeat(5_000)}`;
    expect((await stage.call(`POST ${path}`)).status).toBe(404);
    expect(refusals()).toMatchObject([{ path: path.slice(0, 200) }]);
  });
});
