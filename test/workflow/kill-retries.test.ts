import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { expectEnd } from './expect-end.ts';
import { type WorkflowStage, type WorkflowOptions, START_MS, startWorkflowStage } from '../stage/workflow.ts';

let stage: WorkflowStage;
afterEach(() => stage.close());

async function begin(options: WorkflowOptions = {}, job: Partial<SimulatedJob> = {}): Promise<WorkflowStage & { jobId: string }> {
  stage = await startWorkflowStage(options);
  return { ...stage, jobId: stage.simulator.addJob(job).job_id };
}

const postedAtSec = (): number[] => stage.simulator.kills().map(({ at }) => (at - START_MS) / 1_000);
const mrsError = (error_code: string): object => ({ error_code, error_msg: 'words of MRS' });

describe('a POST without an answer', () => {
  it('that had no effect is sent again after 10 s', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', hangUp: true });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 2, killed: [jobId] });
    expect(postedAtSec()).toEqual([0, 10]);
  });

  it('is sent at most three times, followed all the same, and then the request fails with what to do by hand', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', hangUp: true, times: Infinity });
    const reason = /^MRS gave no answer: .*; MRS answered none of our kills, and the job still runs; by hand: hcloud /;
    expectEnd(stage, await play(), { outcome: 'failed', reason, posts: 3, killed: [] });
    expect(postedAtSec()).toEqual([0, 10, 20]);
  });

  it('that had its effect is not sent again: the job is seen killed', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it.each([502, 504])('is also a %i of the gateway', async (status) => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', status, times: 2 });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 3, killed: [jobId] });
    expect(postedAtSec()).toEqual([0, 10, 20]);
  });

  it('is not repeated to a job that ended meanwhile', async () => {
    const { jobId, play, simulator } = await begin({ onRequest: ({ path }) => path.endsWith('/kill') && simulator.endJob(jobId, 'SUCCEEDED') });
    simulator.fault({ on: 'kill', hangUp: true });
    expectEnd(stage, await play(), { outcome: 'finished-first', posts: 1, killed: [] });
  });

  it('is not repeated to a job that ends while we wait', async () => {
    const { play, simulator } = await begin({}, { endsItself: { afterMs: 9_000, result: 'FAILED' } });
    simulator.fault({ on: 'kill', hangUp: true });
    expectEnd(stage, await play(), { outcome: 'finished-first', posts: 1, killed: [] });
  });
});

describe('a kill that MRS puts off', () => {
  it.each<[string, { status: number; body?: object; headers?: Record<string, string> }, number[]]>([
    ['429 with Retry-After', { status: 429, headers: { 'Retry-After': '7' } }, [0, 7]],
    ['429 without', { status: 429 }, [0, 2]],
    ['APIGW.0308', { status: 429, body: mrsError('APIGW.0308') }, [0, 2]],
    ['0180', { status: 400, body: mrsError('0180') }, [0, 2]],
    ['503', { status: 503 }, [0, 2]],
    ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '30' } }, [0, 30]],
  ])('by %s is sent again when it says, or after 2 s', async (_, answer, postedAt) => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', ...answer });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 2, killed: [jobId] });
    expect(postedAtSec()).toEqual(postedAt);
  });

  it('again and again is failed after five minutes: each POST after twice as long as the one before', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 503, times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^MRS answered HTTP 503/, posts: 8, killed: [] });
    expect(postedAtSec()).toEqual([0, 2, 6, 14, 30, 62, 126, 254]);
  });

  it('for 300 s is waited for', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 503, headers: { 'Retry-After': '300' } });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 2, killed: [jobId] });
    expect(postedAtSec()).toEqual([0, 300]);
  });

  it('for more than 5 minutes is failed at once', async () => {
    const { play, simulator, clock } = await begin();
    simulator.fault({ on: 'kill', status: 429, headers: { 'Retry-After': '301' } });
    expectEnd(stage, await play(), { outcome: 'failed', posts: 1, killed: [] });
    expect(clock.now()).toBe(START_MS);
  });

  it('twice for 200 s is failed: together that is more than 5 minutes', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 503, headers: { 'Retry-After': '200' }, times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', posts: 2, killed: [] });
    expect(postedAtSec()).toEqual([0, 200]);
  });
});

