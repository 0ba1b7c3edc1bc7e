import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, logIn, PROJECT_ID, send, tokenRequest } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const SECOND_PROJECT = { id: 'ffffffffffffffffffffffffffffffff', name: 'eu-west-101_second' };

let now: number;
let simulator: Simulator;

beforeEach(async () => {
  now = NOON;
  simulator = await startSimulator({ now: () => now, projects: [{ id: PROJECT_ID, name: 'eu-west-101' }, SECOND_PROJECT] });
});

afterEach(() => simulator.close());

describe('a token', () => {
  it('comes in a header, is about 4 KB, its own each time, and lives for 24 hours', async () => {
    const reply = await send(simulator, 'POST /v3/auth/tokens?nocatalog=true', { body: tokenRequest() });
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({
      token: {
        issued_at: '2026-11-22T12:00:00.000000Z',
        expires_at: '2026-11-23T12:00:00.000000Z',
        project: { id: PROJECT_ID, name: 'eu-west-101' },
        user: { name: 'killswitch', domain: { name: 'simulator' } },
      },
    });
    expect(reply.json().token).not.toHaveProperty('catalog');
    const token = reply.headers.get('x-subject-token') ?? '';
    expect(token.length).toBeGreaterThan(4_000);
    expect(simulator.issuedTokens()).toEqual([token]);
    expect(await logIn(simulator)).not.toBe(token);
  });

  it('brings the catalog along where nobody declines it', async () => {
    const reply = await send(simulator, 'POST /v3/auth/tokens', { body: tokenRequest() });
    expect(reply.json().token).toHaveProperty('catalog');
  });

  it('is scoped by project id or by project name, and opens that project only', async () => {
    const reply = await send(simulator, 'POST /v3/auth/tokens', { body: tokenRequest({ project: { id: SECOND_PROJECT.id } }) });
    expect(reply.json().token.project.name).toBe('eu-west-101_second');
    const jobs = await send(simulator, `GET ${JOBS_PATH}`, { token: reply.headers.get('x-subject-token') ?? '' });
    expect([jobs.status, jobs.json().error_code]).toEqual([400, '12000107']);
    expect((await send(simulator, `GET ${JOBS_PATH}`, { token: await logIn(simulator) })).status).toBe(202);
  });

  it.each([
    ['a wrong password', tokenRequest({ project: { name: 'eu-west-101' } }, 'wrong'), 'The username or password is wrong.'],
    ['an unknown project', tokenRequest({ project: { name: 'nowhere' } }), 'The project does not exist.'],
  ])('is refused for %s in the shape of Keystone', async (_, body, message) => {
    const reply = await send(simulator, 'POST /v3/auth/tokens', { body });
    expect(reply.status).toBe(401);
    expect(reply.json()).toEqual({ error: { code: 401, message, title: 'Unauthorized' } });
    expect(reply.headers.has('x-subject-token')).toBe(false);
  });

  it('is refused with 400 for a body that is no request for one', async () => {
    expect((await send(simulator, 'POST /v3/auth/tokens', { body: '{' })).status).toBe(400);
  });
});

describe('MRS', () => {
  const codeFor = async (headers: Record<string, string>): Promise<unknown[]> => {
    const reply = await send(simulator, `GET ${JOBS_PATH}`, { headers });
    return [reply.status, reply.json().error_code];
  };

  it('answers 401 APIGW.0301 to no token and to an unknown one', async () => {
    expect(await codeFor({})).toEqual([401, 'APIGW.0301']);
    expect(await codeFor({ 'X-Auth-Token': 'made-up' })).toEqual([401, 'APIGW.0301']);
  });

  it('kills nothing for a stranger', async () => {
    const { job_id } = simulator.addJob();
    const reply = await send(simulator, `POST ${JOBS_PATH}/${job_id}/kill`, { token: 'made-up' });
    expect(reply.status).toBe(401);
    expect(simulator.killed()).toEqual([]);
  });

  it('answers APIGW.0301 once a token is 24 hours old', async () => {
    const token = await logIn(simulator);
    now = NOON + 24 * 3_600_000 - 1;
    expect(await codeFor({ 'X-Auth-Token': token })).toEqual([202, undefined]);
    now = NOON + 24 * 3_600_000;
    expect(await codeFor({ 'X-Auth-Token': token })).toEqual([401, 'APIGW.0301']);
  });

  it('answers APIGW.0307 to a token that died early, and takes a new one', async () => {
    const token = await logIn(simulator);
    simulator.expireTokens();
    expect(await codeFor({ 'X-Auth-Token': token })).toEqual([401, 'APIGW.0307']);
    expect(await codeFor({ 'X-Auth-Token': await logIn(simulator) })).toEqual([202, undefined]);
  });

  it('takes a header of 32 KB', async () => {
    expect(await codeFor({ 'X-Auth-Token': 'x'.repeat(32_768) })).toEqual([401, 'APIGW.0301']);
  });
});

