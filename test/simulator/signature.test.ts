import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID, type Reply, send } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE_MS = 60_000;
const KEY = { access: 'SIMULATORACCESSKEY', secret: 'simulator-secret-key' };
const TEMPORARY = { access: 'TEMPORARYKEY', secret: 'temporary-secret', securityToken: 'a-security-token' };
const REFUSED = 'Incorrect IAM authentication information: ';

type Headers = Record<string, string>;
type Request = { endpoint: string; method: string; headers: Headers; queryParams: Headers };
// Requests are signed by Huawei's own code: what it accepts is not merely what ours sends.
const { AKSKSigner } = createRequire(import.meta.url)('@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js') as {
  AKSKSigner: { sign: (request: Request, credential: object) => Headers };
};

let now: number;
let simulator: Simulator;

beforeEach(async () => {
  now = NOON;
  simulator = await startSimulator({ now: () => now, keys: [KEY, TEMPORARY] });
});

afterEach(() => simulator.close());

type Options = { access?: string; secret?: string; at?: string; headers?: Headers; query?: Headers };

/** The headers of a signed request, all of them signed. */
function sign(method: string, path: string, { access = KEY.access, secret = KEY.secret, at = '20261122T120000Z', headers = {}, query = {} }: Options = {}): Headers {
  const credential = { getAk: () => access, getSk: () => secret };
  const given = { 'content-type': 'application/json', 'x-project-id': PROJECT_ID, 'X-Sdk-Date': at, ...headers };
  const { host: _host, ...signed } = AKSKSigner.sign({ endpoint: simulator.url + path, method, headers: given, queryParams: query }, credential);
  return signed;
}

const list = (options: Options = {}): Promise<Reply> => {
  const search = new URLSearchParams(options.query).toString();
  return send(simulator, `GET ${JOBS_PATH}${search === '' ? '' : `?${search}`}`, { headers: sign('GET', JOBS_PATH, options) });
};
const killPath = (jobId: string): `/v2/${string}` => `/v2/${PROJECT_ID}/clusters/${ANALYTICS_ID}/job-executions/${jobId}/kill`;
const said = async (reply: Promise<Reply>): Promise<unknown[]> => {
  const { status, text, json } = await reply;
  return text === '' ? [status] : [status, json().error_code, json().error_msg];
};

