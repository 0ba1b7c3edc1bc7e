import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TroubleKind, UpstreamFailed } from '../../lib/core/errors.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import type { FaultTarget } from '../simulator/faults.ts';
import { BROKEN_KILL_ERROR } from '../simulator/mrs-error.ts';
import { type Fault, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { GENEROUS_MS, timeOutWhen } from '../support/until.ts';
import { ANALYTICS, connect } from './connected.ts';

let clock: FakeClock;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ now: () => clock.now() });
});

afterEach(() => simulator.close());

type KillFault = Omit<Fault, 'on' | 'times'>;
const mrsError = (errorCode: string): object => ({ error_code: errorCode, error_msg: 'words' });

const REFUSALS: [string, KillFault, TroubleKind][] = [
  ['0175 with 500', { status: 500, body: mrsError('0175') }, 'kill-refused'],
  ['0175 with 400', { status: 400, body: mrsError('0175') }, 'kill-refused'],
  ['0175 a comma short of JSON', { status: 500, body: BROKEN_KILL_ERROR }, 'kill-refused'],
  ['0160', { status: 500, body: mrsError('0160') }, 'kill-refused'],
  ['0200', { status: 500, body: mrsError('0200') }, 'kill-refused'],
  ['0176', { status: 400, body: mrsError('0176') }, 'not-found'],
  ['0180', { status: 500, body: mrsError('0180') }, 'busy'],
  ['0192', { status: 400, body: mrsError('0192') }, 'rejected'],
  ['a missing cluster', { status: 400, body: { errorCode: '12000003', errorMsg: 'words' } }, 'not-found'],
  ['401', { status: 401, body: mrsError('APIGW.0301') }, 'unauthorized'],
  ['a token to be updated', { status: 401, body: mrsError('APIGW.0307') }, 'unauthorized'],
  ['403', { status: 403, body: mrsError('APIGW.0302') }, 'forbidden'],
  ['404 in HTML', { status: 404, body: '<html>no</html>' }, 'rejected'],
  ['429 with Retry-After', { status: 429, body: mrsError('APIGW.0308'), headers: { 'Retry-After': '1' } }, 'throttled'],
  ['429 with Retry-After: 0', { status: 429, headers: { 'Retry-After': '0' } }, 'throttled'],
  ['500 without a body', { status: 500 }, 'unavailable'],
  ['502 in HTML', { status: 502, body: '<html>Bad Gateway</html>' }, 'unavailable'],
  ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '1' } }, 'unavailable'],
  ['504', { status: 504, body: mrsError('APIGW.0201') }, 'unavailable'],
  ['a redirect', { status: 307, headers: { Location: '/elsewhere' } }, 'rejected'],
  ['a hang-up', { hangUp: true }, 'unreachable'],
  ['silence', { hang: true }, 'timeout'],
  ['a late refusal', { status: 500, body: mrsError('0175'), delayMs: 20 }, 'kill-refused'],
  ['an answer after the time', { delayMs: 60_000, status: 202 }, 'timeout'],
];

/** Where MRS is silent the time is up once the kill has reached it; everything else is heard in time. */
const timeFor = (kind: TroubleKind): AbortSignal => (kind === 'timeout' ? timeOutWhen(() => simulator.kills().length > 0) : AbortSignal.timeout(GENEROUS_MS));

