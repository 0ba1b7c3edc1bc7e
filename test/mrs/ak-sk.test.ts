import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callerToken } from '../../lib/mrs/credentials.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { logIn, PROJECT_ID } from '../simulator/client.ts';
import { type RecordedRequest, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { until } from '../support/until.ts';
import { A_MINUTE, ANALYTICS, connect, KEYS, ONCE } from './connected.ts';

const OTHER_PROJECT = { id: 'ffffffffffffffffffffffffffffffff', name: 'eu-west-101_second' };
/** The cluster where its project's id is known, so that nothing has to be looked up. */
const BY_ID = { ...ANALYTICS, project: { id: PROJECT_ID } };
const WRONG = { ...KEYS, HW_SECRET_KEY: 'wrong-secret-key' };
const HELD = 'no call is made with this access key until 2026-11-22T12:05:00Z, or the gateway would lock it';
const FIVE_MINUTES_MS = 300_000;

let clock: FakeClock;
/** How far the simulator's clock is ahead of ours. */
let aheadMs: number;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  aheadMs = 0;
  simulator = await startSimulator({
    now: () => clock.now() + aheadMs,
    projects: [{ id: PROJECT_ID, name: 'eu-west-101' }, OTHER_PROJECT],
    keys: [
      { access: 'SIMULATORACCESSKEY', secret: 'simulator-secret-key' },
      { access: 'TEMPORARYKEY', secret: 'temporary-secret-key', securityToken: 'a-security-token' },
    ],
  });
});

afterEach(() => simulator.close());

