import { afterEach, describe, expect, it } from '@jest/globals';
import { isOver } from '../../lib/core/job.ts';
import type { CrashHook } from '../local/deaths.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { isFullSize, thinned } from '../support/full-size.ts';
import { expectRecordBeforeKill } from './expect-end.ts';
import { APPROVER, RUN, type WorkflowStage, startWorkflowStage } from '../stage/workflow.ts';

let open: WorkflowStage[] = [];
afterEach(async () => {
  await Promise.all(open.map((stage) => stage.close()));
  open = [];
});

/** Where the function can die outside of a checkpoint call; `time` counts each of them from 1. */
type Place = 'look' | 'POST unsent' | 'POST' | 'show' | 'log';
type Deaths = { crash?: CrashHook; at?: (place: Place, time: number) => boolean; job?: Partial<SimulatedJob>; killDelayMs?: number };
type Played = {
  stage: WorkflowStage;
  execution: ExecutionView;
  jobId: string;
  /** Epoch ms of every POST that MRS got, and of every one that was begun. */
  postedAt: number[];
  begunAt: number[];
  overSeenAt: number | undefined;
  deaths: number;
};

/** A question, a kill, a follow and a report, dying as it is told to. */
async function play({ crash, at = () => false, job = {}, killDelayMs = 5_000 }: Deaths): Promise<Played> {
  let deaths = 0;
  const times: Partial<Record<Place, number>> = {};
  const dies = (place: Place): boolean => {
    times[place] = (times[place] ?? 0) + 1;
    if (!at(place, times[place])) return false;
    deaths += 1;
    stage.backend.crashNow(RUN);
    return true;
  };
  /** Nothing comes after a death: what the dead code would still do must not happen. */
  const dieOr = (place: Place): void => {
    if (dies(place)) throw new Error(`died in ${place}`);
  };
  const postedAt: number[] = [];
  const begunAt: number[] = [];
  let overSeenAt: number | undefined;
  const stage: WorkflowStage = await startWorkflowStage({
    killDelayMs,
    crash(call) {
      const isDead = crash?.(call) ?? false;
      if (isDead) deaths += 1;
      return isDead;
    },
    onShow: () => dieOr('show'),
    onLine: () => dieOr('log'),
    onReadPaused() {
      if (!stage.trail.includes('audit killing')) return; // it decides, and sends nothing
      begunAt.push(stage.clock.now());
      dieOr('POST unsent');
    },
    onRequest({ path }) {
      if (path.endsWith('/kill')) {
        postedAt.push(stage.clock.now());
        dies('POST'); // MRS takes it all the same
      } else if (path.includes('/job-executions/')) {
        const now = stage.simulator.job(jobId);
        if (now && isOver({ ...now, cluster: 'analytics', app_id: '', tracking_url: '' })) overSeenAt ??= stage.clock.now();
        dies('look');
      }
    },
  });
  open.push(stage);
  const jobId = stage.simulator.addJob({ job_type: 'Flink', ...job }).job_id;
  stage.start();
  await stage.click('yes', APPROVER);
  return { stage, execution: await stage.settled(), jobId, postedAt, begunAt, overSeenAt, deaths };
}

/** What holds for every run, whatever dies where. */
function expectInvariants({ stage, execution, postedAt, begunAt, overSeenAt }: Played): string {
  expect([execution.status, execution.error]).toEqual(['SUCCEEDED', undefined]);
  const { outcome } = JSON.parse(execution.result ?? '') as { outcome: string };
  const outcomes = new Set(stage.ends().map((end) => end.outcome));
  expect([...outcomes]).toEqual([outcome]);
  expectRecordBeforeKill(stage);

  expect(postedAt.length).toBeLessThanOrEqual(begunAt.length);
  expect(begunAt.length).toBeLessThanOrEqual(3);
  // MRS takes every kill here: who begins again was interrupted.
  for (const [before, at] of begunAt.slice(1).entries()) expect(at - (begunAt[before] ?? 0)).toBeGreaterThanOrEqual(10_000);
  if (overSeenAt !== undefined) expect(Math.max(0, ...postedAt)).toBeLessThanOrEqual(overSeenAt);
  if (stage.simulator.killed().length > 0) expect(postedAt.length).toBeGreaterThan(0);
  return outcome;
}

