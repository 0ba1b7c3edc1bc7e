import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job } from '../../lib/core/job.ts';
import type { MrsConnection } from '../../lib/mrs/connect.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { A_MINUTE, ANALYTICS, connect, DEV, ONCE } from '../mrs/connected.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { type RecordedRequest, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { timeOutWhen } from '../support/until.ts';

let clock: FakeClock;
let simulator: Simulator;
let connection: MrsConnection & { mrs: Mrs };
let mrs: Mrs;

beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ now: () => clock.now() });
  connection = connect({ mrs: simulator.url }, clock);
  mrs = connection.mrs;
});

afterEach(() => simulator.close());

const active = async (budget = A_MINUTE): Promise<Job[]> => (await Array.fromAsync(mrs.activeJobs(ANALYTICS, budget))).flat();
const lists = (): RecordedRequest[] => simulator.requests.filter(({ path }) => path.endsWith('/job-executions'));
const reads = (): RecordedRequest[] => simulator.requests.filter(({ method, path }) => method === 'GET' && /job-executions\/[^/]+$/.test(path));
const names = (jobs: Job[]): string[] => jobs.map(({ job_name: name }) => name);
const addJobs = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => simulator.addJob({ submitted_time: clock.now() - 1_000_000 + index }).job_id);
/** A row of the list as the simulator's own list has it. */
const row = (number: number): object => ({ job_id: `job-${number}`, job_name: `row-${number}`, job_state: 'RUNNING', job_result: 'UNDEFINED' });
const rows = (from: number, count: number): object[] => Array.from({ length: count }, (_, index) => row(from + index));
const onPage = (page: number) => ({ query }: RecordedRequest): boolean => query['offset'] === String(page);