describe('a kill that MRS refuses', () => {
  it.each([500, 400])('by 0175 with status %i is tried once more', async (status) => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status, body: mrsError('0175'), times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^MRS answered 0175: words of MRS/, posts: 2, killed: [] });
  });

  it('by 0175 once is killed by the second POST', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 500, body: mrsError('0175') });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 2, killed: [jobId] });
  });

  it.each([
    [403, 'APIGW.0302'],
    [400, '0192'],
    [400, 'MRS.0002'],
    [404, 'APIGW.0101'],
  ])('by %i %s is failed at once', async (status, code) => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status, body: mrsError(code), times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', reason: new RegExp(`^MRS answered ${code}`), posts: 1, killed: [] });
  });

  it('because its token died early is sent again at once, with a new token', async () => {
    let isDead = false;
    const { jobId, play, simulator } = await begin({
      onRequest({ path }) {
        if (path.endsWith('/kill') && !isDead) {
          isDead = true;
          simulator.expireTokens();
        }
      },
    });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 2, killed: [jobId] });
    expect(simulator.kills().map(({ answeredStatus }) => answeredStatus)).toEqual([401, 202]);
    expect(postedAtSec()).toEqual([0, 0]);
  });

  it('because no token is any good is failed after the second', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 401, body: mrsError('APIGW.0307'), times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', posts: 2, killed: [] });
  });
});

describe('the off switch', () => {
  it('that is turned on between the look and the POST keeps the POST back, and nothing was killed', async () => {
    const { play, state } = await begin({ onLine: ({ message }) => message === 'killing' && void (state.paused = true) });
    const end = expectEnd(stage, await play(), { outcome: 'refused', rule: 'paused', reason: /^paused: /, posts: 0, killed: [] });
    expect(end.reason).not.toContain('may still take effect');
  });

  it('that is turned on between two POSTs keeps the second one back, and nothing was killed', async () => {
    const { play, simulator, state } = await begin({ onRequest: ({ path }) => path.endsWith('/kill') && void (state.paused = true) });
    simulator.fault({ on: 'kill', status: 503 });
    const end = expectEnd(stage, await play(), { outcome: 'refused', rule: 'paused', posts: 1, killed: [] });
    expect(end.reason).not.toContain('may still take effect');
  });

  it('says so where a POST before it is unanswered', async () => {
    const { play, simulator, state } = await begin({ onRequest: ({ path }) => path.endsWith('/kill') && void (state.paused = true) });
    simulator.fault({ on: 'kill', hangUp: true });
    const reason = /^paused: .*; a kill was sent before and may still take effect/;
    expectEnd(stage, await play(), { outcome: 'refused', rule: 'paused', reason, posts: 1, killed: [] });
  });

  it('that is turned on after the POST changes nothing: the job is followed to its end', async () => {
    const { jobId, play, state } = await begin({ onRequest: ({ path }) => path.endsWith('/kill') && void (state.paused = true) });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
  });
});

describe('a POST that leaves more than 10 s after its look, since it could not be put on record', () => {
  it('is preceded by another look and takes its place in the hour again', async () => {
    const { jobId, play, trail, ledger } = await begin();
    let refusals = 0;
    ledger.script = ({ on, partitions }) => (on === 'put' && partitions.some((partition) => partition.startsWith('run/')) && trail.includes('checkpoint place') && ++refusals <= 4 ? 'fails' : undefined);
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(ledger.calls.filter(({ on }) => on === 'take')).toHaveLength(2);
    expect(trail.slice(trail.indexOf('audit killing'), trail.indexOf('POST kill'))).toEqual(['audit killing', 'checkpoint audit-before', 'GET job']);
    expect(postedAtSec()[0]).toBeGreaterThan(10);
  });

  it('waits for a ledger that is away for a moment just then', async () => {
    const { jobId, play, trail, ledger } = await begin();
    let refusals = 0;
    let takes = 0;
    ledger.script = ({ on, partitions }) => {
      if (on === 'take') return trail.includes('checkpoint record') && ++takes <= 5 ? 'fails' : undefined;
      return on === 'put' && partitions.some((partition) => partition.startsWith('run/')) && trail.includes('checkpoint place') && ++refusals <= 4 ? 'fails' : undefined;
    };
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(takes).toBe(6);
  });

  it('does not leave where its place cannot be taken again, and nothing was killed', async () => {
    const { play, trail, ledger } = await begin();
    let refusals = 0;
    ledger.script = ({ on, partitions }) => {
      if (on === 'take') return trail.includes('checkpoint record') ? 'fails' : undefined;
      return on === 'put' && partitions.some((partition) => partition.startsWith('run/')) && trail.includes('checkpoint place') && ++refusals <= 4 ? 'fails' : undefined;
    };
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^the ledger could not be used: .*; nothing is killed without a record there; look at \/health/, posts: 0, killed: [] });
  });

  it('does not leave where the job is over by then, and nothing was killed', async () => {
    const { play, trail, ledger } = await begin({}, { endsItself: { afterMs: 8_000, result: 'SUCCEEDED' } });
    let refusals = 0;
    ledger.script = ({ on, partitions }) => (on === 'put' && partitions.some((partition) => partition.startsWith('run/')) && trail.includes('checkpoint place') && ++refusals <= 4 ? 'fails' : undefined);
    expectEnd(stage, await play(), { outcome: 'finished-first', posts: 0, killed: [] });
  });
});