describe('a signature', () => {
  it('that is right is taken, with a query in any order', async () => {
    expect((await list()).status).toBe(202);
    expect((await list({ query: { limit: '10', job_result: 'UNDEFINED', offset: '1' } })).status).toBe(202);
  });

  it('opens a kill', async () => {
    const { job_id } = simulator.addJob();
    const path = killPath(job_id);
    expect((await send(simulator, `POST ${path}`, { headers: sign('POST', path) })).status).toBe(202);
    expect(simulator.killed()).toEqual([job_id]);
  });

  it("that is wrong is refused with the gateway's canonical request, and kills nothing", async () => {
    const { job_id } = simulator.addJob();
    const path = killPath(job_id);
    const reply = await send(simulator, `POST ${path}`, { headers: sign('POST', path, { secret: 'another-secret' }) });
    expect([reply.status, reply.json().error_code]).toEqual([401, 'APIGW.0301']);
    expect(reply.json().error_msg).toBe(
      `${REFUSED}verify aksk signature fail, canonicalRequest:POST|${path}/||content-type:application/json|host:${new URL(simulator.url).host}|` +
        `x-project-id:${PROJECT_ID}|x-sdk-date:20261122T120000Z||content-type;host;x-project-id;x-sdk-date|` +
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(simulator.killed()).toEqual([]);
  });

  it.each<[string, (headers: Headers) => Headers, string]>([
    ['another method', (headers) => headers, 'POST'],
    ['another header', (headers) => ({ ...headers, 'content-type': 'text/plain' }), 'GET'],
    ['another project', (headers) => ({ ...headers, 'x-project-id': 'ffffffffffffffffffffffffffffffff' }), 'GET'],
    ['a later date', (headers) => ({ ...headers, 'X-Sdk-Date': '20261122T120001Z' }), 'GET'],
  ])('of one request is none for %s', async (_, change, signedAs) => {
    const reply = await send(simulator, `GET ${JOBS_PATH}`, { headers: change(sign(signedAs, JOBS_PATH)) });
    expect([reply.status, reply.json().error_code]).toEqual([401, 'APIGW.0301']);
  });

  it('does not cover another query or another body', async () => {
    expect((await send(simulator, `GET ${JOBS_PATH}?limit=5`, { headers: sign('GET', JOBS_PATH) })).status).toBe(401);
    const path = killPath('a-job');
    expect((await send(simulator, `POST ${path}`, { headers: sign('POST', path), body: '{}' })).status).toBe(401);
  });

  it('by an unknown key is refused by name', async () => {
    expect(await said(list({ access: 'UNKNOWN' }))).toEqual([401, 'APIGW.0301', `${REFUSED}Get secretKey failed,ak:UNKNOWN,err:ak not exist`]);
    expect(simulator.killed()).toEqual([]);
  });

  it('opens no project but the one it names', async () => {
    const other = { headers: { 'x-project-id': 'ffffffffffffffffffffffffffffffff' } };
    expect(await said(list(other))).toEqual([400, '12000107', 'Invalid project ID.']);
    const unknown = '/v1.1/00000000000000000000000000000000/cluster_infos';
    const headers = sign('GET', unknown, { headers: { 'x-project-id': '00000000000000000000000000000000' } });
    expect((await send(simulator, `GET ${unknown}`, { headers })).json().error_code).toBe('12000107');
  });

  it('finds projects at IAM, and a wrong one is refused there in the same words', async () => {
    const query = { name: 'eu-west-101' };
    const good = await send(simulator, 'GET /v3/projects?name=eu-west-101', { headers: sign('GET', '/v3/projects', { query }) });
    expect(good.json().projects).toMatchObject([{ id: PROJECT_ID }]);
    const bad = await send(simulator, 'GET /v3/projects?name=eu-west-101', { headers: sign('GET', '/v3/projects', { query, secret: 'wrong' }) });
    expect([bad.status, bad.json().error_code]).toEqual([401, 'APIGW.0301']);
  });

  it('is taken unseen where IAM is not simulated, since nobody knows its keys', async () => {
    const mrs = await startSimulator({ now: () => now, parts: ['mrs'] });
    try {
      expect((await send(mrs, `GET ${JOBS_PATH}`, { headers: sign('GET', JOBS_PATH, { access: 'UNKNOWN' }) })).status).toBe(202);
    } finally {
      await mrs.close();
    }
  });
});

describe('the date of a signature', () => {
  it.each(['20261122T114500Z', '20261122T121500Z'])('may be a quarter of an hour off: %s', async (at) => {
    expect((await list({ at })).status).toBe(202);
  });

  it.each(['20261122T114459Z', '20261122T121501Z'])('may not be further off, and both times are told: %s', async (at) => {
    expect(await said(list({ at }))).toEqual([
      401, 'APIGW.0301', `${REFUSED}calc aksk signature fail:signature expired, signature time:${at},server time:20261122T120000Z`,
    ]);
  });
});

describe('a temporary key', () => {
  const temporary = { access: TEMPORARY.access, secret: TEMPORARY.secret };

  it('needs its security token, signed', async () => {
    expect((await list({ ...temporary, headers: { 'x-security-token': 'a-security-token' } })).status).toBe(202);
    expect(await said(list(temporary))).toEqual([401, 'APIGW.0301', `${REFUSED}verify security token fail`]);
    expect((await list({ ...temporary, headers: { 'x-security-token': 'another' } })).status).toBe(401);
    const unsigned = { ...sign('GET', JOBS_PATH, temporary), 'x-security-token': 'a-security-token' };
    expect((await send(simulator, `GET ${JOBS_PATH}`, { headers: unsigned })).status).toBe(401);
  });

  it('is no permanent one with a token added', async () => {
    expect((await list({ headers: { 'x-security-token': 'a-security-token' } })).status).toBe(401);
  });
});

describe('five bad signatures in a row', () => {
  const bad = async (times: number): Promise<void> => {
    for (let time = 1; time <= times; time++) expect((await list({ secret: 'wrong' })).status).toBe(401);
  };
  const at = (time: string) => ({ at: `20261122T${time}Z` });

  it('lock the key for five minutes, for good ones too', async () => {
    await bad(5);
    expect(await said(list())).toEqual([401, 'APIGW.0301', `${REFUSED}AK access failed to reach the limit,forbidden.`]);
    now = NOON + 5 * MINUTE_MS - 1;
    expect((await list(at('120500'))).status).toBe(401);
    now = NOON + 5 * MINUTE_MS;
    expect((await list(at('120500'))).status).toBe(202);
  });

  it('lock nothing with a good one among them', async () => {
    await bad(4);
    expect((await list()).status).toBe(202);
    await bad(4);
    expect((await list()).status).toBe(202);
  });

  it('do not lock another key', async () => {
    await bad(5);
    const { access, secret, securityToken } = TEMPORARY;
    expect((await list({ access, secret, headers: { 'x-security-token': securityToken } })).status).toBe(202);
  });
});
