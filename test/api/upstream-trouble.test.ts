import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { JOBS_PATH } from '../simulator/client.ts';
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

describe('trouble of MRS or IAM', () => {
  it.each([
    ['MRS answers 503', { on: 'job', status: 503 } as const, /^MRS answered HTTP 503/],
    ['MRS hangs up', { on: 'job', hangUp: true } as const, /^MRS gave no answer: connection failed/],
    ['MRS answers something else', { on: 'job', status: 200, body: '<html></html>' } as const, /^MRS answered HTTP 200: the answer has no job_detail/],
    ['IAM answers 500', { on: 'token', status: 500 } as const, /^IAM answered HTTP 500/],
    ['IAM hangs up', { on: 'token', hangUp: true } as const, /^IAM gave no answer/],
    ['IAM gives no token', { on: 'token', status: 201, body: {} } as const, /^IAM answered HTTP 201: the answer has no X-Subject-Token/],
    ['our user is forbidden', { on: 'job', status: 403, body: { error_code: '12000052', error_msg: 'No.' } } as const, /^MRS answered 12000052/],
    ['our user is not synchronised', { on: 'job', status: 400, body: { error_code: '0192', error_msg: 'No.' } } as const, /^MRS answered 0192/],
    ['our token is refused for good', { on: 'job', status: 401, body: { error_code: 'APIGW.0307', error_msg: 'No.' } } as const, /^MRS answered APIGW\.0307/],
  ])('is a 502 where %s', async (_case, fault, message) => {
    const { simulator, kill } = await start();
    simulator.fault({ ...fault, times: Infinity });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body]).toEqual([
      502, { error_code: 'KILL.0502', error_msg: expect.stringMatching(message), request_id: 'request-1' },
    ]); // prettier-ignore
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('is a 502 for who only looks, too', async () => {
    const { simulator, call } = await start();
    simulator.fault({ on: 'job', status: 503, times: Infinity });
    const { status, body } = await call(`GET ${JOBS_PATH}/${simulator.addJob().job_id}`);
    expect([status, body.error_msg]).toEqual([502, expect.stringMatching(/^MRS answered HTTP 503/)]);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(['MRS_ENDPOINT', 'HW_AUTH_URL'])('is a 502 where nobody listens at %s', async (setting) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { simulator, kill } = await start({ env: { [setting]: `http://127.0.0.1:${port}` } });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([502, expect.stringMatching(/gave no answer: connection failed \(ECONNREFUSED\)$/)]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('is a 502 where our password is wrong, and the password stands nowhere', async () => {
    const { simulator, kill } = await start({ env: { HW_USER_PASSWORD: 'a-wrong-password' } });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code]).toEqual([502, 'KILL.0502']);
    expect(reply.text + JSON.stringify(api.lines)).not.toContain('a-wrong-password');
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/v3/auth/tokens']);
    expect(simulator.killed()).toEqual([]);
  });

  it('of IAM, met only at the POST, is a 502 too: a code of IAM is no word of MRS on the job', async () => {
    const { simulator, kill } = await start({ onLine: ({ message }) => void (message === 'killing' && clock.sleep(24 * 3_600_000)) });
    let tokens = 0;
    simulator.fault({ on: 'token', status: 400, body: { error_code: '1100', error_msg: 'No.' }, times: Infinity, when: () => ++tokens > 1 });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([502, 'KILL.0502', expect.stringMatching(/^the job could not be read before the kill: IAM answered 1100: No\./)]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('that passes within seconds is not noticed', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    simulator.fault({ on: 'token', status: 503 });
    simulator.fault({ on: 'job', hangUp: true });
    expect((await kill(job.job_id)).status).toBe(202);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('a token that dies between look and POST is renewed', async () => {
    const { simulator, kill } = await start({ onLine: ({ message }) => void (message === 'killing' && simulator.expireTokens()) });
    const job = simulator.addJob();
    expect((await kill(job.job_id)).status).toBe(202);
    expect(simulator.issuedTokens()).toHaveLength(2);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('that throttles is a 429 that says when to come back', async () => {
    const { simulator, kill } = await start();
    const throttled = { status: 429, headers: { 'Retry-After': '60' }, body: { error_code: 'APIGW.0308', error_msg: 'Throttled.' } };
    const job = simulator.addJob();
    for (const on of ['job', 'kill'] as const) {
      simulator.fault({ on, ...throttled });
      const reply = await kill(job.job_id);
      expect([reply.status, reply.headers['retry-after'], reply.body.error_code]).toEqual([429, '60', 'KILL.0429']);
    }
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('that throttles without saying how long is a 429 with Retry-After too', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'job', status: 429, times: Infinity });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, expect.stringMatching(/^[1-9]\d*$/)]);
    expect(simulator.killed()).toEqual([]);
  });

  it('that throttles a kill for a moment only is waited for', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', status: 429, headers: { 'Retry-After': '3' } });
    expect((await kill(job.job_id)).status).toBe(202);
    expect(clock.sleeps).toEqual([3_000]);
    expect(simulator.kills()).toHaveLength(2);
    expect(simulator.killed()).toEqual([job.job_id]);
  });
});