describe('reading one job', () => {
  it.each([200, 202])('takes %i for a good answer', async (status) => {
    const { job_id } = simulator.addJob({ job_name: 'etl', queue: 'adhoc' });
    simulator.fault({ on: 'job', status, thenDo: 'effect' });
    expect(await mrs.job(ANALYTICS, job_id, ONCE)).toMatchObject({
      cluster: 'analytics',
      job_id,
      job_name: 'etl',
      queue: 'adhoc',
      job_state: 'RUNNING',
      job_result: 'UNDEFINED',
      submitted_time: Date.parse('2026-11-22T11:59:00Z'),
      launcher_id: 'application_1564622673393_0001',
      app_id: 'application_1564622673393_0002',
    });
  });

  it('brings back neither arguments nor properties, which hold keys', async () => {
    const { job_id } = simulator.addJob();
    expect(JSON.stringify(await mrs.job(ANALYTICS, job_id, ONCE))).not.toMatch(/secret|FAKEACCESSKEY|arguments|properties/);
  });

  it('shows an ended job as MRS shows it: a killed one may be RUNNING while its logs are copied', async () => {
    const { job_id } = simulator.addJob({ logCopyMs: 120_000 });
    await mrs.kill(ANALYTICS, job_id);
    clock.pass(2_000);
    expect(await mrs.job(ANALYTICS, job_id, ONCE)).toMatchObject({ job_state: 'RUNNING', job_result: 'KILLED' });
    clock.pass(120_000);
    expect(await mrs.job(ANALYTICS, job_id, ONCE)).toMatchObject({ job_state: 'KILLED', job_result: 'KILLED' });
  });

  it('says not-found for a missing job and for a missing cluster, told apart by the code', async () => {
    const { job_id } = simulator.addJob();
    await expect(mrs.job(ANALYTICS, 'no-such-job', A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'not-found', errorCode: '0176', status: 400 } });
    await expect(mrs.job(DEV, job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'not-found', errorCode: '0176' } });
    const missing = { ...ANALYTICS, id: '00000000-0000-0000-0000-000000000000' };
    await expect(mrs.job(missing, job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'not-found', errorCode: '12000003', message: 'The cluster does not exist.' } });
    expect(clock.sleeps).toEqual([]);
  });

  it.each([
    ['an empty 202', ''],
    ['broken JSON', '{"job_detail": {"job_id": "'],
    ['an HTML page', '<html>maintenance</html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['no job_detail', '{}'],
    ['an empty job_detail', '{"job_detail":{}}'],
    ['a job_detail that is null', '{"job_detail":null}'],
    ['another job than the one asked for', '{"job_detail":{"job_id":"another-job","job_state":"RUNNING"}}'],
  ])('concludes nothing from %s: it asks again, and then it is trouble', async (_, body) => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', status: 202, body });
    expect((await mrs.job(ANALYTICS, job_id, A_MINUTE)).job_id).toBe(job_id);
    expect(reads()).toHaveLength(2);
    simulator.fault({ on: 'job', status: 202, body, times: Infinity });
    await expect(mrs.job(ANALYTICS, job_id, A_MINUTE)).rejects.toMatchObject({ retryable: true, trouble: { kind: 'unavailable', status: 202 } });
  });

  it('takes an id in other letters for the same job', async () => {
    const job_id = '431b135e-c090-489f-b1db-0abe3822b855';
    simulator.addJob({ job_id });
    simulator.fault({ on: 'job', status: 202, body: { job_detail: { job_id, job_state: 'New' } } });
    expect(await mrs.job(ANALYTICS, job_id.toUpperCase(), ONCE)).toMatchObject({ job_id, job_state: 'NEW' });
  });

  it.each([
    ['0162 with 500', { status: 500, body: { error_code: '0162', error_msg: 'query failed' } }],
    ['0174 with 400', { status: 400, body: { error_code: '0174', error_msg: 'query failed' } }],
    ['a numeric code', { status: 500, body: { error_code: 12000004, error_msg: 'internal' } }],
    ['502 in HTML', { status: 502, body: '<html>Bad Gateway</html>' }],
    ['503 with an empty body', { status: 503 }],
    ['504', { status: 504, body: { error_code: 'APIGW.0201', error_msg: 'Backend timeout' } }],
    ['429', { status: 429, body: { error_code: 'APIGW.0308', error_msg: 'over ratelimit' } }],
    ['a hang-up', { hangUp: true }],
  ] as const)('is repeated after %s', async (_, fault) => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', times: 2, ...fault });
    expect((await mrs.job(ANALYTICS, job_id, A_MINUTE)).job_id).toBe(job_id);
    expect([reads().length, clock.sleeps.length]).toEqual([3, 2]);
  });

  it('waits as long as Retry-After says, and not at all where that is too long', async () => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', status: 429, headers: { 'Retry-After': '17' } });
    await mrs.job(ANALYTICS, job_id, A_MINUTE);
    expect(clock.sleeps).toEqual([17_000]);
    simulator.fault({ on: 'job', status: 429, headers: { 'Retry-After': '61' } });
    await expect(mrs.job(ANALYTICS, job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'throttled', retryAfterSec: 61 } });
    expect(clock.sleeps).toEqual([17_000]);
  });

  it('gives up with the signal while MRS is silent, and a late answer is no answer', async () => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', hang: true });
    simulator.fault({ on: 'job', delayMs: 60_000 });
    for (let time = 1; time <= 2; time++) {
      await expect(mrs.job(ANALYTICS, job_id, { ...A_MINUTE, signal: timeOutWhen(() => reads().length === time) })).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    }
    expect(reads()).toHaveLength(2);
  });

  it.each([
    [{ status: 400, body: { error_code: '0192', error_msg: 'sync the user' } }, 'rejected'],
    [{ status: 403, body: { error_code: 'APIGW.0306', error_msg: 'denied' } }, 'forbidden'],
    [{ status: 404, body: { error_code: 'APIGW.0101', error_msg: 'no such API' } }, 'rejected'],
    [{ status: 404, body: '<html>nginx</html>' }, 'rejected'],
  ] as const)('is not repeated where the answer stays: %j', async (fault, kind) => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', ...fault });
    await expect(mrs.job(ANALYTICS, job_id, A_MINUTE)).rejects.toMatchObject({ trouble: { kind } });
    expect(reads()).toHaveLength(1);
  });

  it('never leaves the cluster through an id', async () => {
    await expect(mrs.job(ANALYTICS, '../../../x?y#z/kill', ONCE)).rejects.toMatchObject({ trouble: { kind: 'not-found' } });
    expect(reads().map(({ path }) => path)).toEqual([`/v2/${PROJECT_ID}/clusters/${ANALYTICS.id}/job-executions/..%2F..%2F..%2Fx%3Fy%23z%2Fkill`]);
  });

  it('in a project that is not ours gets no token, and MRS is not asked', async () => {
    const foreign = { ...ANALYTICS, project: { id: 'ffffffffffffffffffffffffffffffff' } };
    await expect(mrs.job(foreign, 'a-job', ONCE)).rejects.toMatchObject({ trouble: { service: 'IAM', kind: 'unauthorized' } });
    expect(reads()).toEqual([]);
  });
});

