import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Trouble, UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import { overEnd } from '../../lib/kill/follow.ts';
import { type KillEnd, killJob, type KillMoves, MOST_POSTS } from '../../lib/kill/post.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { NOON } from '../core/a-job.ts';
import { BROKEN_KILL_ERROR } from '../simulator/mrs-error.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { ANALYTICS, fakeClock, mrsOf } from './mrs-of-simulator.ts';

let clock: ReturnType<typeof fakeClock>;
let simulator: Simulator;
let mrs: Mrs;
beforeEach(async () => {
  clock = fakeClock();
  simulator = await startSimulator({ parts: ['mrs'], now: () => clock.now() });
  mrs = mrsOf(simulator, clock);
});
afterEach(() => simulator.close());

const add = (fields?: Partial<SimulatedJob>): string => simulator.addJob(fields).job_id;

function toTrouble(error: unknown): { kind: 'trouble'; trouble: Trouble } {
  if (!(error instanceof UpstreamFailed)) throw error;
  return { kind: 'trouble', trouble: error.trouble };
}

/** Kills against the simulator; every wait is over at once, and granted for five minutes in all. */
function kill(jobId: string, isPaused: () => boolean = () => false): Promise<KillEnd> {
  let waitedSec = 0;
  const moves: KillMoves = {
    async post() {
      if (isPaused()) return { kind: 'braked', brake: { rule: 'paused', reason: 'x' } };
      return mrs.kill(ANALYTICS, jobId).then(() => ({ kind: 'accepted' }) as const, toTrouble);
    },
    async look() {
      const seen = await mrs.job(ANALYTICS, jobId, { retryForMs: 2_000 }).then((job) => ({ kind: 'job', job }) as const, toTrouble);
      return seen.kind === 'trouble' && seen.trouble.kind === 'not-found' ? { kind: 'not-found' } : seen;
    },
    async wait(seconds) {
      waitedSec += seconds;
      if (waitedSec > 300) return false;
      await clock.sleep(seconds * 1_000);
      return true;
    },
  };
  return killJob(moves, { mostPosts: MOST_POSTS });
}
const postedAtSec = (): number[] => simulator.kills().map(({ at }) => (at - NOON) / 1_000);
const see = (jobId: string): Promise<Job> => mrs.job(ANALYTICS, jobId, { retryForMs: 0 });

