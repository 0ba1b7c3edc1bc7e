import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Authorization } from '../../lib/mrs/credentials.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { type RecordedRequest, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { A_MINUTE, ANALYTICS, connect, DEV, ONCE } from './connected.ts';

const OTHER_PROJECT = { id: 'ffffffffffffffffffffffffffffffff', name: 'eu-west-101_second' };

let clock: FakeClock;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ now: () => clock.now(), projects: [{ id: PROJECT_ID, name: 'eu-west-101' }, OTHER_PROJECT] });
});

afterEach(() => simulator.close());

const connected = (password?: string) => connect({ mrs: simulator.url }, clock, password === undefined ? {} : { password });
const tokenRequests = (): RecordedRequest[] => simulator.requests.filter(({ path }) => path === '/v3/auth/tokens');
const tokenOf = (authorization: Authorization): string =>
  authorization.sign({ method: 'GET', url: new URL(simulator.url), headers: {} }).headers['x-auth-token'] ?? '';

describe('a token', () => {
  it('is asked for as IAM documents it: password, domain, project scope, no catalog', async () => {
    await connected().credentials.authorize(ANALYTICS);
    const [request] = tokenRequests();
    expect([request?.method, request?.query, request?.headers['content-type']]).toEqual(['POST', { nocatalog: 'true' }, 'application/json']);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'killswitch', password: 'simulator-password', domain: { name: 'simulator' } } },
        },
        scope: { project: { name: 'eu-west-101' } },
      },
    });
  });

  it('comes with the project id that the path needs, whether the project is known by name or by id', async () => {
    const { credentials } = connected();
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
    expect((await credentials.authorize(DEV)).projectId).toBe(PROJECT_ID);
    expect(tokenRequests().map(({ body }) => JSON.parse(body).auth.scope.project)).toEqual([{ name: 'eu-west-101' }, { id: PROJECT_ID }]);
  });

  it('is asked for once for ten callers at the same time', async () => {
    const { credentials } = connected();
    const authorizations = await Promise.all(Array.from({ length: 10 }, () => credentials.authorize(ANALYTICS)));
    expect(new Set(authorizations.map(tokenOf))).toEqual(new Set(simulator.issuedTokens()));
    expect(tokenRequests()).toHaveLength(1);
  });

  it('is refused once for ten callers at the same time', async () => {
    const { credentials } = connected('wrong-password');
    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => credentials.authorize(ANALYTICS)));
    expect(ends.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'rejected'));
    expect(tokenRequests()).toHaveLength(1);
  });

  it('is kept until five minutes before it expires, and not longer', async () => {
    const { credentials } = connected();
    const first = tokenOf(await credentials.authorize(ANALYTICS));
    clock.pass(Date.parse('2026-11-23T11:54:59Z') - clock.now());
    expect(tokenOf(await credentials.authorize(ANALYTICS))).toBe(first);
    clock.pass(1_000);
    expect(tokenOf(await credentials.authorize(ANALYTICS))).not.toBe(first);
    expect(tokenRequests()).toHaveLength(2);
  });

  it.each([
    ['', ''],
    ['not JSON', 'Created'],
    ['without a date', '{"token":{"project":{"id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9"}}}'],
    ['with nonsense for a date', '{"token":{"expires_at":"soon","project":{"id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9"}}}'],
  ])('whose body is %s is used, but kept for ten minutes only', async (_, body) => {
    simulator.fault({ on: 'token', body, thenDo: 'effect' });
    const { credentials } = connected();
    const first = await credentials.authorize(ANALYTICS);
    expect([tokenOf(first), first.projectId]).toEqual([simulator.issuedTokens()[0], PROJECT_ID]);
    clock.pass(9 * 60_000);
    expect(tokenOf(await credentials.authorize(ANALYTICS))).toBe(tokenOf(first));
    clock.pass(60_000);
    expect(tokenOf(await credentials.authorize(ANALYTICS))).not.toBe(tokenOf(first));
  });

  it('belongs to one project: another one gets its own', async () => {
    const { credentials } = connected();
    const second = { ...ANALYTICS, project: { name: OTHER_PROJECT.name } };
    const [mine, theirs] = [await credentials.authorize(ANALYTICS), await credentials.authorize(second)];
    expect([mine.projectId, theirs.projectId]).toEqual([PROJECT_ID, OTHER_PROJECT.id]);
    expect(tokenOf(mine)).not.toBe(tokenOf(theirs));
    credentials.renew(second, theirs);
    await credentials.authorize(ANALYTICS);
    expect(tokenRequests()).toHaveLength(2);
  });

  it('of several KB reaches MRS whole', async () => {
    const mrs = await startSimulator({ now: () => clock.now(), parts: ['mrs'] });
    try {
      const token = `MII${'A'.repeat(20_000)}`;
      simulator.fault({ on: 'token', headers: { 'X-Subject-Token': token } });
      const job = mrs.addJob();
      await connect({ mrs: mrs.url, iam: simulator.url }, clock).mrs.job(ANALYTICS, job.job_id, ONCE);
      expect(mrs.requests[0]?.headers['x-auth-token']).toBe(token);
    } finally {
      await mrs.close();
    }
  });

  it('that an answer lacks is trouble with IAM, and is not kept as an empty one', async () => {
    simulator.fault({ on: 'token', status: 201, body: { token: {} } });
    const { credentials } = connected();
    await expect(credentials.authorize(ANALYTICS)).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'unavailable' } });
    expect(tokenOf(await credentials.authorize(ANALYTICS))).toBe(simulator.issuedTokens()[0]);
  });
});

