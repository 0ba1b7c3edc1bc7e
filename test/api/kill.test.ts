import { afterEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { LIVE_POLICY, type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const START_MS = 1_795_000_000_000;

let api: RestApi;
afterEach(() => api.close());

async function start(options: RestApiOptions = {}): Promise<RestApi> {
  api = await startRestApi(options);
  return api;
}

describe('a kill', () => {
  it('is one POST, answered 202 with the job in MRS words', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob({ job_name: 'etl-daily' });
    const other = simulator.addJob();
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body]).toEqual([
      202,
      {
        outcome: 'accepted',
        job: {
          cluster: 'analytics',
          job_id: job.job_id,
          job_name: 'etl-daily',
          job_type: 'SparkSubmit',
          user: 'etl-bot',
          queue: 'default',
          job_state: 'RUNNING',
          job_result: 'UNDEFINED',
          app_id: job.app_id,
          launcher_id: job.launcher_id,
          submitted_time: job.submitted_time,
          started_time: job.started_time,
        },
        reason: expect.stringMatching(/^MRS took the kill/),
      },
    ]);
    expect(simulator.kills().map(({ path, body }) => [path, body])).toEqual([[`${JOBS_PATH}/${job.job_id}/kill`, '']]);
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(simulator.job(other.job_id)?.job_state).toBe('RUNNING');
  });

  it('asks nobody to wait where nobody prefers to', async () => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock });
    await kill(simulator.addJob().job_id);
    expect(clock.sleeps).toEqual([]);
  });

  it('takes a cluster by its name in the policy', async () => {
    const { simulator, call } = await start();
    const job = simulator.addJob();
    const reply = await call(`POST /v2/${PROJECT_ID}/clusters/analytics/job-executions/${job.job_id}/kill`);
    expect([reply.status, reply.body.job.cluster]).toEqual([202, 'analytics']);
    expect(simulator.kills().map(({ path }) => path)).toEqual([`${JOBS_PATH}/${job.job_id}/kill`]);
  });

  it('takes ids that are escaped more than they need to be', async () => {
    const { simulator, call } = await start();
    const job = simulator.addJob();
    expect((await call(`POST ${JOBS_PATH}/${job.job_id.replaceAll('-', '%2D')}/kill`)).status).toBe(202);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it.each(['app_id', 'launcher_id'] as const)('takes a YARN id, which may be the %s, and POSTs the id of MRS', async (field) => {
    const { simulator, kill } = await start();
    simulator.addJob();
    const job = simulator.addJob();
    expect((await kill(job[field] ?? '')).body.job.job_id).toBe(job.job_id);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('of a YARN id that MRS does not know is a 404 with the yarn line', async () => {
    const { simulator, kill } = await start();
    simulator.addJob();
    const reply = await kill('application_1564622673393_9999');
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([
      404, 'KILL.0404', expect.stringMatching(/^not-found: .*yarn application -kill application_1564622673393_9999$/),
    ]); // prettier-ignore
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('of a YARN id that fits two jobs kills neither', async () => {
    const { simulator, kill } = await start();
    const jobs = [simulator.addJob({ app_id: 'application_1_7' }), simulator.addJob({ launcher_id: 'application_1_7' })];
    const reply = await kill('application_1_7');
    expect([reply.status, reply.body.error_msg]).toEqual([409, expect.stringMatching(/^ambiguous: /)]);
    for (const { job_id } of jobs) expect(reply.body.error_msg).toContain(job_id);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('of a YARN id of an ended job is already-over', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob({ job_state: 'FAILED' });
    expect((await kill(job.app_id ?? '')).body.outcome).toBe('already-over');
    expect(simulator.kills()).toEqual([]);
  });

  it('does not reach a job of another cluster', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob({ cluster_id: 'bc134369-294c-42b7-a707-b2036ba38524' });
    expect((await kill(job.job_id)).status).toBe(404);
    expect(simulator.killed()).toEqual([]);
    expect(simulator.kills()).toEqual([]);
  });

  it('never shows arguments and properties, whatever its end', async () => {
    const { simulator, kill } = await start();
    const texts = [
      await kill(simulator.addJob().job_id, { headers: { authorization: 'Bearer rest-token-0123456789', prefer: 'wait=5' } }),
      await kill(simulator.addJob({ job_state: 'KILLED' }).job_id),
      await kill(simulator.addJob({ job_type: 'SparkSql' }).job_id),
      await kill(simulator.addJob().job_id, { body: '{"dry_run":true}' }),
    ].map(({ text }) => text);
    expect(texts.join()).not.toMatch(/fake-|FAKEACCESSKEY|"arguments"|"properties"/);
    expect(JSON.stringify(api.lines)).not.toMatch(/fake-|FAKEACCESSKEY|"arguments"|"properties"/);
  });
});

describe('the project of a path', () => {
  const policy = `{ dryRun: false, clusters: { analytics: { id: ${ANALYTICS_ID} } } }`;

  it('is compared with what IAM says, where the settings know its name only', async () => {
    const { simulator, call, kill } = await start({ policy, env: { HW_PROJECT_ID: '', HW_PROJECT_NAME: 'eu-west-101' } });
    const job = simulator.addJob();
    const foreign = await call(`POST /v2/ffff/clusters/${ANALYTICS_ID}/job-executions/${job.job_id}/kill`);
    expect([foreign.status, foreign.body.error_msg]).toEqual([
      403, `clusters: ffff is not the project of analytics; use ${PROJECT_ID} or change project: in policy.yml`,
    ]); // prettier-ignore
    expect(simulator.killed()).toEqual([]);
    expect((await kill(job.job_id)).status).toBe(202);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('is that of the region by default', async () => {
    const { simulator, kill } = await start({ policy, env: { HW_PROJECT_ID: '' } });
    const job = simulator.addJob();
    expect((await kill(job.job_id)).status).toBe(202);
    expect(simulator.killed()).toEqual([job.job_id]);
  });

  it('that IAM does not know is a 502', async () => {
    const { simulator, kill } = await start({ policy, env: { HW_PROJECT_ID: '', HW_PROJECT_NAME: 'nowhere' } });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([502, 'KILL.0502', expect.stringMatching(/^IAM answered .*project/i)]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });
});

describe('a job that needs approval', () => {
  it('is a 409 that says how to ask, and nothing was killed', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob({ job_type: 'Flink' });
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([409, expect.stringContaining(`/mrs kill ${job.job_id} on analytics`)]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('of a requester who has to confirm is one too: REST has nobody to ask', async () => {
    const { simulator, kill } = await start({ policy: `${LIVE_POLICY}`.replace('who: approver', 'who: requester') });
    expect((await kill(simulator.addJob({ job_type: 'Flink' }).job_id)).status).toBe(409);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });
});