describe('projects', () => {
  it('are found by their name, with a token', async () => {
    const token = await logIn(simulator);
    const named = await send(simulator, 'GET /v3/projects?name=eu-west-101', { token });
    expect(named.status).toBe(200);
    expect(named.json().projects).toMatchObject([{ id: PROJECT_ID, name: 'eu-west-101', enabled: true }]);
    expect((await send(simulator, 'GET /v3/projects', { token })).json().projects).toHaveLength(2);
    expect((await send(simulator, 'GET /v3/projects')).json().error.code).toBe(401);
  });
});

describe('clusters', () => {
  it('are listed by v1.1 in camelCase, page by page', async () => {
    const token = await logIn(simulator);
    const reply = await send(simulator, `GET /v1.1/${PROJECT_ID}/cluster_infos?pageSize=1&currentPage=2`, { token });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ clusterTotal: 2, clusters: [{ clusterName: 'dev', clusterState: 'running', tenantId: PROJECT_ID }] });
    expect(reply.json().clusters[0].createAt).toMatch(/^\d{10}$/);
  });

  it('are filtered by state, where existing means all but the terminated', async () => {
    const states = { a: 'running', b: 'terminated', c: 'frozen' };
    const own = await startSimulator({
      clusters: Object.entries(states).map(([name, state]) => ({ id: name, name, projectId: PROJECT_ID, state })),
    });
    const token = await logIn(own);
    const namesOf = async (query: string): Promise<string[]> =>
      (await send(own, `GET /v1.1/${PROJECT_ID}/cluster_infos${query}`, { token })).json().clusters.map((cluster: any) => cluster.clusterName);
    expect(await namesOf('')).toEqual(['a', 'b', 'c']);
    expect(await namesOf('?clusterState=existing')).toEqual(['a', 'c']);
    expect(await namesOf('?clusterState=history')).toEqual(['b']);
    expect(await namesOf('?clusterState=frozen')).toEqual(['c']);
    await own.close();
  });

  it('are shown one by one, a missing one as 12000003', async () => {
    const token = await logIn(simulator);
    const reply = await send(simulator, `GET /v1.1/${PROJECT_ID}/cluster_infos/${ANALYTICS_ID}`, { token });
    expect(reply.json().cluster).toMatchObject({ clusterId: ANALYTICS_ID, clusterName: 'analytics' });
    const missing = await send(simulator, `GET /v1.1/${PROJECT_ID}/cluster_infos/none`, { token });
    expect([missing.status, missing.json().error_code]).toEqual([400, '12000003']);
    expect((await send(simulator, `GET /v1.1/${PROJECT_ID}/cluster_infos`)).status).toBe(401);
  });
});

describe('parts', () => {
  it('that were not asked for are not there; MRS without IAM takes any token', async () => {
    const mrsOnly = await startSimulator({ parts: ['mrs'] });
    expect((await send(mrsOnly, 'POST /v3/auth/tokens', { body: tokenRequest() })).json().error_code).toBe('APIGW.0101');
    expect((await send(mrsOnly, `GET ${JOBS_PATH}`, { token: 'of-another-iam' })).status).toBe(202);
    expect((await send(mrsOnly, `GET ${JOBS_PATH}`)).status).toBe(401);
    await mrsOnly.close();
  });
});