describe('a token whose answer does not say the project id', () => {
  const silent = { on: 'token', status: 201, body: { token: { expires_at: '2026-11-23T12:00:00.000000Z' } }, thenDo: 'effect' } as const;

  it('has it looked up by the exact name', async () => {
    simulator.fault(silent);
    simulator.fault({ on: 'projects', body: { projects: [{ id: 'wrong', name: 'eu-west-101_x' }, { id: 'right', name: 'eu-west-101' }] } });
    expect((await connected().credentials.authorize(ANALYTICS)).projectId).toBe('right');
    expect(simulator.requests.find(({ path }) => path === '/v3/projects')?.query).toEqual({ name: 'eu-west-101' });
  });

  it.each([
    ['no project', [], '0 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['two projects', [{ id: 'a', name: 'eu-west-101' }, { id: 'b', name: 'eu-west-101' }], '2 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['a project without an id', [{ name: 'eu-west-101' }], '1 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['nothing at all', [null], '0 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['no list', null, 'the answer has no projects'],
  ])('is trouble where %s has that name: nobody guesses a project', async (_, projects, message) => {
    simulator.fault(silent);
    simulator.fault({ on: 'projects', body: { projects } });
    await expect(connected().credentials.authorize(ANALYTICS)).rejects.toMatchObject({ trouble: { service: 'IAM', message } });
  });
});

describe('a token that MRS refuses', () => {
  it('is renewed once, and the read is repeated at once', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connected();
    await credentials.authorize(ANALYTICS);
    simulator.expireTokens();
    expect((await mrs.job(ANALYTICS, job.job_id, A_MINUTE)).job_id).toBe(job.job_id);
    expect([tokenRequests().length, clock.sleeps]).toEqual([2, []]);
  });

  it('is renewed once, not twice, where the new one is refused too', async () => {
    simulator.fault({ on: 'job', times: Infinity, status: 401, body: { error_code: 'APIGW.0301', error_msg: 'decrypt token fail' } });
    const job = simulator.addJob();
    await expect(connected().mrs.job(ANALYTICS, job.job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'unauthorized', service: 'MRS' } });
    expect(simulator.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['tokens', job.job_id, 'tokens', job.job_id]);
  });

  it.each([
    ['APIGW.0307', 401],
    ['APIG.0301', 401],
    ['12000001', 401],
    ['130000002', 500],
  ])('is renewed whatever words MRS has for it: %s with %i', async (errorCode, status) => {
    simulator.fault({ on: 'job', status, body: { error_code: errorCode, error_msg: 'refused' } });
    const job = simulator.addJob();
    await connected().mrs.job(ANALYTICS, job.job_id, ONCE);
    expect(tokenRequests()).toHaveLength(2);
  });

  it('is renewed once for ten callers who are refused at the same time', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connected();
    await credentials.authorize(ANALYTICS);
    simulator.expireTokens();
    await Promise.all(Array.from({ length: 10 }, () => mrs.job(ANALYTICS, job.job_id, A_MINUTE)));
    expect(tokenRequests()).toHaveLength(2);
  });

  it('does not throw away the newer one that somebody else has fetched meanwhile', async () => {
    const { credentials } = connected();
    const old = await credentials.authorize(ANALYTICS);
    credentials.renew(ANALYTICS, old);
    const fresh = await credentials.authorize(ANALYTICS);
    expect(credentials.renew(ANALYTICS, old)).toBe(true);
    expect(tokenOf(await credentials.authorize(ANALYTICS))).toBe(tokenOf(fresh));
    expect(tokenRequests()).toHaveLength(2);
  });

  it('is not renewed where MRS says forbidden', async () => {
    simulator.fault({ on: 'job', status: 403, body: { error_code: 'APIGW.0302', error_msg: 'not allowed' } });
    const job = simulator.addJob();
    await expect(connected().mrs.job(ANALYTICS, job.job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'forbidden' } });
    expect(tokenRequests()).toHaveLength(1);
  });
});