describe('a kill whose function dies', () => {
  it('before or after any one checkpoint call ends as if nothing had been, with one POST', async () => {
    const whole = await play({});
    expect(expectInvariants(whole)).toBe('killed');
    expect(whole.postedAt).toHaveLength(1);
    const calls = whole.execution.checkpointCalls;
    expect(calls).toBeGreaterThan(12);

    const points = Array.from({ length: calls }, (_, before) => before + 1).flatMap((call) => [
      { call, point: 'before-checkpoint' as const },
      { call, point: 'after-checkpoint' as const },
    ]);
    const runs = await inParts(thinned(points, 7), ({ call, point }) => play({ crash: (at) => at.call === call && at.point === point }));
    for (const run of runs) {
      expect(run.deaths).toBe(1);
      expect(expectInvariants(run)).toBe('killed');
      expect(run.stage.simulator.killed()).toEqual([run.jobId]);
      expect(run.postedAt).toHaveLength(1);
    }
  }, 120_000);

  it.each<[Place, time: number, posts: number]>([
    ['look', 1, 1], // the first one
    ['look', 2, 1], // after the answer
    ['look', 3, 1], // following
    ['look', 4, 1],
    ['POST unsent', 1, 1], // on record as begun, so nobody knows: looked at, and sent again
    ['POST', 1, 1],
    ['show', 1, 1], // the card
    ['show', 2, 1], // its buttons
    ['show', 3, 1], // killing
    ['show', 4, 1], // the end
    ['log', 1, 1],
    ['log', 2, 1],
  ])('in %s %i kills all the same, with %i POST', async (place, time, posts) => {
    const run = await play({ at: (...died) => died[0] === place && died[1] === time });
    expect(run.deaths).toBe(1);
    expect(expectInvariants(run)).toBe('killed');
    expect(run.postedAt).toHaveLength(posts);
  });

  it('before the POST goes out sends the next one 10 s later at the earliest', async () => {
    const run = await play({ at: (place, time) => place === 'POST unsent' && time <= 2 });
    expect(expectInvariants(run)).toBe('killed');
    const recordedAt = Date.parse(String(run.stage.lines.find(({ message }) => message === 'killing')?.['time']));
    expect(run.postedAt).toEqual([recordedAt + 20_000]);
  });

  it('at each POST before it goes out gives up after the third, and nothing was killed', async () => {
    const run = await play({ at: (place) => place === 'POST unsent' });
    expect(expectInvariants(run)).toBe('failed');
    expect(run.stage.ends()[0]?.reason).toMatch(/the function ended while the kill was being sent; MRS answered none of our kills/);
    expect(run.postedAt).toEqual([]);
    expect(run.stage.simulator.killed()).toEqual([]);
  });

  it('at each POST after MRS took it, of a job that will not die, sends three and no more', async () => {
    const run = await play({ at: (place) => place === 'POST', job: { ignoresKill: true } });
    expect(expectInvariants(run)).toBe('failed');
    expect(run.postedAt).toHaveLength(3);
  });

  it('while the job ends by itself sends nothing more', async () => {
    const run = await play({ at: (place, time) => place === 'POST unsent' && time === 1, job: { endsItself: { afterMs: 8_000, result: 'SUCCEEDED' } } });
    expect(expectInvariants(run)).toBe('finished-first');
    expect(run.postedAt).toEqual([]);
    expect(run.stage.simulator.killed()).toEqual([]);
  });

  it('over and over, at every fifth call, look, POST and message, holds all of this', async () => {
    const seeds = Array.from({ length: isFullSize ? 100 : 24 }, (_, before) => before + 1);
    const runs = await inParts(seeds, (seed) => {
      const random = randomOf(seed);
      return play({
        // A fifth of the calls dies, one half before and one half after.
        crash: ({ point }) => random() < (point === 'before-checkpoint' ? 0.1 : 0.1 / 0.9),
        at: () => random() < 0.2,
        job: seed % 5 === 0 ? { endsItself: { afterMs: 15_000, result: 'FAILED' } } : seed % 5 === 1 ? { ignoresKill: true } : {},
        killDelayMs: seed % 2 === 0 ? 5_000 : 25_000,
      });
    });
    const ends = runs.map(expectInvariants);
    expect(runs.reduce((sum, { deaths }) => sum + deaths, 0)).toBeGreaterThan(4 * seeds.length);
    // That a kill fails is rare: two tests above see to it.
    const wanted = ['killed', 'finished-first', 'still-running', ...(isFullSize ? ['failed'] : [])];
    expect(ends).toEqual(expect.arrayContaining(wanted));
    expect(runs.some(({ postedAt }) => postedAt.length > 1)).toBe(true);
  }, 120_000);
});

/** So many at a time: each has servers of its own. */
async function inParts<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += 25) results.push(...(await Promise.all(items.slice(from, from + 25).map(run))));
  return results;
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
