import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { type RestApi, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

let api: RestApi;
beforeAll(async () => {
  api = await startRestApi({ clock: createSteppingClock(1_795_000_000_000) });
});
afterAll(() => api.close());

describe('a job', () => {
  it('is shown in the fields of MRS, without arguments and properties', async () => {
    const job = api.simulator.addJob({ job_name: 'etl-daily' });
    const reply = await api.call(`GET ${JOBS_PATH}/${job.job_id}`);
    expect([reply.status, reply.body]).toEqual([
      200,
      {
        job_detail: {
          job_id: job.job_id,
          user: 'etl-bot',
          job_name: 'etl-daily',
          job_type: 'SparkSubmit',
          job_state: 'RUNNING',
          job_result: 'UNDEFINED',
          job_progress: 0,
          submitted_time: 1_794_999_940_000,
          started_time: 1_794_999_957_000,
          finished_time: 0,
          elapsed_time: 43_000,
          queue: 'default',
          launcher_id: job.launcher_id,
          app_id: job.app_id,
          tracking_url: job.tracking_url,
        },
      },
    ]);
    expect(reply.text).not.toMatch(/fake-|FAKEACCESSKEY/);
  });

  it('has numbers as numbers and states in upper case, however MRS writes them', async () => {
    const job = api.simulator.addJob();
    const bean = { job_id: job.job_id, job_state: 'New', job_result: 'Undefined', job_progress: '12.5', started_time: '0', elapsed_time: '', submitted_time: '1564622673393' };
    api.simulator.fault({ on: 'job', status: 202, body: { job_detail: bean } });
    const { body } = await api.call(`GET ${JOBS_PATH}/${job.job_id}`);
    expect(body.job_detail).toEqual(
      expect.objectContaining({ job_state: 'NEW', job_result: 'UNDEFINED', job_progress: 12.5, started_time: 0, elapsed_time: 0, submitted_time: 1_564_622_673_393 }),
    );
  });

  it('is shown by YARN id, with what the list says', async () => {
    const job = api.simulator.addJob({ job_state: 'NEW' });
    const { status, body } = await api.call(`GET ${JOBS_PATH}/${job.launcher_id}`);
    expect([status, body.job_detail.job_id, body.job_detail.job_state, body.job_detail.app_id]).toEqual([200, job.job_id, 'NEW', undefined]);
  });

  it.each([
    ['an unknown job', `${JOBS_PATH}/00000000-0000-4000-8000-000000000000`, 404, /^not-found: MRS knows no job/],
    ['an unlisted cluster', `/v2/${PROJECT_ID}/clusters/unlisted/job-executions/00000000-0000-4000-8000-000000000000`, 403, /^clusters: unlisted is not listed/],
    ['a foreign project', `/v2/ffff/clusters/${ANALYTICS_ID}/job-executions/00000000-0000-4000-8000-000000000000`, 403, /^clusters: ffff is not the project/],
  ])('is not shown: %s', async (_case, path, status, message) => {
    const reply = await api.call(`GET ${path}`);
    expect([reply.status, reply.body]).toEqual([
      status, { error_code: `KILL.0${status}`, error_msg: expect.stringMatching(message), request_id: 'request-1' },
    ]); // prettier-ignore
  });

  it('is not shown where a YARN id fits two: both are named', async () => {
    const jobs = [api.simulator.addJob({ app_id: 'application_1_7' }), api.simulator.addJob({ launcher_id: 'application_1_7' })];
    const { status, body } = await api.call(`GET ${JOBS_PATH}/application_1_7`);
    expect([status, body.error_msg]).toEqual([409, expect.stringMatching(/^ambiguous: /)]);
    for (const { job_id: jobId } of jobs) expect(body.error_msg).toContain(jobId);
  });

  it('is shown whatever protects it, and while the off switch is on', async () => {
    const job = api.simulator.addJob({ job_name: 'billing-1' });
    api.env['PAUSED'] = 'true';
    expect((await api.call(`GET ${JOBS_PATH}/${job.job_id}`)).status).toBe(200);
  });

  it('is never killed by a look', () => {
    expect(api.simulator.kills()).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });
});