describe('a kill is sent once and never repeated by the client', () => {
  it.each(REFUSALS)('on %s', async (_, fault, kind) => {
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', times: Infinity, ...fault });
    const { mrs } = connect({ mrs: simulator.url }, clock);
    await expect(mrs.kill(ANALYTICS, job.job_id, timeFor(kind))).rejects.toMatchObject({ trouble: { service: 'MRS', kind } });
    expect(simulator.kills()).toHaveLength(1);
    expect(clock.sleeps).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(REFUSALS.filter(([, { status }]) => status === undefined || status >= 500))('on %s that had its effect all the same', async (_, fault, kind) => {
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', times: Infinity, ...fault, thenDo: 'effect' });
    const { mrs } = connect({ mrs: simulator.url }, clock);
    await expect(mrs.kill(ANALYTICS, job.job_id, timeFor(kind))).rejects.toMatchObject({ trouble: { kind } });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it.each<[string, KillFault]>([
    ['202 without a body', {}],
    ['202 with a body', { status: 202, body: '{"result":"succeeded"}', thenDo: 'effect' }],
    ['200', { status: 200, body: '', thenDo: 'effect' }],
    ['204', { status: 204, thenDo: 'effect' }],
    ['200 that is no JSON', { status: 200, body: '<html>', thenDo: 'effect' }],
    ['202 a little late', { delayMs: 50 }],
  ])('and accepted with any 2xx: %s', async (_, fault) => {
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', ...fault });
    const { mrs } = connect({ mrs: simulator.url }, clock);
    await expect(mrs.kill(ANALYTICS, job.job_id)).resolves.toBe(true);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('without a body, with a content type, our token, and the project in its path', async () => {
    const job = simulator.addJob();
    await connect({ mrs: simulator.url }, clock, { language: 'zh-cn' }).mrs.kill(ANALYTICS, job.job_id);
    expect(simulator.kills()).toMatchObject([
      {
        path: `/v2/0a1b2c3d4e5f60718293a4b5c6d7e8f9/clusters/${ANALYTICS.id}/job-executions/${job.job_id}/kill`,
        body: '',
        headers: { 'content-type': 'application/json', 'content-length': '0', 'x-language': 'zh-cn', 'x-auth-token': simulator.issuedTokens()[0] },
      },
    ]);
  });

  it('on a token that died early; the next attempt, which somebody else has to make, has a new one', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connect({ mrs: simulator.url }, clock);
    await credentials.authorize(ANALYTICS);
    simulator.expireTokens();
    await expect(mrs.kill(ANALYTICS, job.job_id)).rejects.toMatchObject({ trouble: { kind: 'unauthorized', errorCode: 'APIGW.0307' } });
    expect([simulator.kills().length, simulator.issuedTokens().length, simulator.killed()]).toEqual([1, 1, []]);
    await mrs.kill(ANALYTICS, job.job_id);
    expect([simulator.kills().length, simulator.issuedTokens().length, simulator.killed()]).toEqual([2, 2, [job.job_id]]);
  });
});

describe('a kill is not sent at all', () => {
  it('where its time is up', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connect({ mrs: simulator.url }, clock);
    await credentials.authorize(ANALYTICS);
    await expect(mrs.kill(ANALYTICS, job.job_id, AbortSignal.abort())).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });

  it('where its time is up while it waits behind ten calls', async () => {
    const job = simulator.addJob();
    const { mrs, credentials } = connect({ mrs: simulator.url }, clock);
    await credentials.authorize(ANALYTICS);
    simulator.fault({ on: 'job', times: 10, delayMs: 200 });
    const reads = Array.from({ length: 10 }, () => mrs.job(ANALYTICS, job.job_id, { retryForMs: 0 }));
    await expect(mrs.kill(ANALYTICS, job.job_id, AbortSignal.timeout(50))).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    await Promise.all(reads);
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });

  it.each<[string, KillFault & { on: FaultTarget }]>([
    ['refuses', { on: 'token', status: 401, body: { error: { code: 401, message: 'wrong', title: 'Unauthorized' } } }],
    ['is down', { on: 'token', status: 503 }],
    ['hangs up', { on: 'token', hangUp: true }],
    ['gives no token', { on: 'token', status: 201, body: '{}' }],
  ])('where IAM %s', async (_, fault) => {
    const job = simulator.addJob();
    simulator.fault({ times: Infinity, ...fault });
    const failed = await connect({ mrs: simulator.url }, clock).mrs.kill(ANALYTICS, job.job_id).catch((error: unknown) => error as UpstreamFailed);
    expect(failed).toMatchObject({ trouble: { service: 'IAM' } });
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });
});