const connected = (keys: typeof KEYS & { HW_SECURITY_TOKEN?: string } = KEYS) => connect({ mrs: simulator.url }, clock, { keys });
const paths = (): string[] => simulator.requests.map(({ path }) => path);
const lookUps = (): RecordedRequest[] => simulator.requests.filter(({ path }) => path === '/v3/projects');
const signedNames = ({ headers }: RecordedRequest): string | undefined => /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1];
const refusal = { status: 401, body: { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: verify aksk signature fail' } };

describe('with AK/SK', () => {
  it('every call is signed, the project with it, and no token is asked for', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, 'no-such-job', ONCE).catch(() => undefined);
    expect((await mrs.job(ANALYTICS, job.job_id, ONCE)).job_id).toBe(job.job_id);
    expect((await Array.fromAsync(mrs.activeJobs(ANALYTICS, ONCE))).flat()).toHaveLength(1);
    expect(await mrs.recentJobs(ANALYTICS, ONCE)).toHaveLength(1);
    expect(await Array.fromAsync(mrs.clusters(ANALYTICS, ONCE))).toHaveLength(2);
    await mrs.kill(ANALYTICS, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);

    const calls = simulator.requests.filter(({ path }) => path !== '/v3/projects');
    expect(calls).toHaveLength(6);
    for (const request of calls) {
      expect(request.headers['x-project-id']).toBe(PROJECT_ID);
      expect(request.headers).not.toHaveProperty('x-auth-token');
      expect(signedNames(request)).toBe('content-type;host;x-language;x-project-id;x-sdk-date');
    }
    expect(simulator.issuedTokens()).toEqual([]);
  });

  it('the security token of temporary keys is sent and signed', async () => {
    const job = simulator.addJob();
    const temporary = { HW_ACCESS_KEY: 'TEMPORARYKEY', HW_SECRET_KEY: 'temporary-secret-key', HW_SECURITY_TOKEN: 'a-security-token' };
    await connected(temporary).mrs.kill(ANALYTICS, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(simulator.requests.map(({ headers }) => headers['x-security-token'])).toEqual(['a-security-token', 'a-security-token']);
    expect(simulator.requests.map(signedNames)).toEqual([
      'content-type;host;x-sdk-date;x-security-token',
      'content-type;host;x-language;x-project-id;x-sdk-date;x-security-token',
    ]);
  });

  it('temporary keys without their security token kill nothing', async () => {
    const job = simulator.addJob();
    const keys = { HW_ACCESS_KEY: 'TEMPORARYKEY', HW_SECRET_KEY: 'temporary-secret-key' };
    await expect(connected(keys).mrs.kill(BY_ID, job.job_id)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    expect(simulator.killed()).toEqual([]);
  });

  it('a repeated read is signed anew, with the time it is sent at', async () => {
    const job = simulator.addJob();
    simulator.fault({ on: 'job', times: 2, status: 503, headers: { 'Retry-After': '1' } });
    await connected().mrs.job(BY_ID, job.job_id, A_MINUTE);
    expect(simulator.requests.map(({ headers }) => headers['x-sdk-date'])).toEqual(['20261122T120000Z', '20261122T120001Z', '20261122T120002Z']);
  });

  it('a call that had to wait for its turn is signed with the time it is sent at', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    simulator.fault({ on: 'job', times: 4, delayMs: 500 });
    const reads = Array.from({ length: 5 }, () => mrs.job(BY_ID, job.job_id, ONCE));
    await until(() => simulator.requests.length === 4);
    clock.pass(60_000);
    await Promise.all(reads);
    expect(simulator.requests.map(({ headers }) => headers['x-sdk-date'])).toEqual([
      '20261122T120000Z', '20261122T120000Z', '20261122T120000Z', '20261122T120000Z', '20261122T120100Z',
    ]);
  });
});

describe('a project that is known by name only', () => {
  it('is looked up at IAM by a signed call that names no project, and never again', async () => {
    const { credentials } = connected();
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
    clock.pass(7 * 24 * 3_600_000);
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
    expect(lookUps()).toMatchObject([{ method: 'GET', query: { name: 'eu-west-101' } }]);
    expect(lookUps().map(signedNames)).toEqual(['content-type;host;x-sdk-date']);
  });

  it('is looked up once for ten callers at the same time', async () => {
    const { credentials } = connected();
    const all = await Promise.all(Array.from({ length: 10 }, () => credentials.authorize(ANALYTICS)));
    expect(new Set(all.map(({ projectId }) => projectId))).toEqual(new Set([PROJECT_ID]));
    expect(lookUps()).toHaveLength(1);
  });

  it('is not mistaken for another one', async () => {
    const { credentials } = connected();
    const second = { ...ANALYTICS, project: { name: OTHER_PROJECT.name } };
    expect(await Promise.all([ANALYTICS, second].map(async (cluster) => (await credentials.authorize(cluster)).projectId))).toEqual([PROJECT_ID, OTHER_PROJECT.id]);
    expect(lookUps()).toHaveLength(2);
  });

  it('is not looked up where its id is given', async () => {
    expect((await connected().credentials.authorize(BY_ID)).projectId).toBe(PROJECT_ID);
    expect(simulator.requests).toEqual([]);
  });

  it.each([
    ['no project', [], '0 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['two projects', [{ id: 'a', name: 'eu-west-101' }, { id: 'b', name: 'eu-west-101' }], '2 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['only a longer name', [{ id: 'a', name: 'eu-west-101_x' }], '0 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['a project without an id', [{ name: 'eu-west-101' }], '1 projects are named eu-west-101; set HW_PROJECT_ID'],
    ['no list', null, 'the answer has no projects'],
  ])('is trouble where IAM has %s: nobody guesses a project, and nothing goes to MRS', async (_, projects, message) => {
    const job = simulator.addJob();
    simulator.fault({ on: 'projects', body: { projects } });
    await expect(connected().mrs.kill(ANALYTICS, job.job_id)).rejects.toMatchObject({ trouble: { service: 'IAM', message } });
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });

  it('is looked up again after trouble, which is not remembered', async () => {
    simulator.fault({ on: 'projects', times: Infinity, status: 503 });
    const { credentials } = connected();
    await expect(credentials.authorize(ANALYTICS)).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'unavailable' } });
    simulator.clearFaults();
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
  });

  it('keeps nobody longer than their own time, and no kill goes out after it', async () => {
    const job = simulator.addJob();
    simulator.fault({ on: 'projects', delayMs: 150 });
    const { mrs, credentials } = connected();
    await expect(mrs.kill(ANALYTICS, job.job_id, AbortSignal.timeout(30))).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'timeout', message: 'no project id in time' } });
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
    await new Promise(setImmediate);
    expect([lookUps().length, simulator.kills(), simulator.killed()]).toEqual([1, [], []]);
  });
});

