import { afterEach, describe, expect, it } from '@jest/globals';
import { type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const START_MS = 1_795_000_000_000;

let api: RestApi;
afterEach(() => api.close());

async function start(options: RestApiOptions = {}): Promise<RestApi> {
  api = await startRestApi(options);
  return api;
}

describe('with Prefer: wait', () => {
  const waiting = (seconds: number | string) => ({ headers: { authorization: 'Bearer rest-token-0123456789', Prefer: `wait=${seconds}` } });

  it('a killed job is a 200', async () => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock, simulator: { killDelayMs: 3_000 } });
    const job = simulator.addJob();
    const reply = await kill(job.job_id, waiting(10));
    expect([reply.status, reply.body.outcome, reply.body.job.job_state]).toEqual([200, 'killed', 'KILLED']);
    expect(simulator.kills()).toHaveLength(1);
    expect(clock.sleeps).toEqual([1_000, 2_000]);
  });

  it('a job that came first to its end is a 200 that says so', async () => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock, simulator: { killDelayMs: 60_000 } });
    const job = simulator.addJob({ endsItself: { afterMs: 4_000, result: 'SUCCEEDED' } });
    const reply = await kill(job.job_id, waiting(10));
    expect([reply.status, reply.body.outcome, reply.body.job.job_result]).toEqual([200, 'finished-first', 'SUCCEEDED']);
    expect(simulator.killed()).toEqual([]);
  });

  it('a job whose logs are copied counts as killed by its result', async () => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock, simulator: { killDelayMs: 1_000 } });
    const reply = await kill(simulator.addJob({ logCopyMs: 600_000 }).job_id, waiting(10));
    expect([reply.status, reply.body.outcome, reply.body.job.job_state]).toEqual([200, 'killed', 'RUNNING']);
  });

  it.each([
    [10, 10_000],
    [25, 25_000],
    [26, 25_000],
    [3_600, 25_000],
    ['soon', 0],
    [-1, 0],
  ])('wait=%s waits %i ms in all, then answers 202', async (seconds, waitedMs) => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock });
    const reply = await kill(simulator.addJob({ ignoresKill: true }).job_id, waiting(seconds));
    expect([reply.status, reply.body.outcome]).toEqual([202, 'accepted']);
    expect(clock.now() - START_MS).toBe(waitedMs);
    expect(simulator.kills()).toHaveLength(1);
  });

  it('looks that fail are no end', async () => {
    const clock = createSteppingClock(START_MS);
    const { simulator, kill } = await start({ clock, simulator: { killDelayMs: 5_000 } });
    const job = simulator.addJob();
    let looks = 0;
    simulator.fault({ on: 'job', status: 503, times: 2, when: () => ++looks > 1 });
    expect((await kill(job.job_id, waiting(20))).body.outcome).toBe('killed');
    expect(simulator.kills()).toHaveLength(1);
  });

  it('a look that hangs does not keep the answer beyond the time of the function', async () => {
    const { simulator, kill } = await start();
    const job = simulator.addJob({ ignoresKill: true });
    let looks = 0;
    simulator.fault({ on: 'job', hang: true, when: () => ++looks > 1 });
    const began = Date.now();
    const reply = await kill(job.job_id, { ...waiting(25), remainingMs: 3_500 });
    expect([reply.status, reply.body.outcome]).toEqual([202, 'accepted']);
    expect(Date.now() - began).toBeLessThan(2_400);
  });
});
