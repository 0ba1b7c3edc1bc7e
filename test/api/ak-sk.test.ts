import { afterEach, describe, expect, it } from '@jest/globals';
import { JOBS_PATH, logIn } from '../simulator/client.ts';
import { API_TOKEN, type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

const START_MS = Date.parse('2026-11-22T12:00:00Z');
const SECRET_KEY = 'simulator-secret-key';

let api: RestApi;
let clock: SteppingClock;
afterEach(() => api.close());

/** The API with AK/SK and without a password, on a clock that waits in no time. */
async function start({ env, ...options }: RestApiOptions = {}): Promise<RestApi> {
  clock = createSteppingClock(START_MS);
  const noPassword = { HW_USER_NAME: '', HW_USER_PASSWORD: '', HW_DOMAIN_NAME: '' };
  api = await startRestApi({ clock, ...options, env: { HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: SECRET_KEY, ...noPassword, ...env } });
  return api;
}

describe('the REST API with AK/SK', () => {
  it('is healthy', async () => {
    await start();
    expect((await api.call('GET /health')).body).toMatchObject({ status: 'ok' });
  });

  it('shows a job', async () => {
    const { simulator } = await start();
    const { job_id } = simulator.addJob({ job_name: 'etl' });
    const reply = await api.call(`GET ${JOBS_PATH}/${job_id}`);
    expect([reply.status, reply.body.job_detail]).toMatchObject([200, { job_id, job_name: 'etl', job_state: 'RUNNING' }]);
  });

  it('kills a job and waits for its end, with every call signed and no token asked for', async () => {
    const { simulator } = await start();
    const { job_id } = simulator.addJob();
    const reply = await api.kill(job_id, { headers: { authorization: `Bearer ${API_TOKEN}`, prefer: 'wait=10' } });
    expect([reply.status, reply.body]).toMatchObject([200, { outcome: 'killed', job: { job_id, job_state: 'KILLED' } }]);
    expect(simulator.killed()).toEqual([job_id]);
    expect(new Set(simulator.requests.map(({ headers }) => headers.authorization?.split(',')[0]))).toEqual(
      new Set(['SDK-HMAC-SHA256 Access=SIMULATORACCESSKEY']),
    );
    expect(simulator.issuedTokens()).toEqual([]);
  });

  it('finds a job by its YARN id, and says already-over, protected, needs approval and not found as ever', async () => {
    const { simulator } = await start();
    simulator.addJob({ app_id: 'application_1564622673393_0777' });
    const over = simulator.addJob({ job_state: 'FINISHED', job_result: 'SUCCEEDED' });
    const billing = simulator.addJob({ job_name: 'billing-daily' });
    const flink = simulator.addJob({ job_type: 'Flink' });
    const shown = await api.call(`GET ${JOBS_PATH}/application_1564622673393_0777`);
    expect([shown.status, shown.body.job_detail.app_id]).toEqual([200, 'application_1564622673393_0777']);
    expect((await api.kill(over.job_id)).body.outcome).toBe('already-over');
    expect((await api.kill(billing.job_id)).status).toBe(403);
    expect((await api.kill(flink.job_id)).status).toBe(409);
    expect((await api.kill('00000000-0000-0000-0000-000000000000')).status).toBe(404);
    expect([simulator.kills(), simulator.killed()]).toEqual([[], []]);
  });

  it("passes MRS's own refusal of a kill on as ever", async () => {
    const { simulator } = await start();
    simulator.fault({ on: 'kill', times: Infinity, status: 400, body: { error_code: '0175', error_msg: 'Failed to terminate the job.' } });
    const reply = await api.kill(simulator.addJob().job_id);
    expect([reply.status, reply.body]).toMatchObject([500, { error_code: '0175', error_msg: 'Failed to terminate the job.' }]);
    expect(simulator.killed()).toEqual([]);
  });

  it('looks the project up where only its name is known: once, and a foreign one is refused', async () => {
    const { simulator } = await start({
      env: { HW_PROJECT_ID: '', HW_PROJECT_NAME: 'eu-west-101' },
      policy: 'dryRun: false\nclusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3 } }\n',
    });
    const { job_id } = simulator.addJob();
    const foreign = `/v2/ffffffffffffffffffffffffffffffff/clusters/2b460e01-3351-4170-b0a7-57b9dd5ffef3/job-executions/${job_id}/kill`;
    expect((await api.call(`POST ${foreign}`)).status).toBe(403);
    expect(simulator.killed()).toEqual([]);
    expect((await api.kill(job_id)).body.outcome).toBe('accepted');
    expect(simulator.killed()).toEqual([job_id]);
    expect(simulator.requests.filter(({ path }) => path === '/v3/projects')).toHaveLength(1);
  });
});

describe('a wrong secret key', () => {
  const wrong = { env: { HW_SECRET_KEY: 'wrong-secret-key' } };

  it('is a 502 that says that all calls stop; the next requests send nothing for five minutes, and no key shows', async () => {
    const { simulator } = await start(wrong);
    const { job_id } = simulator.addJob();
    for (let time = 1; time <= 6; time++) {
      const reply = await api.kill(job_id);
      expect([reply.status, reply.body]).toEqual([
        502,
        { error_code: 'KILL.0502', error_msg: expect.stringMatching(/no call is made with this access key until 2026-11-22T12:05:00Z/), request_id: 'request-1' },
      ]); // prettier-ignore
      expect(reply.text + JSON.stringify(api.lines)).not.toMatch(/wrong-secret-key|SIMULATORACCESSKEY|[0-9a-f]{64}/);
    }
    expect(simulator.requests).toHaveLength(1);
    await clock.sleep(300_000);
    expect((await api.kill(job_id)).body.error_msg).toContain('until 2026-11-22T12:10:00Z');
    expect([simulator.requests.length, simulator.killed()]).toEqual([2, []]);
  });

  it('that is found out at the kill itself ends it after one POST', async () => {
    const { simulator } = await start();
    simulator.fault({ on: 'kill', status: 401, body: { error_code: 'APIGW.0301', error_msg: 'Incorrect IAM authentication information: verify aksk signature fail' } });
    const reply = await api.kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([502, expect.stringContaining('no call is made with this access key')]);
    expect([simulator.kills().length, simulator.killed()]).toEqual([1, []]);
  });

  it("does not keep a caller's own token from working", async () => {
    const { simulator } = await start(wrong);
    const { job_id } = simulator.addJob();
    const token = await logIn(simulator);
    expect((await api.kill(job_id)).status).toBe(502);
    expect((await api.kill(job_id, { headers: { 'x-auth-token': token } })).body.outcome).toBe('accepted');
    expect(simulator.killed()).toEqual([job_id]);
  });
});

describe('a clock that is wrong', () => {
  it('is named with both times', async () => {
    const { simulator } = await start({ simulator: { now: () => START_MS + 1_200_000 } });
    const reply = await api.kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([502, expect.stringContaining('our clock is 20 min 0 s behind: 2026-11-22T12:00:00Z here, 2026-11-22T12:20:00Z there')]);
    expect([simulator.requests.length, simulator.killed()]).toEqual([1, []]);
  });
});