describe('a signature that is refused', () => {
  it('is not repeated, and the error says that all calls stop and until when', async () => {
    const job = simulator.addJob();
    const failed = connected(WRONG).mrs.job(BY_ID, job.job_id, A_MINUTE);
    await expect(failed).rejects.toMatchObject({ retryable: false, trouble: { service: 'MRS', kind: 'unauthorized', status: 401, errorCode: 'APIGW.0301' } });
    await expect(failed).rejects.toThrow(/^MRS answered APIGW\.0301: Incorrect IAM authentication information: verify aksk signature fail/);
    await expect(failed).rejects.toThrow(HELD);
    expect([simulator.requests.length, clock.sleeps]).toEqual([1, []]);
  });

  it('stops every call of this instance for five minutes: reads, lists, look-ups and kills', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connected(WRONG);
    await expect(mrs.job(BY_ID, job.job_id, A_MINUTE)).rejects.toThrow(HELD);
    clock.pass(FIVE_MINUTES_MS - 1);
    await expect(mrs.job(BY_ID, job.job_id, A_MINUTE)).rejects.toThrow(HELD);
    await expect(Array.fromAsync(mrs.activeJobs(BY_ID, A_MINUTE))).rejects.toThrow(HELD);
    await expect(Array.fromAsync(mrs.clusters(BY_ID, A_MINUTE))).rejects.toThrow(HELD);
    await expect(credentials.authorize(ANALYTICS)).rejects.toThrow(HELD);
    await expect(mrs.kill(BY_ID, job.job_id)).rejects.toMatchObject({ retryable: false, trouble: { kind: 'unauthorized' } });
    expect([simulator.requests.length, clock.sleeps]).toEqual([1, []]);
    clock.pass(1);
    await expect(mrs.job(BY_ID, job.job_id, A_MINUTE)).rejects.toThrow('until 2026-11-22T12:10:00Z');
    expect(simulator.requests).toHaveLength(2);
    expect(simulator.killed()).toEqual([]);
  });

  it('on a kill is the end of that kill, and nothing was killed', async () => {
    const job = simulator.addJob();
    const { mrs } = connected(WRONG);
    for (let time = 1; time <= 3; time++) await expect(mrs.kill(BY_ID, job.job_id)).rejects.toThrow(HELD);
    expect([simulator.kills().length, simulator.killed()]).toEqual([1, []]);
  });

  it('by IAM stops the calls to MRS too', async () => {
    const job = simulator.addJob();
    const { mrs } = connected(WRONG);
    await expect(mrs.job(ANALYTICS, job.job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'unauthorized' } });
    await expect(mrs.kill(BY_ID, job.job_id)).rejects.toThrow(HELD);
    expect([paths(), simulator.killed()]).toEqual([['/v3/projects'], []]);
  });

  it('does not lock the key, even where fifty calls are made at once', async () => {
    const job = simulator.addJob();
    const { mrs } = connected(WRONG);
    const projects = Array.from({ length: 10 }, (_, number) => ({ ...ANALYTICS, project: { name: `project-${number}` } }));
    const ends = await Promise.allSettled([
      ...Array.from({ length: 20 }, () => mrs.kill(BY_ID, job.job_id)),
      ...Array.from({ length: 20 }, () => mrs.job(BY_ID, job.job_id, A_MINUTE)),
      ...projects.map((cluster) => mrs.job(cluster, job.job_id, A_MINUTE)),
    ]);
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(simulator.requests.length).toBeLessThan(5);
    expect(simulator.killed()).toEqual([]);
    // Locked, it would be refused now.
    expect(await connected().mrs.recentJobs(BY_ID, ONCE)).toHaveLength(1);
  });

  it('once the key is right again is forgotten after the five minutes', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    simulator.fault({ on: 'job', ...refusal });
    await expect(mrs.job(BY_ID, job.job_id, A_MINUTE)).rejects.toThrow(HELD);
    clock.pass(FIVE_MINUTES_MS);
    expect((await mrs.job(BY_ID, job.job_id, A_MINUTE)).job_id).toBe(job.job_id);
    await mrs.kill(BY_ID, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it("does not stop callers with a token of their own, and theirs that is refused does not stop us", async () => {
    const job = simulator.addJob();
    const token = await logIn(simulator);
    const { mrs, mrsAs } = connected();
      await expect(mrsAs(callerToken(new Secret('made-up'), PROJECT_ID)).job(BY_ID, job.job_id, ONCE)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    expect((await mrs.job(BY_ID, job.job_id, ONCE)).job_id).toBe(job.job_id);
    simulator.fault({ on: 'job', ...refusal });
    await expect(mrs.job(BY_ID, job.job_id, ONCE)).rejects.toThrow(HELD);
    expect((await mrsAs(callerToken(new Secret(token), PROJECT_ID)).job(BY_ID, job.job_id, ONCE)).job_id).toBe(job.job_id);
  });

  it.each([
    ['a 403', { status: 403, body: { error_code: 'APIGW.0302', error_msg: 'not allowed' } }],
    ['a throttle', { status: 429, body: { error_code: 'APIGW.0308', error_msg: 'policy user over ratelimit,limit:10' } }],
    ['a 500', { status: 500 }],
    ['a refused kill', { status: 500, body: { error_code: '0175', error_msg: 'Failed to terminate the job.' } }],
  ])('is not what %s says: the calls go on', async (_, fault) => {
    const job = simulator.addJob();
    const { mrs } = connected();
    simulator.fault({ on: 'kill', ...fault });
    await expect(mrs.kill(BY_ID, job.job_id)).rejects.toMatchObject({ trouble: { service: 'MRS' } });
    await mrs.kill(BY_ID, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
  });
});

describe('a signature that has expired', () => {
  it.each([
    [901_000, '; our clock is 15 min 1 s behind: 2026-11-22T12:00:00Z here, 2026-11-22T12:15:01Z there; set it right; '],
    [-7_200_000, '; our clock is 120 min 0 s ahead: 2026-11-22T12:00:00Z here, 2026-11-22T10:00:00Z there; set it right; '],
  ])("is explained by both clocks (the gateway's %i ms ahead), and is not repeated", async (ahead, explanation) => {
    const job = simulator.addJob();
    aheadMs = ahead;
    const failed = connected().mrs.kill(BY_ID, job.job_id);
    await expect(failed).rejects.toMatchObject({ retryable: false, trouble: { kind: 'unauthorized', errorCode: 'APIGW.0301' } });
    await expect(failed).rejects.toThrow(`${explanation}${HELD}`);
    expect([simulator.requests.length, simulator.killed(), clock.sleeps]).toEqual([1, [], []]);
  });

  it('is none where the clocks are fifteen minutes apart, not more', async () => {
    const job = simulator.addJob();
    aheadMs = 900_000;
    await connected().mrs.kill(ANALYTICS, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it.each([
    ["the answer's own date", { Date: 'Sun, 22 Nov 2026 12:20:30 GMT' }, '; our clock is 20 min 30 s behind: 2026-11-22T12:00:00Z here, 2026-11-22T12:20:30Z there; set it right'],
    ['nothing at all', { Date: 'unknown' }, '; our clock says 2026-11-22T12:00:00Z: see whether it is right'],
  ])("is explained by %s where the message does not tell the gateway's time", async (_, headers, explanation) => {
    simulator.fault({ on: 'job', status: 401, headers, body: { error_code: 'APIG.0301', error_msg: 'Incorrect IAM authentication information: Signature expired' } });
    await expect(connected().mrs.job(BY_ID, 'a-job', ONCE)).rejects.toThrow(`Signature expired${explanation}`);
  });
});
