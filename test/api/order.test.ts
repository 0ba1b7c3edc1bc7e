import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { OURS, type RestApi, startRestApi } from '../stage/rest.ts';

// Everything at once that can stop a kill: what stands first in the list of checks has to answer.
const STRICT_POLICY = `
dryRun: true
clusters: { analytics: { id: ${ANALYTICS_ID} } }
protected: [{ name: "billing-*" }]
ask: [{ match: { name: "*" }, who: approver }]
slack: { mayApprove: [U045EF6GH] }
`;
const UNKNOWN_JOB = '00000000-0000-4000-8000-000000000000';
const UNLISTED = `/v2/${PROJECT_ID}/clusters/bc134369-294c-42b7-a707-b2036ba38524/job-executions`;
const FOREIGN_PROJECT = `/v2/ffffffffffffffffffffffffffffffff/clusters/${ANALYTICS_ID}/job-executions`;

let api: RestApi;
beforeAll(async () => {
  api = await startRestApi({ policy: STRICT_POLICY });
});
beforeEach(() => void (api.env['PAUSED'] = 'true'));
afterAll(() => api.close());

const nothingWasKilled = (): void => {
  expect(api.simulator.killed()).toEqual([]);
  expect(api.simulator.kills()).toEqual([]);
};

describe('of several reasons not to kill, the first in the order of checks answers', () => {
  it.each([
    ['no token, before a bad id', {}, `${UNLISTED}/not-an-id`, 401, 'KILL.0401', /^authentication failed$/],
    ['a bad id, before an unlisted cluster', OURS, `${UNLISTED}/not-an-id`, 400, 'KILL.0400', /^job_execution_id: /],
    ['an unlisted cluster, before an unknown job', OURS, `${UNLISTED}/${UNKNOWN_JOB}`, 403, 'KILL.0403', /^clusters: .* is not listed; add it/],
    ['a foreign project, before an unknown job', OURS, `${FOREIGN_PROJECT}/${UNKNOWN_JOB}`, 403, 'KILL.0403', /^clusters: .* is not the project of/],
    ['an unknown job, before the off switch', OURS, `${JOBS_PATH}/${UNKNOWN_JOB}`, 404, 'KILL.0404', /^not-found: /],
  ])('%s', async (_rule, headers, path, status, code, message) => {
    const asked = api.simulator.requests.length;
    const reply = await api.call(`POST ${path}/kill`, { headers });
    expect([reply.status, reply.body]).toEqual([
      status,
      { error_code: code, error_msg: expect.stringMatching(message), request_id: 'request-1' },
    ]);
    if (status !== 404) expect(api.simulator.requests.length).toBe(asked); // MRS is not even asked
    nothingWasKilled();
  });

  it('a job that is over is already-over, whatever protects it', async () => {
    const job = api.simulator.addJob({ job_name: 'billing-1', job_type: 'SparkSql', job_state: 'FINISHED' });
    const reply = await api.kill(job.job_id);
    expect([reply.status, reply.body.outcome, reply.body.reason]).toEqual([200, 'already-over', 'it had already ended: FINISHED, result SUCCEEDED']);
    nothingWasKilled();
  });

  it('a job whose result is final is already-over, though MRS still copies its logs', async () => {
    const job = api.simulator.addJob({ job_state: 'RUNNING', job_result: 'KILLED' });
    expect((await api.kill(job.job_id)).body.outcome).toBe('already-over');
    nothingWasKilled();
  });

  it.each([
    ['protected, before SparkSql', { job_name: 'billing-1', job_type: 'SparkSql' }, 'true', 403, /^protected: .* by name: billing-\*; to allow the kill, change protected: in policy\.yml/],
    ['SparkSql, before the off switch', { job_type: 'SparkSql' }, 'true', 403, /^SparkSql: MRS cannot kill/],
    ['SparkSql in any case', { job_type: 'sparksql' }, 'true', 403, /^SparkSql: /],
    ['the off switch, before approval', {}, 'true', 403, /^paused: .* set PAUSED to false/],
    ['an off switch that cannot be read', {}, 'maybe', 403, /^paused: /],
    ['approval, before a dry run', {}, 'false', 409, /^ask: an approver has to approve the kill of .* first; ask in Slack with \/mrs kill /],
  ])('%s', async (_rule, fields, paused, status, message) => {
    const job = api.simulator.addJob(fields);
    await api.call('GET /health'); // the settings are read once, with a good PAUSED
    api.env['PAUSED'] = paused;
    const reply = await api.kill(job.job_id);
    expect([reply.status, reply.body]).toEqual([
      status,
      { error_code: `KILL.0${status}`, error_msg: expect.stringMatching(message), request_id: 'request-1' },
    ]);
    nothingWasKilled();
  });
});

describe('a dry run', () => {
  const policy = (dryRun: string): string => `
dryRun: ${dryRun}
clusters: { analytics: { id: ${ANALYTICS_ID} } }
`;

  it.each([
    ['the policy says true', 'true', '', /^dryRun in policy\.yml/],
    ['the policy lists api', '[alerts, api]', '', /^dryRun in policy\.yml/],
    ['the request asks for it, whatever the policy says', 'false', '{"dry_run": true}', /^the request asked/],
    ['the request does not want the dry run of the policy', 'true', '{"dry_run": false}', /^dryRun in policy\.yml/],
  ])('would kill, where %s', async (_case, dryRun, body, reason) => {
    const dry = await startRestApi({ policy: policy(dryRun) });
    try {
      const job = dry.simulator.addJob();
      const reply = await dry.kill(job.job_id, { body });
      expect([reply.status, reply.body]).toEqual([
        200,
        { outcome: 'would-kill', job: expect.objectContaining({ job_id: job.job_id }), reason: expect.stringMatching(reason) },
      ]);
      expect(dry.simulator.kills()).toEqual([]);
      expect(dry.simulator.killed()).toEqual([]);
    } finally {
      await dry.close();
    }
  });

  it('is the default of a policy that does not speak of it', async () => {
    const dry = await startRestApi({ policy: `clusters: { analytics: { id: ${ANALYTICS_ID} } }` });
    try {
      expect((await dry.kill(dry.simulator.addJob().job_id)).body.outcome).toBe('would-kill');
      expect(dry.simulator.kills()).toEqual([]);
    } finally {
      await dry.close();
    }
  });

  it('of other triggers does not keep the API from killing', async () => {
    const live = await startRestApi({ policy: policy('[alerts, cleanup, slack]') });
    try {
      const job = live.simulator.addJob();
      expect((await live.kill(job.job_id)).body.outcome).toBe('accepted');
      expect(live.simulator.killed()).toEqual([job.job_id]);
    } finally {
      await live.close();
    }
  });
});