describe('reading the active jobs', () => {
  it('asks for what has no result yet, oldest first, page by page from 1', async () => {
    const ids = addJobs(250);
    expect((await active()).map(({ job_id: id }) => id)).toEqual(ids);
    expect(lists().map(({ query }) => query)).toEqual(
      ['1', '2', '3'].map((offset) => ({ job_result: 'UNDEFINED', sort_by: 'asc', limit: '100', offset })),
    );
  });

  it('asks for the pages that follow while it waits for one, four at a time, once the first has said how many there are', async () => {
    addJobs(700);
    simulator.fault({ on: 'jobs', when: ({ query }) => query['offset'] !== '1', times: Infinity, hang: true });
    const signal = timeOutWhen(() => lists().length >= 5);
    await expect(active({ ...ONCE, signal })).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    expect(lists().map(({ query }) => Number(query['offset'])).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  it('asks for no more pages than it is read for', async () => {
    addJobs(700);
    for await (const page of mrs.activeJobs(ANALYTICS, A_MINUTE)) {
      expect(page).toHaveLength(100);
      break;
    }
    expect(lists()).toHaveLength(1);
  });

  it('never asks for page 0, which MRS refuses', async () => {
    addJobs(3);
    await active();
    await mrs.recentJobs(ANALYTICS, ONCE);
    expect(lists().map(({ query }) => query['offset'])).toEqual(['1', '1']);
  });

  it('understands quoted numbers and New', async () => {
    simulator.addJob({ job_name: 'waiting', job_state: 'NEW' });
    expect(await active()).toMatchObject([{ job_name: 'waiting', job_state: 'NEW', submitted_time: Date.parse('2026-11-22T11:59:00Z'), started_time: 0 }]);
  });

  it('brings no job that is over, whatever the filter let through', async () => {
    for (const state of ['FINISHED', 'FAILED', 'KILLED']) simulator.addJob({ job_name: state, job_state: state, job_result: 'UNDEFINED' });
    simulator.addJob({ job_name: 'alive' });
    simulator.fault({
      on: 'jobs',
      status: 202,
      body: { total_record: '4', job_list: [{ ...row(1), job_state: 'FINISHED' }, { ...row(2), job_result: 'KILLED' }, { ...row(3), job_state: 'Killed' }, row(4)] },
    });
    expect(names(await active())).toEqual(['row-4']);
    expect(names(await active())).toEqual(['alive']);
  });

  it('goes back for the jobs that slipped to an earlier page while others ended', async () => {
    const ids = addJobs(150);
    let ended = false;
    simulator.fault({
      on: 'jobs',
      times: 2,
      when(request) {
        if (!onPage(2)(request) || ended) return false;
        ended = true;
        for (const id of ids.slice(0, 60)) simulator.endJob(id, 'SUCCEEDED');
        return false;
      },
    });
    const found = new Set((await active()).map(({ job_id: id }) => id));
    expect(ids.slice(60).filter((id) => !found.has(id))).toEqual([]);
  });

  it('brings each job once, however often MRS lists it', async () => {
    simulator.fault({ on: 'jobs', status: 202, body: { total_record: 4, job_list: [row(1), row(2)] } });
    simulator.fault({ on: 'jobs', status: 202, body: { total_record: 4, job_list: [row(2), row(3)] } });
    expect(names(await active())).toEqual(['row-1', 'row-2', 'row-3']);
  });

  it.each([
    ['caps its pages below 100', { total_record: '3', job_list: rows(1, 2) }, { total_record: '3', job_list: rows(3, 1) }, 3],
    ['says no total', { job_list: rows(1, 100) }, { job_list: rows(101, 5) }, 105],
    ['says null for a total', { total_record: null, job_list: rows(1, 100) }, { total_record: null, job_list: rows(101, 5) }, 105],
    ['says nonsense for a total', { total_record: 'many', job_list: rows(1, 100) }, { total_record: '', job_list: rows(101, 5) }, 105],
  ])('reads on to the end where MRS %s', async (_, first, second, count) => {
    simulator.fault({ on: 'jobs', when: onPage(1), status: 202, body: first });
    simulator.fault({ on: 'jobs', when: onPage(2), status: 202, body: second });
    expect(await active()).toHaveLength(count);
  });

  it.each([[{ total_record: 0 }], [{ total_record: '0', job_list: null }], [{ total_record: 0, job_list: [] }], [{ job_list: [] }]])(
    'takes %j for an empty list',
    async (body) => {
      simulator.fault({ on: 'jobs', status: 202, body });
      expect(await active(ONCE)).toEqual([]);
    },
  );

  it.each(['', '{}', 'null', '{"total_record":2}', '{"total_record":null,"job_list":null}', '{"job_list":{}}', '<html>', '{"job_list":['])(
    'never takes %j for an empty list: that is trouble',
    async (body) => {
      addJobs(1);
      simulator.fault({ on: 'jobs', times: Infinity, status: 202, body });
      await expect(active(ONCE)).rejects.toMatchObject({ retryable: true, trouble: { kind: 'unavailable', message: expect.stringContaining('job_list') } });
    },
  );

  it.each([[{}], [null], [{ job_name: 'etl' }]])('fails whole where an entry cannot be read: it may be the job that is meant (%j)', async (entry) => {
    simulator.fault({ on: 'jobs', times: Infinity, status: 202, body: { total_record: 2, job_list: [row(1), entry] } });
    await expect(active(ONCE)).rejects.toMatchObject({ trouble: { kind: 'unavailable' } });
  });

  it('fails whole where the pages end before the total is reached', async () => {
    simulator.fault({ on: 'jobs', when: onPage(1), times: Infinity, status: 202, body: { total_record: 150, job_list: rows(1, 100) } });
    simulator.fault({ on: 'jobs', when: onPage(2), times: Infinity, status: 202, body: { total_record: 150, job_list: [] } });
    await expect(active(ONCE)).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'unavailable' } });
  });

  it('fails whole where a later page cannot be read: half a list is no list', async () => {
    addJobs(150);
    simulator.fault({ on: 'jobs', when: onPage(2), times: Infinity, status: 500, body: { error_code: '0166', error_msg: 'list failed' } });
    await expect(active()).rejects.toMatchObject({ trouble: { errorCode: '0166' } });
  });

  it('repeats only the page that failed', async () => {
    addJobs(150);
    simulator.fault({ on: 'jobs', when: onPage(2), status: 503 });
    expect(await active()).toHaveLength(150);
    expect(lists().map(({ query }) => query['offset'])).toEqual(['1', '2', '2']);
  });

  it('ends with trouble where the pages never end', async () => {
    simulator.fault({ on: 'jobs', times: Infinity, status: 202, body: { total_record: 1_000_000, job_list: rows(1, 1) } });
    await expect(active()).rejects.toMatchObject({ retryable: false, trouble: { kind: 'rejected' } });
    expect(lists()).toHaveLength(200);
  });

  it.each(['MRS.0002', '12000002', '12000009'])('asks state by state where the filter by result is refused (%s), and brings each job once', async (errorCode) => {
    for (const state of ['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING', 'FINISHED']) simulator.addJob({ job_name: state, job_state: state });
    const moving = simulator.addJob({ job_name: 'moving', job_state: 'ACCEPTED' });
    simulator.fault({ on: 'jobs', when: ({ query }) => query['job_result'] !== undefined, times: Infinity, status: 400, body: { error_code: errorCode, error_msg: 'invalid' } });
    simulator.fault({
      on: 'jobs',
      when({ query }) {
        if (query['job_state'] === 'RUNNING') Object.assign(simulator.job(moving.job_id)!, { job_state: 'RUNNING' });
        return false;
      },
    });
    expect(names(await active())).toEqual(['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'moving', 'RUNNING']);
    expect(lists().map(({ query }) => query['job_state'])).toEqual([undefined, 'NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING']);
  });

  it('fails where one of those states cannot be read', async () => {
    simulator.fault({ on: 'jobs', when: ({ query }) => query['job_result'] !== undefined, status: 400, body: { error_code: 'MRS.0002', error_msg: 'invalid' } });
    simulator.fault({ on: 'jobs', when: ({ query }) => query['job_state'] === 'ACCEPTED', times: Infinity, status: 403, body: { error_code: 'APIGW.0306' } });
    await expect(active()).rejects.toMatchObject({ trouble: { kind: 'forbidden' } });
  });

  it('of a cluster that MRS does not know is trouble, not an empty list', async () => {
    const missing = { ...ANALYTICS, id: '00000000-0000-0000-0000-000000000000' };
    await expect(mrs.activeJobs(missing, ONCE).next()).rejects.toMatchObject({ trouble: { kind: 'not-found', errorCode: '12000003' } });
    expect(lists()).toHaveLength(1);
  });
});

describe('reading the newest jobs', () => {
  it('is one page, newest first, those that are over included', async () => {
    for (let index = 0; index < 120; index++) {
      simulator.addJob({ job_name: `job-${index}`, submitted_time: clock.now() - 1_000_000 + index, job_state: index % 2 ? 'FINISHED' : 'RUNNING' });
    }
    const jobs = await mrs.recentJobs(ANALYTICS, ONCE);
    expect([jobs.length, jobs[0]?.job_name, jobs[99]?.job_name]).toEqual([100, 'job-119', 'job-20']);
    expect(lists().map(({ query }) => query)).toEqual([{ sort_by: 'desc', limit: '100', offset: '1' }]);
  });
});

describe('reading the clusters', () => {
  it('asks for those that exist, in the keys of v1.1', async () => {
    const found = await Array.fromAsync(mrs.clusters(ANALYTICS, ONCE));
    expect(found).toEqual([
      { id: ANALYTICS.id, name: 'analytics', state: 'running' },
      { id: DEV.id, name: 'dev', state: 'running' },
    ]);
    expect(simulator.requests.at(-1)).toMatchObject({ path: `/v1.1/${PROJECT_ID}/cluster_infos`, query: { clusterState: 'existing', pageSize: '100', currentPage: '1' } });
  });

  it('turns the pages', async () => {
    const page = (number: number) => ({ query }: RecordedRequest): boolean => query['currentPage'] === String(number);
    simulator.fault({ on: 'clusters', when: page(1), status: 200, body: { clusterTotal: 2, clusters: [{ clusterId: 'a', clusterName: 'A' }] } });
    simulator.fault({ on: 'clusters', when: page(2), status: 200, body: { clusterTotal: '2', clusters: [null] } });
    expect((await Array.fromAsync(mrs.clusters(ANALYTICS, ONCE))).map(({ id }) => id)).toEqual(['a', '']);
  });

  it('takes no unreadable answer for none', async () => {
    simulator.fault({ on: 'clusters', times: Infinity, status: 200, body: '<html>' });
    await expect(Array.fromAsync(mrs.clusters(ANALYTICS, ONCE))).rejects.toMatchObject({ trouble: { kind: 'unavailable' } });
  });
});

describe('a kill', () => {
  it('is accepted by 202, and the job dies a little later', async () => {
    const { job_id } = simulator.addJob();
    await mrs.kill(ANALYTICS, job_id);
    expect(await mrs.job(ANALYTICS, job_id, ONCE)).toMatchObject({ job_state: 'RUNNING' });
    clock.pass(1_000);
    expect(await mrs.job(ANALYTICS, job_id, ONCE)).toMatchObject({ job_state: 'KILLED', job_result: 'KILLED' });
  });

  it.each([
    ['a job that is over', { job_state: 'FINISHED' }],
    ['a SparkSql job', { job_type: 'SparkSql' }],
  ])('is refused with 0175 for %s, and nothing was killed', async (_, fields) => {
    const { job_id } = simulator.addJob(fields);
    await expect(mrs.kill(ANALYTICS, job_id)).rejects.toMatchObject({
      message: expect.stringMatching(/^MRS answered 0175: Failed to terminate the job\. \(request [0-9a-f]{32}\)$/),
      trouble: { kind: 'kill-refused', status: 400 },
    });
    expect(simulator.killed()).toEqual([]);
  });

  it('speaks the language of the settings and understands the refusal in any', async () => {
    const { job_id } = simulator.addJob({ job_state: 'FINISHED' });
    const chinese = connect({ mrs: simulator.url }, clock, { language: 'zh-cn' });
    await expect(chinese.mrs.kill(ANALYTICS, job_id)).rejects.toMatchObject({ trouble: { kind: 'kill-refused', message: '终止作业失败' } });
    expect(simulator.killed()).toEqual([]);
  });

  it('goes to the cluster that was named and to no other', async () => {
    const { job_id } = simulator.addJob();
    await expect(mrs.kill(DEV, job_id)).rejects.toMatchObject({ trouble: { kind: 'not-found' } });
    expect(simulator.killed()).toEqual([]);
  });
});

describe('calls in flight', () => {
  it('are ten at most, over all clients of an instance', async () => {
    const { job_id } = simulator.addJob();
    await connection.credentials.authorize(ANALYTICS);
    let most = 0;
    const inFlight = (): number => reads().filter(({ answeredStatus }) => answeredStatus === undefined).length;
    simulator.fault({ on: 'job', times: 25, delayMs: 100, when: () => (most = Math.max(most, inFlight())) > 0 });
    const clients = [mrs, connection.mrsAs(connection.credentials)];
    const calls = Array.from({ length: 25 }, (_, index) => clients[index % 2]!.job(ANALYTICS, job_id, ONCE));
    await Promise.all(calls);
    expect([most, reads().length]).toEqual([10, 25]);
  });
});