describe('a wrong password', () => {
  it('is not repeated, and nothing goes to MRS', async () => {
    await expect(connected('wrong-password').mrs.job(ANALYTICS, 'a-job', A_MINUTE)).rejects.toMatchObject({
      trouble: { service: 'IAM', kind: 'unauthorized', status: 401, message: 'The username or password is wrong.' },
    });
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/v3/auth/tokens']);
    expect(clock.sleeps).toEqual([]);
  });

  it('is tried three times and then not for five minutes, or IAM would lock the user', async () => {
    const { credentials } = connected('wrong-password');
    for (let time = 1; time <= 6; time++) await expect(credentials.authorize(ANALYTICS)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    await expect(credentials.authorize(DEV)).rejects.toThrow('no further try for 5 minutes');
    expect(tokenRequests()).toHaveLength(3);
    clock.pass(5 * 60_000 - 1);
    await expect(credentials.authorize(ANALYTICS)).rejects.toThrow('no further try for 5 minutes');
    expect(tokenRequests()).toHaveLength(3);
    clock.pass(1);
    await expect(credentials.authorize(ANALYTICS)).rejects.toThrow('The username or password is wrong.');
    expect(tokenRequests()).toHaveLength(4);
  });

  it('does not lock the user either where many projects are asked for at once', async () => {
    const { credentials } = connected('wrong-password');
    const projects = Array.from({ length: 12 }, (_, number) => ({ ...ANALYTICS, project: { name: `project-${number}` } }));
    await Promise.allSettled(projects.map((cluster) => credentials.authorize(cluster)));
    expect(tokenRequests().length).toBeGreaterThanOrEqual(3);
    expect(tokenRequests().length).toBeLessThan(5);
  });

  it('counts anew after a right one', async () => {
    const { credentials } = connected();
    simulator.fault({ on: 'token', times: 2, status: 401, body: { error: { code: 401, message: 'wrong', title: 'Unauthorized' } } });
    for (let time = 1; time <= 2; time++) await expect(credentials.authorize(ANALYTICS)).rejects.toThrow('wrong');
    credentials.renew(ANALYTICS, await credentials.authorize(ANALYTICS));
    simulator.fault({ on: 'token', times: 2, status: 401, body: { error: { code: 401, message: 'wrong', title: 'Unauthorized' } } });
    for (let time = 1; time <= 2; time++) await expect(credentials.authorize(ANALYTICS)).rejects.toThrow('wrong');
    await expect(credentials.authorize(ANALYTICS)).resolves.toMatchObject({ projectId: PROJECT_ID });
  });

  it('lets no kill go out', async () => {
    const job = simulator.addJob();
    await expect(connected('wrong-password').mrs.kill(ANALYTICS, job.job_id)).rejects.toMatchObject({ trouble: { service: 'IAM' } });
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });
});

describe('IAM in trouble', () => {
  it.each([
    ['500 in its own shape', { status: 500, body: { error: { code: 500, message: 'internal', title: 'Internal Server Error' } } }],
    ['an HTML page', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['503 without a body', { status: 503, headers: { 'Retry-After': '2' } }],
    ['a throttle', { status: 429, body: { error_code: 'APIGW.0308', error_msg: 'policy user over ratelimit,limit:10' } }],
    ['a hang-up', { hangUp: true }],
  ] as const)('is asked again after %s', async (_, fault) => {
    simulator.fault({ on: 'token', times: 2, ...fault });
    await connected().credentials.authorize(ANALYTICS);
    expect(tokenRequests()).toHaveLength(3);
    expect(clock.sleeps).toHaveLength(2);
  });

  it('is given up after ten seconds, and does not count as a refusal of the password', async () => {
    simulator.fault({ on: 'token', times: Infinity, status: 503 });
    const { credentials } = connected();
    for (let time = 1; time <= 4; time++) await expect(credentials.authorize(ANALYTICS)).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'unavailable', status: 503 } });
    expect(clock.now()).toBeLessThanOrEqual(Date.parse('2026-11-22T12:00:40Z'));
    simulator.clearFaults();
    await expect(credentials.authorize(ANALYTICS)).resolves.toMatchObject({ projectId: PROJECT_ID });
  });

  it('keeps nobody longer than their own time, and others get the token all the same', async () => {
    simulator.fault({ on: 'token', delayMs: 300 });
    const { credentials } = connected();
    const patient = credentials.authorize(ANALYTICS);
    await expect(credentials.authorize(ANALYTICS, AbortSignal.timeout(50))).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'timeout' } });
    await expect(credentials.authorize(ANALYTICS, AbortSignal.abort())).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    expect(tokenOf(await patient)).toBe(simulator.issuedTokens()[0]);
    expect(tokenRequests()).toHaveLength(1);
  });

  it('that answers after the time of a kill lets no kill go out', async () => {
    const job = simulator.addJob();
    simulator.fault({ on: 'token', delayMs: 200 });
    const { mrs, credentials } = connected();
    await expect(mrs.kill(ANALYTICS, job.job_id, AbortSignal.timeout(50))).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'timeout' } });
    await credentials.authorize(ANALYTICS); // the late token has come
    await new Promise(setImmediate);
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });
});
