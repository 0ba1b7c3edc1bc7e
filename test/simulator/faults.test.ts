import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { timeOutWhen } from '../support/until.ts';
import { JOBS_PATH, logIn, type Reply, send } from './client.ts';
import { BROKEN_KILL_ERROR } from './mrs-error.ts';
import { type Simulator, startSimulator } from './simulator.ts';

let simulator: Simulator;
let token: string;
let jobId: string;

beforeEach(async () => {
  simulator = await startSimulator({ killDelayMs: 0 });
  token = await logIn(simulator);
  jobId = simulator.addJob().job_id;
});

afterEach(() => simulator.close());

const kill = (signal?: AbortSignal): Promise<Reply> =>
  send(simulator, `POST ${JOBS_PATH}/${jobId}/kill`, { token, ...(signal && { signal }) });
const show = (): Promise<Reply> => send(simulator, `GET ${JOBS_PATH}/${jobId}`, { token });

describe('a fault', () => {
  it('answers instead of the route, once, and nothing happens', async () => {
    simulator.fault({ on: 'kill', status: 429, headers: { 'Retry-After': '2' }, body: { error_code: 'APIGW.0308' } });
    const reply = await kill();
    expect([reply.status, reply.headers.get('retry-after'), reply.json()]).toEqual([429, '2', { error_code: 'APIGW.0308' }]);
    expect(simulator.killed()).toEqual([]);
    expect((await kill()).status).toBe(202);
    expect(simulator.killed()).toEqual([jobId]);
  });

  it('may let the kill happen behind its answer', async () => {
    simulator.fault({ on: 'kill', status: 504, thenDo: 'effect' });
    expect((await kill()).status).toBe(504);
    expect(simulator.killed()).toEqual([jobId]);
  });

  it('may change only a part of the true answer', async () => {
    simulator.fault({ on: 'job', status: 200, thenDo: 'effect' });
    simulator.fault({ on: 'job', headers: { 'X-Extra': '1' } });
    const first = await show();
    expect([first.status, first.json().job_detail.job_id]).toEqual([200, jobId]);
    const second = await show();
    expect([second.status, second.headers.get('x-extra'), second.json().job_detail.job_id]).toEqual([202, '1', jobId]);
  });

  it('hits only its route and what its condition names, in the order of the script', async () => {
    simulator.fault({ on: 'job', when: ({ query }) => query['page'] === '2', status: 500 });
    simulator.fault({ on: 'kill', status: 501 });
    simulator.fault({ on: 'any', times: 2, status: 502 });
    simulator.fault({ on: 'job', times: Infinity, status: 503 });
    const statuses = [(await show()).status, (await kill()).status, (await show()).status, (await show()).status, (await show()).status];
    expect(statuses).toEqual([502, 501, 502, 503, 503]);
    simulator.clearFaults();
    expect((await show()).status).toBe(202);
  });

  it('hits unknown paths too where it is on any', async () => {
    simulator.fault({ on: 'any', status: 503 });
    expect((await send(simulator, 'GET /nowhere')).status).toBe(503);
  });

  it('delays the true answer, not the kill', async () => {
    simulator.fault({ on: 'kill', delayMs: 200 });
    const start = performance.now();
    const answer = kill();
    while (simulator.kills().length === 0) await new Promise(setImmediate);
    expect(simulator.killed()).toEqual([jobId]);
    expect((await answer).status).toBe(202);
    expect(performance.now() - start).toBeGreaterThanOrEqual(190);
  });

  it('hangs until the client gives up, with or without the kill', async () => {
    simulator.fault({ on: 'kill', hang: true });
    simulator.fault({ on: 'kill', hang: true, thenDo: 'effect' });
    await expect(kill(timeOutWhen(() => simulator.kills().length === 1))).rejects.toThrow('aborted due to timeout');
    expect(simulator.killed()).toEqual([]);
    await expect(kill(timeOutWhen(() => simulator.kills().length === 2))).rejects.toThrow('aborted due to timeout');
    expect(simulator.killed()).toEqual([jobId]);
    expect(simulator.kills().map(({ answeredStatus }) => answeredStatus)).toEqual([undefined, undefined]);
  });

  it('hangs up without an answer, with or without the kill', async () => {
    simulator.fault({ on: 'kill', hangUp: true });
    simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    await expect(kill()).rejects.toThrow('fetch failed');
    expect(simulator.killed()).toEqual([]);
    await expect(kill()).rejects.toThrow('fetch failed');
    expect(simulator.killed()).toEqual([jobId]);
    expect(simulator.kills().map(({ answeredStatus }) => answeredStatus)).toEqual([undefined, undefined]);
  });

  it('can send the broken JSON of the documentation', async () => {
    simulator.fault({ on: 'kill', status: 500, body: BROKEN_KILL_ERROR });
    const reply = await kill();
    expect(reply.text).toContain('"error_code":"0175"');
    expect(reply.json).toThrow(SyntaxError);
  });
});

describe('the simulator', () => {
  it('closes while requests hang and while answers are late', async () => {
    simulator.fault({ on: 'kill', hang: true });
    simulator.fault({ on: 'kill', delayMs: 3_600_000 });
    const open = Promise.allSettled([kill(), kill()]);
    while (simulator.kills().length < 2) await new Promise(setImmediate);
    await simulator.close();
    expect((await open).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(show()).rejects.toThrow('fetch failed');
  });
});

describe('the control API', () => {
  it('adds jobs and lists them, as of now', async () => {
    const added = await send(simulator, 'POST /simulator/jobs', { body: { job_name: 'runaway', queue: 'adhoc' } });
    expect(added.status).toBe(201);
    expect(added.json()).toMatchObject({ job_name: 'runaway', queue: 'adhoc', job_state: 'RUNNING' });
    await kill();
    const jobs = (await send(simulator, 'GET /simulator/jobs')).json();
    expect(jobs.map((job: any) => job.job_state)).toEqual(['KILLED', 'RUNNING']);
  });

  it('tells which kills were asked for and which jobs they ended', async () => {
    simulator.fault({ on: 'kill', status: 503 });
    await kill();
    expect((await send(simulator, 'GET /simulator/kills')).json()).toMatchObject([{ method: 'POST', answeredStatus: 503 }]);
    expect((await send(simulator, 'GET /simulator/killed')).json()).toEqual([]);
    await kill();
    expect((await send(simulator, 'GET /simulator/killed')).json()).toEqual([jobId]);
  });

  it('scripts faults and clears them; what JSON makes of Infinity is for ever', async () => {
    const script = (fault: object): Promise<Reply> => send(simulator, 'POST /simulator/faults', { body: fault });
    expect((await script({ on: 'job', status: 503, times: Infinity })).status).toBe(204);
    expect([(await show()).status, (await show()).status]).toEqual([503, 503]);
    expect((await send(simulator, 'DELETE /simulator/faults')).status).toBe(204);
    expect((await show()).status).toBe(202);
  });

  it.each([
    ['POST /simulator/jobs', { jobname: 'typo' }],
    ['POST /simulator/jobs', { cluster_id: 'none' }],
    ['POST /simulator/faults', { on: 'nothing' }],
    ['POST /simulator/faults', '{'],
  ] as const)('answers 400 to a mistake: %s %j', async (line, body) => {
    const reply = await send(simulator, line, { body });
    expect(reply.status).toBe(400);
    expect(reply.json().error).not.toBe('');
  });

  it('is not recorded, and no fault hits it', async () => {
    simulator.fault({ on: 'any', status: 503 });
    expect((await send(simulator, 'GET /simulator/nothing')).status).toBe(404);
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/v3/auth/tokens']);
  });
});
