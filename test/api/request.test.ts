import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPreferredWaitSec } from '../../lib/api/read-request.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { type RestApi, startRestApi } from '../stage/rest.ts';

const JOB = '431b135e-c090-489f-b1db-0abe3822b855';

let api: RestApi;
beforeAll(async () => {
  api = await startRestApi();
  api.simulator.addJob({ job_id: JOB });
});
afterAll(() => api.close());

const nothingWasSent = (): void => {
  expect(api.simulator.requests).toEqual([]);
  expect(api.simulator.killed()).toEqual([]);
};

describe('an id that cannot be one', () => {
  const bad: [string, string, string, string][] = [
    ['project_id', 'a dash', `${PROJECT_ID}-x`, 'project'],
    ['project_id', 'two dots', '..', 'project'],
    ['project_id', 'encoded dots', '%2e%2e', 'project'],
    ['project_id', '__proto__', '__proto__', 'project'],
    ['project_id', 'nothing', '', 'project'],
    ['project_id', '65 characters', 'a'.repeat(65), 'project'],
    ['cluster_id', 'two dots', '..', 'cluster'],
    ['cluster_id', 'an encoded slash', `${ANALYTICS_ID}%2Fx`, 'cluster'],
    ['cluster_id', 'an encoded zero', `${ANALYTICS_ID}%00`, 'cluster'],
    ['cluster_id', 'an encoded line end', `${ANALYTICS_ID}%0a`, 'cluster'],
    ['cluster_id', 'nothing', '', 'cluster'],
    ['cluster_id', '65 characters', 'a'.repeat(65), 'cluster'],
    ['cluster_id', 'a half escape', '%E0%A4%A', 'cluster'],
    ['job_execution_id', 'a name', 'etl-daily', 'job'],
    ['job_execution_id', 'two dots', '..', 'job'],
    ['job_execution_id', 'encoded dots and slash', '..%2F..%2F', 'job'],
    ['job_execution_id', 'dots encoded twice', '%252e%252e', 'job'],
    ['job_execution_id', 'a query', `${JOB}%3Fx=1`, 'job'],
    ['job_execution_id', 'a slash at its end', `${JOB}%2F`, 'job'],
    ['job_execution_id', 'a zero at its end', `${JOB}%00`, 'job'],
    ['job_execution_id', 'a line end', `${JOB}%0A`, 'job'],
    ['job_execution_id', 'a blank', `%20${JOB}`, 'job'],
    ['job_execution_id', '__proto__', '__proto__', 'job'],
    ['job_execution_id', 'too long', JOB.repeat(300), 'job'],
    ['job_execution_id', 'a YARN id of another kind', 'application_1_', 'job'],
    ['job_execution_id', 'a YARN id inside something', 'xapplication_1564622673393_0001', 'job'],
    ['job_execution_id', 'a list', `${JOB},${JOB}`, 'job'],
  ];

  it.each(bad)('%s: %s is a 400 that names the field and never the value', async (field, _case, value, part) => {
    const project = part === 'project' ? value : PROJECT_ID;
    const cluster = part === 'cluster' ? value : ANALYTICS_ID;
    const path = `/v2/${project}/clusters/${cluster}/job-executions/${part === 'job' ? value : JOB}` as const;
    for (const line of [`POST ${path}/kill`, `GET ${path}`]) {
      const reply = await api.call(line);
      expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([400, 'KILL.0400', expect.stringMatching(`^${field}: expected `)]);
      if (value !== '') expect(reply.body.error_msg).not.toContain(value);
    }
    nothingWasSent();
  });

  it.each([
    ['a slash in the job id', `${JOBS_PATH}/a/../${JOB}/kill`],
    ['no job id', `${JOBS_PATH}/kill`],
    ['a slash at the end', `${JOBS_PATH}/${JOB}/kill/`],
    ['another case', `${JOBS_PATH}/${JOB}/KILL`],
    ['an encoded kill', `${JOBS_PATH}/${JOB}/%6bill`],
    ['two slashes in front', `/${JOBS_PATH}/${JOB}/kill`],
  ] as const)('%s is no route that kills', async (_case, path) => {
    const { status } = await api.call(`POST ${path}`);
    expect([400, 404, 405]).toContain(status);
    nothingWasSent();
  });

  it('__proto__ or constructor as cluster is a cluster nobody listed', async () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const reply = await api.call(`POST /v2/${PROJECT_ID}/clusters/${name}/job-executions/${JOB}/kill`);
      expect([reply.status, reply.body.error_msg]).toEqual([403, `clusters: ${name} is not listed; add it under clusters: in policy.yml`]);
    }
    nothingWasSent();
  });
});

