import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, JOBS_PATH, logIn, PROJECT_ID, type Reply, send } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

let now: number;
let simulator: Simulator;
let token: string;

beforeEach(async () => {
  now = NOON;
  simulator = await startSimulator({ now: () => now });
  token = await logIn(simulator);
});

afterEach(() => simulator.close());

const kill = (jobId: string, headers = {}): Promise<Reply> => send(simulator, `POST ${JOBS_PATH}/${jobId}/kill`, { token, headers });
const show = async (jobId: string): Promise<any> => (await send(simulator, `GET ${JOBS_PATH}/${jobId}`, { token })).json().job_detail;
const list = (query = ''): Promise<Reply> => send(simulator, `GET ${JOBS_PATH}${query}`, { token });
const listedNames = async (query: string): Promise<string[]> => (await list(query)).json().job_list.map((job: any) => job.job_name);

describe('a kill', () => {
  it('is answered 202 without a body and takes effect a second later', async () => {
    const { job_id } = simulator.addJob({ submitted_time: NOON - 50_000, started_time: NOON - 40_000 });
    const reply = await kill(job_id);
    expect([reply.status, reply.text]).toEqual([202, '']);

    now = NOON + 999;
    expect(await show(job_id)).toMatchObject({ job_state: 'RUNNING', job_result: 'UNDEFINED', finished_time: 0, elapsed_time: 40_999 });
    now = NOON + 5_000;
    expect(await show(job_id)).toMatchObject({ job_state: 'KILLED', job_result: 'KILLED', finished_time: NOON + 1_000, elapsed_time: 41_000 });
  });

  it('said twice does not start the second anew', async () => {
    const { job_id } = simulator.addJob();
    await kill(job_id);
    now = NOON + 900;
    expect((await kill(job_id)).status).toBe(202);
    now = NOON + 1_000;
    expect(simulator.job(job_id)?.job_state).toBe('KILLED');
    expect([simulator.kills().length, simulator.killed()]).toEqual([2, [job_id]]);
  });

  it.each([
    ['a job that is over', { job_state: 'FINISHED' }],
    ['a SparkSql job', { job_type: 'SparkSql' }],
    ['a job whose logs are being copied', { job_result: 'KILLED' }],
  ])('is refused with 400 0175 for %s', async (_, fields) => {
    const { job_id } = simulator.addJob(fields);
    const reply = await kill(job_id);
    expect(reply.status).toBe(400);
    expect(reply.json()).toEqual({ error_code: '0175', error_msg: 'Failed to terminate the job.' });
    expect((await kill(job_id, { 'X-Language': 'zh-cn' })).json().error_msg).toBe('终止作业失败');
    expect(simulator.killed()).toEqual([]);
  });

  it('shows as result before it shows as state where logs are copied', async () => {
    const { job_id } = simulator.addJob({ logCopyMs: 120_000 });
    await kill(job_id);
    now = NOON + 120_999;
    expect(await show(job_id)).toMatchObject({ job_state: 'RUNNING', job_result: 'KILLED', finished_time: 0 });
    now = NOON + 121_000;
    expect(await show(job_id)).toMatchObject({ job_state: 'KILLED', job_result: 'KILLED', finished_time: NOON + 121_000 });
  });

  it('does nothing to a job that ignores it', async () => {
    const { job_id } = simulator.addJob({ ignoresKill: true });
    expect((await kill(job_id)).status).toBe(202);
    now = NOON + 3_600_000;
    expect(await show(job_id)).toMatchObject({ job_state: 'RUNNING', job_result: 'UNDEFINED' });
    expect(simulator.killed()).toEqual([]);
  });

  it.each([
    [999, 'FINISHED', 0],
    [1_001, 'KILLED', 1],
  ])('meets a job that ends after %i ms as %s', async (afterMs, job_state, killed) => {
    const { job_id } = simulator.addJob({ endsItself: { afterMs, result: 'SUCCEEDED' } });
    await kill(job_id);
    now = NOON + 2_000;
    expect((await show(job_id)).job_state).toBe(job_state);
    expect(simulator.killed()).toHaveLength(killed);
  });

  it('counts for nothing where the job was ended by hand meanwhile', async () => {
    const { job_id } = simulator.addJob();
    await kill(job_id);
    simulator.endJob(job_id, 'FAILED');
    now = NOON + 2_000;
    expect(await show(job_id)).toMatchObject({ job_state: 'FAILED', job_result: 'FAILED', finished_time: NOON });
    expect(simulator.killed()).toEqual([]);
  });
});

