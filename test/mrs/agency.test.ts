import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { until } from '../support/until.ts';
import { AGENCY, ANALYTICS, connect, ONCE } from './connected.ts';

const BY_ID = { ...ANALYTICS, project: { id: PROJECT_ID } };
const KEYS_PATH = '/openstack/latest/securitykey';
const MINUTE_MS = 60_000;
const LIFE_MS = 3 * 60 * MINUTE_MS;
const NEVER_SHOWN = /agency-secret|agency-token|HST[0-9A-F]{16}/;

let clock: FakeClock;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ now: clock.now, agencyKeyLifeMs: LIFE_MS });
  simulator.agency.bind();
});

afterEach(() => simulator.close());

const connected = () => connect({ mrs: simulator.url }, clock, { keys: AGENCY });
const asked = (): number => simulator.requests.filter(({ path }) => path === KEYS_PATH).length;
const toMrs = () => simulator.requests.filter(({ path }) => path !== KEYS_PATH);
/** Whose keys the calls were signed with, each once. */
const accessKeys = (): Set<string | undefined> => new Set(toMrs().map(({ headers }) => /Access=(\w+)/.exec(headers.authorization ?? '')?.[1]));
const failureOf = async (call: Promise<unknown>): Promise<UpstreamFailed> => {
  const failed = await call.then(() => undefined, (error: unknown) => error);
  if (failed instanceof UpstreamFailed) return failed;
  throw new Error('it did not fail', { cause: failed });
};

describe("with the keys of the server's agency", () => {
  it('every call is signed, and carries and signs the security token', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(ANALYTICS, job.job_id, ONCE);
    await mrs.kill(ANALYTICS, job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(toMrs().every(({ headers }) => String(headers['x-security-token']).startsWith('agency-token-'))).toBe(true);
    expect([asked(), accessKeys().size, simulator.issuedTokens()]).toEqual([1, 1, []]);
  });

  it('they are asked for before the first call only, and once for ten callers', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    expect(asked()).toBe(0);
    await Promise.all(Array.from({ length: 10 }, () => mrs.job(BY_ID, job.job_id, ONCE)));
    expect(asked()).toBe(1);
  });

  it('they are asked for anew from 15 minutes before they are over, once a minute, while those in hand serve', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    const read = () => mrs.job(BY_ID, job.job_id, ONCE);
    await read();
    clock.pass(LIFE_MS - 15 * MINUTE_MS - 1);
    await read();
    expect(asked()).toBe(1);
    clock.pass(1);
    simulator.fault({ on: 'agency', hang: true });
    await Promise.all([read(), read(), read()]);
    await until(() => asked() === 2);
    clock.pass(MINUTE_MS - 1);
    await read();
    expect([asked(), accessKeys().size]).toEqual([2, 1]);
  });

  it('new ones take over before the old are over', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    clock.pass(LIFE_MS - 10 * MINUTE_MS);
    simulator.agency.rotate();
    await credentials.authorize(BY_ID);
    await until(() => asked() === 2);
    for (let reads = 0; reads < 50 && accessKeys().size === 1; reads++) await mrs.job(BY_ID, job.job_id, ONCE);
    clock.pass(20 * MINUTE_MS); // the first are over
    await mrs.kill(BY_ID, job.job_id);
    expect([simulator.killed(), asked()]).toEqual([[job.job_id], 2]);
  });

  it('keys that are over are never used', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    clock.pass(LIFE_MS);
    await mrs.kill(BY_ID, job.job_id);
    expect([simulator.killed(), asked(), accessKeys().size]).toEqual([[job.job_id], 2, 2]);
    expect(toMrs().map(({ answeredStatus }) => answeredStatus)).not.toContain(401);
  });
});

describe('a 401', () => {
  it('asks for new keys once, which are free of the pause that the old ones have', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    simulator.agency.revoke();
    simulator.agency.rotate();
    expect((await mrs.job(BY_ID, job.job_id, ONCE)).job_id).toBe(job.job_id);
    expect([asked(), toMrs().map(({ answeredStatus }) => answeredStatus)]).toEqual([2, [202, 401, 202]]);
  });

  it('is no second request to MRS where the keys are the same still: they are left alone for five minutes', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    simulator.agency.revoke();
    for (let times = 0; times < 5; times++) {
      expect((await failureOf(mrs.job(BY_ID, job.job_id, ONCE))).message).toContain('no call is made with this access key until 2026-11-22T12:05:00Z');
    }
    await failureOf(mrs.kill(BY_ID, job.job_id));
    expect([toMrs().length, asked(), simulator.killed()]).toEqual([2, 2, []]);
  });

  it('is over as soon as there are new keys: they are asked for once a minute', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    simulator.agency.revoke();
    await failureOf(mrs.job(BY_ID, job.job_id, ONCE));
    simulator.agency.rotate();
    clock.pass(MINUTE_MS - 1);
    await failureOf(mrs.job(BY_ID, job.job_id, ONCE));
    clock.pass(1);
    expect((await mrs.job(BY_ID, job.job_id, ONCE)).job_id).toBe(job.job_id);
    expect(asked()).toBe(3);
  });

  it('at the kill is for the next attempt, which has new keys; this one sends nothing twice', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    simulator.agency.revoke();
    simulator.agency.rotate();
    expect((await failureOf(mrs.kill(BY_ID, job.job_id))).trouble).toMatchObject({ service: 'MRS', kind: 'unauthorized' });
    expect([simulator.kills().length, simulator.killed()]).toEqual([1, []]);
    await mrs.kill(BY_ID, job.job_id);
    expect([simulator.kills().length, simulator.killed()]).toEqual([2, [job.job_id]]);
  });

  it('of IAM, where the project is looked up, asks for new keys too', async () => {
    const { credentials } = connected();
    await credentials.authorize(BY_ID);
    simulator.agency.revoke();
    simulator.agency.rotate();
    expect((await credentials.authorize(ANALYTICS)).projectId).toBe(PROJECT_ID);
    expect(asked()).toBe(2);
  });
});

