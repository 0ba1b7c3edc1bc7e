import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { callerToken, tokenFingerprint } from '../../lib/mrs/credentials.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { logIn, PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { A_MINUTE, ANALYTICS, connect } from './connected.ts';

let clock: FakeClock;
let simulator: Simulator;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ now: () => clock.now() });
});

afterEach(() => simulator.close());

describe("a caller's own token", () => {
  it('is handed to MRS as it came, and IAM is not asked', async () => {
    const token = await logIn(simulator);
    simulator.requests.splice(0);
    const job = simulator.addJob();
    await connect({ mrs: simulator.url }, clock).mrsAs(callerToken(new Secret(token), PROJECT_ID)).job(ANALYTICS, job.job_id, A_MINUTE);
    expect(simulator.requests.map(({ method, headers }) => [method, headers['x-auth-token']])).toEqual([['GET', token]]);
  });

  it('that MRS refuses is never replaced by ours, for a read or for a kill', async () => {
    const job = simulator.addJob();
    const connection = connect({ mrs: simulator.url }, clock);
    await connection.mrs.job(ANALYTICS, job.job_id, A_MINUTE); // ours is there and good
    simulator.requests.splice(0);
    const theirs = connection.mrsAs(callerToken(new Secret('not-a-token'), PROJECT_ID));
    await expect(theirs.job(ANALYTICS, job.job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'unauthorized', errorCode: 'APIGW.0301' } });
    await expect(theirs.kill(ANALYTICS, job.job_id)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    expect(simulator.requests.map(({ headers }) => headers['x-auth-token'])).toEqual(['not-a-token', 'not-a-token']);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(['tok\u20acn-0123456789', 'two\r\nlines: 1'])('that no header can carry reaches nobody (%#)', async (token) => {
    const job = simulator.addJob();
    const theirs = connect({ mrs: simulator.url }, clock).mrsAs(callerToken(new Secret(token), PROJECT_ID));
    await expect(theirs.kill(ANALYTICS, job.job_id)).rejects.toMatchObject({ trouble: { service: 'MRS' } });
    expect([simulator.requests, simulator.killed()]).toEqual([[], []]);
  });

  it('is called by the first 8 digits of its SHA-256 in the audit', () => {
    expect(tokenFingerprint(new Secret('abc'))).toBe('ba7816bf');
  });
});
