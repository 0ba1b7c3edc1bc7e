import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Job } from '../../../lib/core/job.ts';
import type { CallBudget } from '../../../lib/http/retry.ts';
import { runInvocation } from '../../../home/engine/invocation.ts';
import { followTogether } from '../../../home/mrs/follow-together.ts';
import type { Mrs } from '../../../lib/mrs/mrs.ts';
import { createFakeClock, type FakeClock } from '../../http/fake-clock.ts';
import { ANALYTICS, DEV, mrsOf } from '../../kill/mrs-of-simulator.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';

const FOLLOW: CallBudget = { rank: 'follow', retryForMs: 0 };

let clock: FakeClock;
let simulator: Simulator;
let mrs: Mrs;
beforeEach(async () => {
  clock = createFakeClock('2026-11-22T12:00:00Z');
  simulator = await startSimulator({ parts: ['mrs'], killDelayMs: 0, now: () => clock.now() });
  mrs = followTogether(clock)(mrsOf(simulator, clock));
});
afterEach(() => simulator.close());

let next = 0;
const addJobs = (count: number): string[] => Array.from({ length: count }, () => simulator.addJob({ submitted_time: clock.now() - 1_000_000 + next++ }).job_id);
const follow = (ids: readonly string[], budget = FOLLOW): Promise<Job[]> => Promise.all(ids.map((id) => mrs.job(ANALYTICS, id, budget)));
/** How many single reads and pages of lists MRS got. */
function asked(): { single: number; pages: number } {
  const reads = simulator.requests.filter(({ method, path }) => method === 'GET' && path.includes('/job-executions'));
  const pages = reads.filter(({ path }) => path.endsWith('/job-executions')).length;
  return { single: reads.length - pages, pages };
}

describe('many follows of one cluster', () => {
  it('are served by one walk over its active jobs, but for the first two', async () => {
    const ids = addJobs(250);
    const jobs = await follow(ids);
    expect(jobs.map(({ job_id, job_state }) => [job_id, job_state])).toEqual(ids.map((id) => [id, 'RUNNING']));
    expect(asked()).toEqual({ single: 2, pages: 3 });
    const alone = await mrsOf(simulator, clock).job(ANALYTICS, ids[100] as string, FOLLOW);
    expect(jobs[100]).toEqual(alone);
  });

  it('2,000 of them, 20 of which have died, cost 42 requests', async () => {
    const ids = addJobs(2_000);
    await Promise.all(ids.slice(100, 120).map((id) => mrs.kill(ANALYTICS, id)));
    const jobs = await follow(ids);
    expect(jobs.filter(({ job_state: state }) => state === 'KILLED').map(({ job_id }) => job_id)).toEqual(ids.slice(100, 120));
    expect(asked()).toEqual({ single: 22, pages: 20 });
  });

  it('never learn from a list that a job is over, or is not there', async () => {
    const ids = addJobs(10);
    // As if none of them were active: each is asked for by itself, and is alive.
    simulator.fault({ on: 'jobs', times: Infinity, status: 200, body: { total_record: 0, job_list: [] } });
    expect((await follow(ids)).map(({ job_state: state }) => state)).toEqual(ids.map(() => 'RUNNING'));
    expect(asked().single).toBe(10);
  });

  it('read one by one where the list fails, and do not ask for it again for a minute', async () => {
    const ids = addJobs(10);
    simulator.fault({ on: 'jobs', times: Infinity, status: 503 });
    await expect(follow(ids)).resolves.toHaveLength(10);
    expect(asked()).toEqual({ single: 10, pages: 1 });
    await expect(follow(ids)).resolves.toHaveLength(10);
    expect(asked()).toEqual({ single: 20, pages: 1 });
    clock.pass(60_000);
    await follow(ids);
    expect(asked()).toEqual({ single: 30, pages: 2 });
  });

  it('read one by one where the list is long for so few, which is found out once a minute', async () => {
    const ids = addJobs(1_000);
    await follow(ids.slice(-10));
    const before = simulator.requests.length;
    expect(asked().pages).toBeLessThanOrEqual(8); // four that it looked at, and those that were asked for ahead
    await follow(ids.slice(-10));
    expect(simulator.requests.length - before).toBeLessThanOrEqual(10 + 4); // one by one; what was asked for ahead may come late
    clock.pass(60_000);
    const jobs = await follow(ids);
    expect(jobs.map(({ job_id }) => job_id)).toEqual(ids);
    expect(asked().single).toBe(22);
  });

  it.each([1, 2])('%d of them read at once, by themselves', async (count) => {
    const ids = addJobs(count);
    await follow(ids);
    expect([asked(), clock.sleeps]).toEqual([{ single: count, pages: 0 }, []]);
    clock.pass(1_000);
    await follow(ids);
    expect([asked(), clock.sleeps]).toEqual([{ single: 2 * count, pages: 0 }, []]);
  });

  it('wait for each other, so that the list is newer than each of them', async () => {
    const ids = addJobs(10);
    let died = '';
    const together = followTogether({ ...clock, sleep: async () => void (await mrs.kill(ANALYTICS, (died = ids[5] as string))) })(mrsOf(simulator, clock));
    const jobs = await Promise.all(ids.map((id) => together.job(ANALYTICS, id, FOLLOW)));
    expect(jobs.filter(({ job_state: state }) => state === 'KILLED').map(({ job_id }) => job_id)).toEqual([died]);
  });
});

describe('everything else goes by as it came', () => {
  it.each<[string, CallBudget]>([
    ['a look of a kill', { rank: 'kill', retryForMs: 0 }],
    ['a look of a person', { rank: 'person', retryForMs: 0 }],
    ['a follow with a time limit of its own', { ...FOLLOW, signal: AbortSignal.timeout(60_000) }],
  ])('%s', async (_, budget) => {
    await follow(addJobs(10), budget);
    expect([asked(), clock.sleeps]).toEqual([{ single: 10, pages: 0 }, []]);
  });

  it('another cluster is another list', async () => {
    const ids = addJobs(2);
    const { job_id } = simulator.addJob({ cluster_id: DEV.id });
    await Promise.all([...ids.map((id) => mrs.job(ANALYTICS, id, FOLLOW)), mrs.job(DEV, job_id, FOLLOW)]);
    expect(asked()).toEqual({ single: 3, pages: 0 });
  });

  it('a job that MRS does not know is not found', async () => {
    const ids = addJobs(10);
    const ends = await Promise.allSettled([...ids, '11111111-2222-4333-8444-555555555555'].map((id) => mrs.job(ANALYTICS, id, FOLLOW)));
    expect(ends.map(({ status }) => status)).toEqual([...ids.map(() => 'fulfilled'), 'rejected']);
    expect(ends.at(-1)).toMatchObject({ reason: { trouble: { kind: 'not-found' } } });
  });
});

it('an invocation that is revoked leaves at once, and the others are served', async () => {
  const ids = addJobs(10);
  const revoked = new AbortController();
  const slow = Promise.withResolvers<void>();
  const together = followTogether({ ...clock, sleep: async () => slow.promise })(mrsOf(simulator, clock));
  const others = ids.slice(0, 9).map((id) => together.job(ANALYTICS, id, FOLLOW));
  const left = runInvocation({ name: 'a', signal: revoked.signal, waitAside: (wait) => wait }, () => together.job(ANALYTICS, ids[9] as string, FOLLOW));
  revoked.abort();
  await expect(left).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
  slow.resolve();
  await expect(Promise.all(others)).resolves.toHaveLength(9);
});