describe('trouble with the keys', () => {
  it('is repeated while it may pass', async () => {
    const job = simulator.addJob();
    simulator.fault({ on: 'agency', status: 503 });
    simulator.fault({ on: 'agency', hangUp: true });
    await connected().mrs.kill(BY_ID, job.job_id);
    expect([simulator.killed(), asked()]).toEqual([[job.job_id], 3]);
  });

  it.each([
    ['unavailable', { status: 500, body: { error_code: 'agency-secret-0123456789abcdef', error_msg: 'agency-token-1' } }],
    ['unreachable', { hangUp: true }],
    ['throttled', { status: 429 }],
  ] as const)('is retryable trouble of ECS where the service is %s for long: nothing goes to MRS, and nothing was killed', async (kind, fault) => {
    const job = simulator.addJob();
    simulator.fault({ on: 'agency', times: Infinity, ...fault });
    const failed = await failureOf(connected().mrs.kill(BY_ID, job.job_id));
    expect(failed).toMatchObject({ retryable: true, trouble: { service: 'ECS', kind } });
    expect(inspect(failed, { depth: Infinity, showHidden: true })).not.toMatch(NEVER_SHOWN);
    expect([toMrs(), simulator.killed()]).toEqual([[], []]);
  });

  it('ends the wait of who has no more time, and serves the others', async () => {
    const job = simulator.addJob();
    simulator.fault({ on: 'agency', delayMs: 200 });
    const { mrs } = connected();
    const impatient = new AbortController();
    const [failed, other] = [failureOf(mrs.job(BY_ID, job.job_id, { ...ONCE, signal: impatient.signal })), mrs.job(BY_ID, job.job_id, ONCE)];
    await until(() => asked() === 1);
    impatient.abort();
    expect((await failed).message).toBe('ECS gave no answer: no keys in time');
    expect([(await other).job_id, asked()]).toEqual([job.job_id, 1]);
  });

  it('is said with what to do where the server has no agency, and nothing was killed', async () => {
    const job = simulator.addJob();
    simulator.agency.unbind();
    const failed = await failureOf(connected().mrs.kill(BY_ID, job.job_id));
    expect(failed.message).toBe('ECS answered HTTP 404: this server has no agency: bind one that may use MRS to it in the ECS console, or give AK/SK instead of HW_CREDENTIALS=ecs');
    expect([failed.retryable, asked(), toMrs(), simulator.killed()]).toEqual([false, 1, [], []]);
  });

  const good = { access: 'HSTA', secret: 'agency-secret-1', securitytoken: 'agency-token-1', expires_at: '2026-11-22T15:00:00.000000Z' };
  it.each<[string, string | object]>([
    ['credential', { ...good }],
    ['credential', '<html>agency-secret-1</html>'],
    ['credential.access', { credential: { ...good, access: undefined } }],
    ['credential.secret', { credential: { ...good, secret: '' } }],
    ['credential.secret', { credential: { ...good, secret: 'agency-secret-1\r\nx: y' } }],
    ['credential.securitytoken', { credential: { ...good, securitytoken: 7 } }],
    ['credential.expires_at', { credential: { ...good, expires_at: undefined } }],
    ['credential.expires_at', { credential: { ...good, expires_at: 'soon' } }],
  ])('names what an answer lacks: %s (%#), without what it has', async (missing, body) => {
    simulator.fault({ on: 'agency', times: Infinity, status: 200, body });
    const failed = await failureOf(connected().credentials.authorize(BY_ID));
    expect(failed).toMatchObject({ retryable: true, message: `ECS answered HTTP 200: the answer has no ${missing}` });
    expect(inspect(failed, { depth: Infinity, showHidden: true })).not.toMatch(/agency-secret|agency-token/);
  });

  it('names both clocks where the keys are over when they come', async () => {
    simulator.fault({ on: 'agency', times: Infinity, status: 200, body: { credential: { ...good, expires_at: '2026-11-22T11:59:00.000000Z' } } });
    const failed = await failureOf(connected().credentials.authorize(BY_ID));
    expect(failed.message).toContain('the keys of the agency were over at 2026-11-22T11:59:00.000Z; our clock says 2026-11-22T12:00:00.000Z');
    expect(failed.retryable).toBe(true);
  });

  it('is none while those in hand serve: a server whose agency was taken away ends when its keys do', async () => {
    const job = simulator.addJob();
    const { mrs } = connected();
    await mrs.job(BY_ID, job.job_id, ONCE);
    simulator.agency.unbind();
    clock.pass(LIFE_MS - 1);
    await mrs.job(BY_ID, job.job_id, ONCE);
    await until(() => asked() === 2);
    clock.pass(1);
    expect((await failureOf(mrs.kill(BY_ID, job.job_id))).message).toContain('this server has no agency');
    expect(simulator.killed()).toEqual([]);
  });
});

describe('the keys themselves', () => {
  it('show in no part that holds them', async () => {
    const { credentials, mrs } = connected();
    const authorization = await credentials.authorize(ANALYTICS);
    expect(inspect([credentials, mrs, authorization], { depth: Infinity, showHidden: true })).not.toMatch(NEVER_SHOWN);
  });
});