describe('a job', () => {
  it('is answered with 202, plain numbers, its secrets, and nothing of the simulator', async () => {
    const { job_id } = simulator.addJob({ logCopyMs: 5 });
    const reply = await send(simulator, `GET ${JOBS_PATH}/${job_id}`, { token });
    expect(reply.status).toBe(202);
    const { job_detail } = reply.json();
    expect(job_detail).toMatchObject({ job_id, job_state: 'RUNNING', submitted_time: NOON - 60_000, finished_time: 0 });
    expect(job_detail.arguments + job_detail.properties).toMatch(/fake-argument-secret.*fs\.obs\.secret\.key=fake-property-secret/);
    expect(job_detail).not.toHaveProperty('logCopyMs');
    expect(job_detail).not.toHaveProperty('cluster_id');
  });

  it('has no app_id before it has started', async () => {
    const { job_id, launcher_id } = simulator.addJob({ job_state: 'ACCEPTED' });
    const job = await show(job_id);
    expect(job).toMatchObject({ launcher_id, started_time: 0 });
    expect(job).not.toHaveProperty('app_id');
  });

  it('that is missing and a cluster that is missing are told apart by the keys of the error', async () => {
    const { job_id } = simulator.addJob();
    const noJob = await send(simulator, `GET ${JOBS_PATH}/431b135e-c090-489f-b1db-0abe3822b855`, { token });
    expect([noJob.status, noJob.json().error_code]).toEqual([400, '0176']);
    const noCluster = await send(simulator, `GET /v2/${PROJECT_ID}/clusters/none/job-executions/${job_id}`, { token });
    expect(noCluster.status).toBe(400);
    expect(noCluster.json()).toEqual({ errorCode: '12000003', errorMsg: 'The cluster does not exist.' });
  });

  it('is not found in another cluster, nor in another project', async () => {
    const { job_id } = simulator.addJob();
    const elsewhere = `bc134369-294c-42b7-a707-b2036ba38524/job-executions/${job_id}`;
    expect((await send(simulator, `GET /v2/${PROJECT_ID}/clusters/${elsewhere}`, { token })).json().error_code).toBe('0176');
    const foreign = await send(simulator, `POST /v2/ffffffffffffffffffffffffffffffff/clusters/${ANALYTICS_ID}/job-executions/${job_id}/kill`, { token });
    expect([foreign.status, foreign.json().error_code]).toEqual([400, '12000107']);
    expect(simulator.killed()).toEqual([]);
  });

  it('cannot be added to an unknown cluster, nor twice, nor ended where there is none', () => {
    const { job_id } = simulator.addJob();
    expect(() => simulator.addJob({ cluster_id: 'none' })).toThrow('no cluster none');
    expect(() => simulator.addJob({ job_id })).toThrow(`job ${job_id} is already`);
    expect(() => simulator.endJob('none', 'FAILED')).toThrow('no job none');
  });
});

describe('the list of jobs', () => {
  it('quotes all numbers, prints New for NEW, and still filters by NEW', async () => {
    simulator.addJob({ job_name: 'waits', job_state: 'NEW' });
    simulator.addJob();
    const reply = await list('?job_state=NEW');
    expect(reply.status).toBe(202);
    expect(reply.json()).toMatchObject({
      total_record: '1',
      job_list: [{ job_name: 'waits', job_state: 'New', job_progress: '0', submitted_time: String(NOON - 60_000), started_time: '0' }],
    });
    expect(reply.json().job_list[0]).not.toHaveProperty('app_id');
  });

  it('gives ten, newest first, unless told otherwise', async () => {
    for (let number = 1; number <= 12; number++) simulator.addJob({ job_name: `j${number}`, submitted_time: NOON + number });
    expect(await listedNames('')).toEqual(['j12', 'j11', 'j10', 'j9', 'j8', 'j7', 'j6', 'j5', 'j4', 'j3']);
    expect(await listedNames('?offset=2&sort_by=asc')).toEqual(['j11', 'j12']);
    expect(await listedNames('?limit=100')).toHaveLength(12);
  });

  it('counts pages, not records: after the last one comes an empty page with the same total', async () => {
    for (let number = 1; number <= 3; number++) simulator.addJob();
    const pages = await Promise.all([1, 2, 3].map(async (page) => (await list(`?limit=2&offset=${page}`)).json()));
    expect(pages.map((page) => [page.job_list.length, page.total_record])).toEqual([[2, '3'], [1, '3'], [0, '3']]);
  });

  it.each(['offset=0', 'offset=x', 'limit=0'])('refuses %s with MRS.0002', async (query) => {
    const reply = await list(`?${query}`);
    expect([reply.status, reply.json().error_code]).toEqual([400, 'MRS.0002']);
  });

  it.each([
    ['job_name=etl', ['etl-2', 'etl']],
    ['user=ana', ['etl']],
    ['job_type=Flink', ['stream']],
    ['job_result=UNDEFINED', ['stream', 'etl']],
    ['job_state=FINISHED&job_result=SUCCEEDED', ['etl-2']],
    ['queue=adhoc', ['stream']],
    [`submitted_time_begin=${NOON + 2}&submitted_time_end=${NOON + 2}`, ['etl-2']],
    ['job_id=11111111-1111-4111-8111-111111111111', ['etl']],
    ['queue=', ['stream', 'etl-2', 'etl']],
  ])('filters by %s', async (query, names) => {
    simulator.addJob({ job_name: 'etl', user: 'ana', submitted_time: NOON + 1, job_id: '11111111-1111-4111-8111-111111111111' });
    simulator.addJob({ job_name: 'etl-2', job_state: 'FINISHED', submitted_time: NOON + 2 });
    simulator.addJob({ job_name: 'stream', job_type: 'Flink', queue: 'adhoc', submitted_time: NOON + 3 });
    expect(await listedNames(`?${query}`)).toEqual(names);
  });
});

describe('what went over the wire', () => {
  it('is recorded in order, with what was answered', async () => {
    await send(simulator, 'GET /nowhere?a=1', { headers: { 'X-Language': 'en-us' } });
    expect(simulator.requests.map(({ path, answeredStatus }) => [path, answeredStatus])).toEqual([['/v3/auth/tokens', 201], ['/nowhere', 404]]);
    expect(simulator.requests[1]).toMatchObject({ at: NOON, method: 'GET', query: { a: '1' }, headers: { 'x-language': 'en-us' }, body: '' });
    expect(JSON.parse(simulator.requests[0]?.body ?? '')).toHaveProperty('auth');
  });

  it('ends at 404 APIGW.0101 where no route is, with the request id in header and body', async () => {
    const reply = await send(simulator, 'GET /nowhere');
    expect(reply.json()).toMatchObject({ error_code: 'APIGW.0101', request_id: reply.headers.get('x-request-id') });
    expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  });
});
