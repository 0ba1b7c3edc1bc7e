import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, logIn, PROJECT_ID, send, tokenRequest } from '../simulator/client.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { type RestApi, startRestApi } from '../stage/rest.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

let api: RestApi;
let clock: SteppingClock;
let token: string;
beforeEach(async () => {
  clock = createSteppingClock(1_795_000_000_000);
  api = await startRestApi({ clock, simulator: { projects: [{ id: PROJECT_ID, name: 'eu-west-101' }, { id: 'ffff', name: 'other' }] } });
  token = await logIn(api.simulator);
  api.simulator.requests.splice(0);
});
afterEach(() => api.close());

const withToken = (value: string) => ({ headers: { 'X-Auth-Token': value } });
const asked = (): string[] => api.simulator.requests.map(({ method, path }) => `${method} ${path}`);

describe('a kill with the token of the caller', () => {
  it('goes to MRS with that token and no other, without any call to IAM', async () => {
    const job = api.simulator.addJob();
    expect((await api.kill(job.job_id, withToken(token))).status).toBe(202);
    expect(asked()).toEqual([`GET ${JOBS_PATH}/${job.job_id}`, `POST ${JOBS_PATH}/${job.job_id}/kill`]);
    for (const { headers } of api.simulator.requests) expect(headers['x-auth-token']).toBe(token);
    expect(api.simulator.killed()).toEqual([job.job_id]);
  });

  it('is audited by the first 8 hex digits of its SHA-256, and the token stands in no line', async () => {
    await api.kill(api.simulator.addJob().job_id, withToken(token));
    const name = `token:${createHash('sha256').update(token).digest('hex').slice(0, 8)}`;
    expect(api.lines.filter(({ level }) => level === 'audit').map((line) => line['requested_by'])).toEqual([name, name]);
    expect(JSON.stringify(api.lines)).not.toContain(token.slice(0, 40));
  });

  it('is judged anew each time: nothing is cached', async () => {
    const job = api.simulator.addJob();
    await api.call(`GET ${JOBS_PATH}/${job.job_id}`, withToken(token));
    api.simulator.expireTokens();
    const reply = await api.kill(job.job_id, withToken(token));
    expect([reply.status, reply.body.error_code]).toEqual([401, 'APIGW.0307']);
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('leaves nothing behind that the next caller could use', async () => {
    const job = api.simulator.addJob();
    await api.call(`GET ${JOBS_PATH}/${job.job_id}`, withToken(token));
    expect((await api.kill(job.job_id, withToken('unknown'))).status).toBe(401);
    expect((await api.kill(job.job_id, { headers: {} })).status).toBe(401);
    await api.call(`GET ${JOBS_PATH}/${job.job_id}`);
    expect(api.simulator.requests.at(-1)?.headers['x-auth-token']).not.toBe(token); // ours, from IAM
    expect(api.simulator.killed()).toEqual([]);
  });

  it('obeys the policy as everybody does', async () => {
    const replies = [
      await api.kill(api.simulator.addJob({ job_name: 'billing-1' }).job_id, withToken(token)),
      await api.kill(api.simulator.addJob({ job_type: 'SparkSql' }).job_id, withToken(token)),
      await api.kill(api.simulator.addJob({ job_type: 'Flink' }).job_id, withToken(token)),
      await api.kill('00000000-0000-4000-8000-000000000000', withToken(token)),
    ];
    expect(replies.map(({ status }) => status)).toEqual([403, 403, 409, 404]);
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });
});

describe('MRS judges the token first', () => {
  const job = '431b135e-c090-489f-b1db-0abe3822b855';
  beforeEach(() => void api.simulator.addJob({ job_id: job }));

  it.each([
    ['a listed cluster', JOBS_PATH],
    ['an unlisted cluster', `/v2/${PROJECT_ID}/clusters/unlisted/job-executions`],
    ['a foreign project', `/v2/ffff/clusters/${ANALYTICS_ID}/job-executions`],
  ])('its 401 is passed on with its own code: %s', async (_case, path) => {
    for (const line of [`POST ${path}/${job}/kill`, `GET ${path}/${job}`]) {
      const reply = await api.call(line, withToken('unknown'));
      expect([reply.status, reply.body]).toEqual([
        401,
        { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: decrypt token fail', request_id: 'request-1' },
      ]);
    }
    expect(asked().filter((line) => line.startsWith('POST'))).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it.each([JOBS_PATH, `/v2/${PROJECT_ID}/clusters/unlisted/job-executions`])('its 403 is passed on: %s', async (path) => {
    api.simulator.fault({ on: 'job', status: 403, body: { error_code: '12000052', error_msg: 'You are not authorized.' } });
    const reply = await api.call(`POST ${path}/${job}/kill`, withToken(token));
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([403, '12000052', 'You are not authorized.']);
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('of the kill too', async () => {
    api.simulator.fault({ on: 'kill', status: 403, body: { error_code: 'APIGW.0304', error_msg: 'Not allowed.' } });
    const reply = await api.kill(job, withToken(token));
    expect([reply.status, reply.body.error_code]).toEqual([403, 'APIGW.0304']);
    expect(api.simulator.kills()).toHaveLength(1);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('then the policy does: an unlisted cluster is refused though the token is good', async () => {
    const reply = await api.call(`POST /v2/${PROJECT_ID}/clusters/unlisted/job-executions/${job}/kill`, withToken(token));
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([403, 'KILL.0403', expect.stringMatching(/^clusters: unlisted /)]);
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('then the policy does: a foreign project is refused though the token is good there', async () => {
    const reply = await send(api.simulator, 'POST /v3/auth/tokens', { body: tokenRequest({ project: { id: 'ffff' } }) });
    const foreign = reply.headers.get('x-subject-token') ?? '';
    const refused = await api.call(`POST /v2/ffff/clusters/${ANALYTICS_ID}/job-executions/${job}/kill`, withToken(foreign));
    expect([refused.status, refused.body.error_msg]).toEqual([403, expect.stringMatching(/^clusters: ffff is not the project of/)]);
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it.each(['listed', 'unlisted'])('who cannot be judged learns nothing of the policy: %s cluster, MRS down', async (which) => {
    api.simulator.fault({ on: 'job', status: 503, times: Infinity });
    const path = which === 'listed' ? JOBS_PATH : `/v2/${PROJECT_ID}/clusters/unlisted/job-executions`;
    const reply = await api.call(`POST ${path}/${job}/kill`, withToken('unknown'));
    expect([reply.status, reply.body.error_msg]).toEqual([502, expect.stringMatching(/^MRS answered HTTP 503: empty answer/)]);
    expect(api.simulator.killed()).toEqual([]);
  });

  const isAStranger = async (value: string): Promise<void> => {
    const reply = await api.kill(job, withToken(value));
    expect([reply.status, reply.body.error_msg]).toEqual([401, 'authentication failed']);
    expect(asked()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  };
  onlyOnAws('HTTP itself lets none of them through').it.each(['a\nb', 'a\u0000b'])('a token that no header can carry is 401 as any other stranger: %j', isAStranger);
  it.each(['tökén', '令牌', ' '])('a token that no header should carry is 401 as any other stranger: %j', isAStranger);
});

describe('whom MRS does not let in', () => {
  const refused = () => api.lines.filter(({ message }) => message === 'a request was refused');
  const written = () => api.ledger.calls.filter(({ on }) => on !== 'get' && on !== 'list');

  it.each([
    ['a token that MRS does not know', 'junk', undefined, 401],
    ['a token of another user', undefined, { status: 403, body: { error_code: '12000052', error_msg: 'You are not authorized.' } }, 403],
    ['a 401 without a code', undefined, { status: 401 }, 401],
  ] as const)('is a refused caller and no ended kill: %s costs one call, leaves nothing in audit and ledger, and nothing was killed', async (_case, sent, fault, status) => {
    const job = api.simulator.addJob();
    for (let time = 1; time <= 3; time++) {
      if (fault) api.simulator.fault({ on: 'job', ...fault });
      const reply = await api.kill(job.job_id, withToken(sent ?? token));
      expect(reply.status).toBe(status);
      expect(asked()).toHaveLength(time);
    }
    expect(api.lines.filter(({ level }) => level === 'audit')).toEqual([]);
    expect(written()).toEqual([]);
    expect(api.counts()).toEqual(Array.from({ length: 3 }, () => ({ metric: 'Unauthorized', dimensions: {} })));
    expect(refused()).toHaveLength(3);
    for (const line of refused()) expect(line).toMatchObject({ level: 'warn', status, source: 'api', cause: 'token refused by MRS', path: `${JOBS_PATH}/${job.job_id}/kill` });
    expect(JSON.stringify(api.lines)).not.toContain(token.slice(0, 40));
    expect(api.simulator.killed()).toEqual([]);
  });

  it('is one for a look as well', async () => {
    const job = api.simulator.addJob();
    expect((await api.call(`GET ${JOBS_PATH}/${job.job_id}`, withToken('junk'))).status).toBe(401);
    expect([api.counts(), refused()]).toMatchObject([[{ metric: 'Unauthorized' }], [{ method: 'GET', cause: 'token refused by MRS' }]]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('nor one whom it cannot judge now: nobody was authenticated, and nothing was killed', async () => {
    api.simulator.fault({ on: 'job', status: 503 });
    expect((await api.kill(api.simulator.addJob().job_id, withToken('junk'))).status).toBe(502);
    expect([api.lines.filter(({ level }) => level === 'audit'), written(), api.counts()]).toEqual([[], [], []]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('at the kill only is refused there, and the kill that was on record has its end', async () => {
    const job = api.simulator.addJob();
    api.simulator.fault({ on: 'kill', status: 403, body: { error_code: 'APIGW.0304', error_msg: 'Not allowed.' } });
    expect((await api.kill(job.job_id, withToken(token))).status).toBe(403);
    expect(api.lines.filter(({ level }) => level === 'audit').map(({ message, outcome }) => [message, outcome])).toEqual([['killing', undefined], ['kill request ended', 'failed']]);
    expect(api.counts()).toContainEqual({ metric: 'Unauthorized', dimensions: {} });
    expect(api.simulator.killed()).toEqual([]);
  });
});

describe('the token of the caller is used once', () => {
  it.each([
    ['0175', { status: 500, body: { error_code: '0175', error_msg: 'Failed to terminate the job.' } }, 500, '0175'],
    ['503', { status: 503 }, 502, 'KILL.0502'],
    ['a broken connection', { hangUp: true } as const, 502, 'KILL.0502'],
    ['401', { status: 401, body: { error_code: 'APIGW.0307', error_msg: 'The token must be updated.' } }, 401, 'APIGW.0307'],
    ['429', { status: 429, headers: { 'Retry-After': '1' } }, 429, 'KILL.0429'],
  ])('for one POST, whatever became of it: %s', async (_case, fault, status, code) => {
    const job = api.simulator.addJob();
    api.simulator.fault({ on: 'kill', times: Infinity, ...fault });
    const reply = await api.kill(job.job_id, withToken(token));
    expect([reply.status, reply.body.error_code]).toEqual([status, code]);
    expect(api.simulator.kills()).toHaveLength(1);
    expect(asked().filter((line) => line.includes('/v3/'))).toEqual([]);
    expect(clock.sleeps).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it.each([
    ['503', { status: 503 }, 502],
    ['a broken connection', { hangUp: true } as const, 502],
    ['429', { status: 429, headers: { 'Retry-After': '1' } }, 429],
    ['401', { status: 401 }, 401],
  ])('for one look, whatever became of it: %s', async (_case, fault, status) => {
    const job = api.simulator.addJob();
    api.simulator.fault({ on: 'job', times: Infinity, ...fault });
    expect((await api.kill(job.job_id, withToken(token))).status).toBe(status);
    expect(asked()).toEqual([`GET ${JOBS_PATH}/${job.job_id}`]);
    expect(clock.sleeps).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('an unanswered POST that worked is seen to have killed', async () => {
    const job = api.simulator.addJob();
    api.simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    const reply = await api.kill(job.job_id, withToken(token));
    expect([reply.status, reply.body.outcome]).toEqual([200, 'killed']);
    expect(api.simulator.kills()).toHaveLength(1);
  });
});
