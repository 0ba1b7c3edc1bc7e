import { afterEach, describe, expect, it } from '@jest/globals';
import { BROKEN_KILL_ERROR } from '../simulator/mrs-error.ts';
import { type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

const START_MS = 1_795_000_000_000;

let api: RestApi;
let clock: SteppingClock;
afterEach(() => api.close());

/** The API on a clock that waits in no time. */
async function start(options: RestApiOptions = {}): Promise<RestApi> {
  clock = createSteppingClock(START_MS);
  api = await startRestApi({ clock, ...options });
  return api;
}

const failedToTerminate = { error_msg: 'Failed to terminate the job.', error_code: '0175' };

describe('a kill that MRS refuses', () => {
  it.each([
    ['as 500', { status: 500, body: failedToTerminate }],
    ['as 400', { status: 400, body: failedToTerminate }],
    ['as the JSON of the documentation, a comma short', { status: 500, body: BROKEN_KILL_ERROR }],
    ['under the other names of its fields', { status: 400, body: { errorCode: '0175', errorMsg: 'Failed to terminate the job.' } }],
  ])('is a 500 with code and words of MRS: 0175 %s', async (_case, answer) => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', times: Infinity, ...answer });
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body]).toEqual([500, { ...failedToTerminate, request_id: 'request-1' }]);
    expect(simulator.kills()).toHaveLength(2); // MRS's own advice is to try once more
    expect(simulator.killed()).toEqual([]);
  });

  it('once, and takes it then, is accepted', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', status: 500, body: failedToTerminate });
    expect((await kill(job.job_id)).body.outcome).toBe('accepted');
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(clock.sleeps).toEqual([2_000]);
  });

  it.each([
    ['SUCCEEDED', 'finished-first'],
    ['FAILED', 'finished-first'],
    ['KILLED', 'killed'],
  ] as const)('since it ended meanwhile, result %s, is %s', async (result, outcome) => {
    const { simulator, kill } = await start({ onLine: ({ message }) => void (message === 'killing' && simulator.endJob(jobId, result)) });
    const jobId = simulator.addJob().job_id;
    const reply = await kill(jobId);
    expect([reply.status, reply.body.outcome]).toEqual([200, outcome]);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(['0192', '0167', '12000002'])('with %s, which will not pass, is not sent again', async (error_code) => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', status: 400, body: { error_code, error_msg: 'No.' }, times: Infinity });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([500, error_code, 'No.']);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('as long as it is busy is sent three times, 2 s and 4 s apart', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', status: 500, body: { error_code: '0180', error_msg: 'Busy.' }, times: Infinity });
    expect((await kill(simulator.addJob().job_id)).body.error_code).toBe('0180');
    expect(simulator.kills().map(({ at }) => at - START_MS)).toEqual([0, 2_000, 6_000]);
    expect(simulator.killed()).toEqual([]);
  });

  it('since the job is gone is a 404', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    let looks = 0;
    simulator.fault({ on: 'job', status: 400, body: { error_code: '0176', error_msg: 'The job does not exist.' }, when: () => ++looks > 1 });
    simulator.fault({ on: 'kill', status: 500, body: failedToTerminate });
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body.error_code]).toEqual([404, 'KILL.0404']);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });
});

describe('a kill without an answer', () => {
  it('that worked is seen to have killed, and is not sent again', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body.outcome]).toEqual([200, 'killed']);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('that works only later is waited for, and is not sent again', async () => {
    const { simulator, kill } = await start({ simulator: { killDelayMs: 8_000 } });
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', status: 504, body: '<html>Gateway Time-out</html>', thenDo: 'effect' });
    expect((await kill(job.job_id)).body.outcome).toBe('killed');
    expect(simulator.kills()).toHaveLength(1);
    expect(clock.sleeps).toEqual([10_000]);
  });

  it.each([
    ['a broken connection', { hangUp: true } as const],
    ['502 of the gateway', { status: 502, body: '<html></html>' }],
    ['504 of the gateway', { status: 504, body: { error_code: 'APIGW.0608', error_msg: 'Timed out.' } }],
  ])('that did nothing is sent at most three times, never within 10 s: %s', async (_case, fault) => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', times: Infinity, ...fault });
    const reply = await kill(simulator.addJob().job_id, { remainingMs: 120_000 });
    expect([reply.status, reply.body.error_code]).toEqual([502, 'KILL.0502']);
    expect(reply.body.error_msg).toMatch(/may still take effect: look at the job before you send it again$/);
    expect(simulator.kills().map(({ at }) => at - START_MS)).toEqual([0, 10_000, 20_000]);
    expect(simulator.killed()).toEqual([]);
  });

  it('is sent no more often than the time of the function allows', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', times: Infinity, hangUp: true });
    expect((await kill(simulator.addJob().job_id)).status).toBe(502);
    expect(simulator.kills().map(({ at }) => at - START_MS)).toEqual([0, 10_000, 20_000]);
    expect(clock.now() - START_MS).toBeLessThanOrEqual(27_000);
    expect(simulator.killed()).toEqual([]);
  });

  it.each([
    ['MRS', { status: 500, body: { error_code: '0175', error_msg: 'Failed to terminate the job.' } }, 500, '0175', /^Failed to terminate the job\.; a kill was sent and/],
    ['the gateway', { status: 403, body: { error_code: 'APIGW.0304', error_msg: 'Not allowed.' } }, 502, 'KILL.0502', /^MRS answered APIGW\.0304: Not allowed\. .*; a kill was sent and/],
  ] as const)('is not hidden where the next one is refused by %s', async (_, refusal, status, code, message) => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', hangUp: true });
    simulator.fault({ on: 'kill', times: Infinity, ...refusal });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([status, code, expect.stringMatching(message)]);
    expect(reply.body.error_msg).toMatch(/may still take effect: look at the job before you send it again$/);
    expect(simulator.killed()).toEqual([]);
  });

  it('is not sent again where the job cannot be read', async () => {
    const { simulator, kill } = await start();
    let looks = 0;
    simulator.fault({ on: 'job', status: 503, times: Infinity, when: () => ++looks > 1 });
    simulator.fault({ on: 'kill', hangUp: true });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([502, expect.stringMatching(/may still take effect/)]);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });
});