describe('a body', () => {
  const MIB = 1024 * 1024;

  it.each([
    ['no JSON', '{"reason":', /^body: expected JSON/],
    ['a form', 'reason=x', /^body: expected JSON/],
    ['a list', '[]', /^body: expected a JSON object/],
    ['null', 'null', /^body: expected a JSON object/],
    ['a text', '"kill"', /^body: expected a JSON object/],
    ['an unknown field, since who misspells dry_run would kill', '{"dryrun": true}', /^body: unknown field "dryrun"; reason and dry_run/],
    ['__proto__', '{"__proto__": {"dry_run": true}}', /^body: unknown field "__proto__"/],
    ['a reason that is no text', '{"reason": 1}', /^reason: expected/],
    ['a reason too long', `{"reason": "${'x'.repeat(501)}"}`, /^reason: expected .* 500/],
    ['a dry_run that is no boolean', '{"dry_run": "true"}', /^dry_run: expected true or false/],
    ['a dry_run of null', '{"dry_run": null}', /^dry_run: expected true or false/],
    ['1 MiB of blanks with a mistake at the end', `${' '.repeat(MIB - 1)}x`, /^body: expected JSON/],
  ])('of %s is a 400 that names the field', async (_case, body, message) => {
    for (const event of [{ body }, { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }]) {
      const reply = await api.kill(JOB, event);
      expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([400, 'KILL.0400', expect.stringMatching(message)]);
    }
    nothingWasSent();
  });

  it('over 1 MiB is a 413', async () => {
    for (const event of [{ body: ' '.repeat(MIB + 1) }, { body: Buffer.alloc(MIB + 1, ' ').toString('base64'), isBase64Encoded: true }]) {
      const reply = await api.kill(JOB, event);
      expect([reply.status, reply.body.error_code]).toEqual([413, 'KILL.0413']);
    }
    nothingWasSent();
  });

  it('is not looked at before the caller has proved who they are', async () => {
    expect((await api.kill(JOB, { headers: {}, body: ' '.repeat(MIB + 1) })).status).toBe(401);
    expect((await api.kill(JOB, { headers: {}, body: 'no JSON' })).status).toBe(401);
    nothingWasSent();
  });

  it.each([
    ['blanks', ' \r\n', ''],
    ['an empty object', '{}', ''],
    ['a reason of 500 characters', JSON.stringify({ reason: 'é'.repeat(500) }), 'é'.repeat(500)],
    ['base64', Buffer.from('{"reason":"läuft zu lang"}').toString('base64'), 'läuft zu lang'],
  ])('of %s kills, and its reason is on record', async (name, body, reason) => {
    const live = await startRestApi();
    try {
      const job = live.simulator.addJob();
      expect((await live.kill(job.job_id, { body, isBase64Encoded: name === 'base64' })).status).toBe(202);
      expect(live.lines.find(({ message }) => message === 'killing')?.['reason']).toBe(reason);
      expect(live.simulator.killed()).toEqual([job.job_id]);
    } finally {
      await live.close();
    }
  });
});

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['wait=0', 0],
    ['wait=25', 25],
    ['wait=26', 25],
    ['wait=99999999999999999999999', 25],
    ['WAIT=7', 7],
    ['wait = 7', 7],
    ['wait="7"', 7],
    ['respond-async, wait=10', 10],
    ['wait=10; foo=bar', 10],
    ['handling=lenient;wait=3', 3],
  ])('%j is %i s', (prefer, seconds) => {
    expect(readPreferredWaitSec(prefer)).toBe(seconds);
  });

  it.each([undefined, '', 'wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=1e1', 'wait=ten', 'wait=0x10', 'await=10', 'wait=10s', 'respond-async', 'x wait=5', 'wait=٣'])(
    '%j is ignored',
    (prefer) => {
      expect(readPreferredWaitSec(prefer)).toBe(0);
    },
  );

  it('reads a hostile header in one go', () => {
    expect(readPreferredWaitSec(`${',wait= '.repeat(5_000)}x`)).toBe(0);
    expect(readPreferredWaitSec(`wait=${'1'.repeat(50_000)}x`)).toBe(0);
  });
});