describe('a kill', () => {
  it('ends the job with one POST', async () => {
    const jobId = add();
    expect(await kill(jobId)).toEqual({ end: 'accepted' });
    expect(postedAtSec()).toEqual([0]);
    await clock.sleep(1_000);
    expect(overEnd(await see(jobId))?.outcome).toBe('killed');
    expect(simulator.killed()).toEqual([jobId]);
  });

  it.each([
    ['200 with a body', 200, { result: 'succeeded' }],
    ['204', 204, undefined],
    ['202 with text that is no JSON', 202, 'ok'],
  ])('is taken from any 2xx: %s', async (_, status, body) => {
    simulator.fault({ on: 'kill', status, ...(body === undefined ? {} : { body }), thenDo: 'effect' });
    expect(await kill(add())).toEqual({ end: 'accepted' });
    expect(simulator.kills()).toHaveLength(1);
  });

  it('shows as killed while the logs are still copied', async () => {
    const jobId = add({ logCopyMs: 300_000 });
    await kill(jobId);
    await clock.sleep(1_000);
    const job = await see(jobId);
    expect([job.job_state, job.job_result, overEnd(job)?.outcome]).toEqual(['RUNNING', 'KILLED', 'killed']);
  });

  it('without an answer, that had its effect all the same, is not sent again', async () => {
    const jobId = add();
    simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    expect(await kill(jobId)).toMatchObject({ end: 'over', job: { job_result: 'KILLED' } });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([jobId]);
  });

  it('without an answer and without effect is sent again ten seconds later', async () => {
    const jobId = add();
    simulator.fault({ on: 'kill', hangUp: true });
    expect(await kill(jobId)).toEqual({ end: 'accepted' });
    expect(postedAtSec()).toEqual([0, 10]);
    expect(simulator.killed()).toEqual([jobId]);
  });

  it('that never gets an answer is sent three times, at least ten seconds apart', async () => {
    simulator.fault({ on: 'kill', times: Infinity, status: 504 });
    expect(await kill(add())).toMatchObject({ end: 'unanswered', trouble: { status: 504 } });
    expect(postedAtSec()).toEqual([0, 10, 20]);
    expect(simulator.killed()).toEqual([]);
  });

  it('waits as long as the Retry-After of a 429 says', async () => {
    simulator.fault({ on: 'kill', status: 429, headers: { 'Retry-After': '7' }, body: { error_code: 'APIGW.0308', error_msg: 'throttled' } });
    expect(await kill(add())).toEqual({ end: 'accepted' });
    expect(postedAtSec()).toEqual([0, 7]);
  });

  it('of a busy cluster (0180) is tried again within five minutes, each time after twice as long', async () => {
    simulator.fault({ on: 'kill', times: Infinity, status: 400, body: { error_code: '0180', error_msg: 'busy' } });
    expect(await kill(add())).toMatchObject({ end: 'trouble', trouble: { errorCode: '0180' }, effectUnknown: false });
    expect(postedAtSec()).toEqual([0, 2, 6, 14, 30, 62, 126, 254]);
    expect(simulator.killed()).toEqual([]);
  });

  it.each([
    ['500', 500, { error_code: '0175', error_msg: 'Failed to terminate the job.' }],
    ['400', 400, { error_code: '0175', error_msg: 'Failed to terminate the job.' }],
    ["500 with the documentation's broken JSON", 500, BROKEN_KILL_ERROR],
  ])('refused with 0175 as %s is sent once more and then ends with that code, and nothing was killed', async (_, status, body) => {
    simulator.fault({ on: 'kill', times: Infinity, status, body });
    expect(await kill(add())).toMatchObject({ end: 'trouble', trouble: { errorCode: '0175', status }, effectUnknown: false });
    expect(postedAtSec()).toEqual([0, 2]);
    expect(simulator.killed()).toEqual([]);
  });

  it.each([
    ['403', 403, { error_code: 'APIGW.0302', error_msg: 'no' }],
    ['0192 as 500', 500, { error_code: '0192', error_msg: 'The user is not synchronised.' }],
    ['0167 as 500', 500, { error_code: '0167', error_msg: 'The cluster is too old.' }],
    ['400 without a code', 400, undefined],
    ['a redirect', 307, undefined],
  ])('that MRS calls impossible is sent once: %s, and nothing was killed', async (_, status, body) => {
    simulator.fault({ on: 'kill', times: Infinity, status, ...(body && { body }) });
    expect(await kill(add())).toMatchObject({ end: 'trouble', trouble: { status } });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('of a job that ended by itself meanwhile finds it over, and nothing was killed', async () => {
    const jobId = add();
    simulator.endJob(jobId, 'SUCCEEDED');
    const end = await kill(jobId);
    expect(end).toMatchObject({ end: 'over', job: { job_state: 'FINISHED' } });
    expect(end.end === 'over' && overEnd(end.job)?.outcome).toBe('finished-first');
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('is not repeated for a job that ends by itself during the wait, and nothing was killed', async () => {
    const jobId = add({ endsItself: { afterMs: 5_000, result: 'SUCCEEDED' } });
    simulator.fault({ on: 'kill', hangUp: true });
    expect(await kill(jobId)).toMatchObject({ end: 'over', job: { job_result: 'SUCCEEDED' } });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('of an unknown job is sent once, and nothing was killed', async () => {
    expect(await kill('431b135e-c090-489f-b1db-0abe3822b855')).toEqual({ end: 'not-found' });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('is not repeated blindly where the job cannot be read, and nothing was killed', async () => {
    const jobId = add();
    simulator.fault({ on: 'kill', status: 503 });
    simulator.fault({ on: 'job', times: Infinity, status: 500 });
    expect(await kill(jobId)).toMatchObject({ end: 'trouble', trouble: { status: 503 } });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('stops at an off switch that was turned between two POSTs, and nothing was killed', async () => {
    simulator.fault({ on: 'kill', status: 503 });
    expect(await kill(add(), () => simulator.kills().length > 0)).toMatchObject({ end: 'braked', effectUnknown: false });
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });
});
