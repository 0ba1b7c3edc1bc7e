import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOBS_PATH, logIn } from '../simulator/client.ts';
import { API_TOKEN, OURS, type RestApi, startRestApi } from '../stage/rest.ts';

let api: RestApi;
let jobId: string;
beforeAll(async () => {
  api = await startRestApi({ env: { API_PASS_THROUGH: 'false', API_TOKENS: `ci:${API_TOKEN},ops:other-token-0123456789` } });
  jobId = api.simulator.addJob().job_id;
});
afterAll(() => api.close());

const nothingWasSent = (): void => {
  expect(api.simulator.requests).toEqual([]);
  expect(api.simulator.killed()).toEqual([]);
};

describe('who does not prove who they are', () => {
  const strangers: [string, Record<string, string>][] = [
    ['no header', {}],
    ['an empty header', { authorization: '' }],
    ['the scheme alone', { authorization: 'Bearer' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['a wrong token', { authorization: 'Bearer rest-token-9999999999' }],
    ['the beginning of a token', { authorization: `Bearer ${API_TOKEN.slice(0, -1)}` }],
    ['a token and more', { authorization: `Bearer ${API_TOKEN}x` }],
    ['a token in upper case', { authorization: `Bearer ${API_TOKEN.toUpperCase()}` }],
    ['two tokens', { authorization: `Bearer ${API_TOKEN}, Bearer ${API_TOKEN}` }],
    ['a whole entry of API_TOKENS', { authorization: `Bearer ci:${API_TOKEN}` }],
    ['the token without a scheme', { authorization: API_TOKEN }],
    ['scheme Basic', { authorization: `Basic ${Buffer.from(`ci:${API_TOKEN}`).toString('base64')}` }],
    ['our token in the header of IAM', { 'x-auth-token': API_TOKEN }],
    ['an empty IAM token', { 'x-auth-token': '' }],
    ['__proto__', { authorization: 'Bearer __proto__' }],
  ];

  it.each(strangers)('gets 401 in the same words: %s', async (_case, headers) => {
    for (const line of [`POST ${JOBS_PATH}/${jobId}/kill`, `GET ${JOBS_PATH}/${jobId}`]) {
      const reply = await api.call(line, { headers });
      expect([reply.status, reply.headers['www-authenticate'], reply.body]).toEqual([
        401, 'Bearer', { error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'request-1' },
      ]); // prettier-ignore
    }
    nothingWasSent();
  });

  it('gets it with an IAM token that is good, where such are switched off', async () => {
    const token = await logIn(api.simulator);
    api.simulator.requests.splice(0);
    const reply = await api.kill(jobId, { headers: { 'x-auth-token': token } });
    expect([reply.status, reply.body.error_msg]).toEqual([401, 'authentication failed']);
    nothingWasSent();
  });

  it('gets it where no token is set at all', async () => {
    const closed = await startRestApi({ env: { API_TOKENS: '', API_PASS_THROUGH: 'false' } });
    try {
      expect((await closed.kill(jobId, { headers: { authorization: 'Bearer ' } })).status).toBe(401);
      expect((await closed.kill(jobId, { headers: { authorization: 'Bearer undefined' } })).status).toBe(401);
      expect(closed.simulator.requests).toEqual([]);
    } finally {
      await closed.close();
    }
  });
});

describe('who sends two proofs', () => {
  it.each([
    ['both right', { ...OURS, 'x-auth-token': 'anything' }],
    ['both wrong', { authorization: 'Basic eA==', 'x-auth-token': 'anything' }],
  ])('gets 400, %s', async (_case, headers) => {
    const reply = await api.kill(jobId, { headers });
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([
      400, 'KILL.0400', 'send either Authorization or X-Auth-Token, not both',
    ]); // prettier-ignore
    nothingWasSent();
  });
});

describe('who has a token of ours', () => {
  it.each([
    ['bearer in lower case', { authorization: `bearer ${API_TOKEN}` }],
    ['header name in capitals', { AUTHORIZATION: `Bearer ${API_TOKEN}` }],
    ['the second of several', { Authorization: 'Bearer other-token-0123456789' }],
  ])('is let in: %s', async (_case, headers) => {
    expect((await api.call(`GET ${JOBS_PATH}/${jobId}`, { headers })).status).toBe(200);
  });

  it('is known by its name in the audit, and the token stands in no line', async () => {
    await api.call(`POST ${JOBS_PATH}/${jobId}/kill`, { headers: { authorization: 'Bearer other-token-0123456789' } });
    expect(api.lines.filter(({ level }) => level === 'audit').map((line) => line['requested_by'])).toEqual(['ops', 'ops']);
    expect(JSON.stringify(api.lines)).not.toContain('token-0123456789');
  });
});
