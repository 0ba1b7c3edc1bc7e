import { describe, expect, it } from '@jest/globals';
import type { Brake } from '../../lib/core/decide.ts';
import type { End } from '../../lib/core/end.ts';
import { type Trouble, UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { Posted } from '../../lib/kill/post.ts';
import { sendKill } from '../../lib/kill/send-kill.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

const JOB = aJob();
const OVER = aJob({ job_state: 'FINISHED' });
const PAUSED: Brake = { rule: 'paused', reason: 'x' };
const FULL: End = { outcome: 'refused', rule: 'perHour', reason: 'perHour: x' };
const TROUBLE: Trouble = { service: 'MRS', kind: 'unavailable', status: 503, errorCode: '0023', message: 'busy' };
const lost = (trouble: Trouble): UpstreamFailed => new UpstreamFailed(trouble);

/** What is asked for, in order, and the POST; the moments before noon of what was asked before; how long each takes. */
type Plan = {
  seenMs?: number; placedMs?: number; expiresMs?: number; bornMs?: number;
  jobs?: (Job | Error)[]; brakes?: (Brake | undefined)[]; refusal?: End; kill?: Error;
  lookMs?: number[]; tokenMs?: number[]; brakeMs?: number[]; signal?: AbortSignal;
};

async function send({ seenMs = 0, placedMs = 0, expiresMs = 60_000, bornMs, jobs = [], brakes = [], refusal, kill, lookMs = [], tokenMs = [], brakeMs = [], signal }: Plan): Promise<{ posted: Posted; trail: string[] }> {
  const clock = createSteppingClock(NOON);
  const trail: string[] = [];
  const pass = (ms = 0): void => clock.advanceTo(clock.now() + ms);
  const parts = {
    clock, lookForMs: 7, signal, ...(bornMs !== undefined && { bornAt: NOON + bornMs }),
    mrs: {
      async job(_cluster: unknown, jobId: string, budget: object) {
        expect([jobId, budget]).toEqual([JOB.job_id, { retryForMs: 7, signal }]);
        trail.push('look');
        pass(lookMs.shift());
        const job = jobs.shift() ?? JOB;
        if (job instanceof Error) throw job;
        return job;
      },
      async kill(_cluster: unknown, jobId: string, given: unknown, isWanted: () => Promise<boolean>) {
        expect([jobId, given]).toEqual([JOB.job_id, signal]);
        pass(tokenMs.shift());
        if (!(await isWanted())) return false;
        trail.push('POST');
        if (kill) throw kill;
        return true;
      },
    },
    async readBrake() {
      trail.push('brake');
      pass(brakeMs.shift());
      return brakes.shift();
    },
    async retakePlace() {
      trail.push('place');
      return refusal;
    },
  };
  const doomed = { cluster: ANALYTICS, job: JOB, seenAt: NOON - seenMs, placedAt: NOON - placedMs, expiresAt: NOON + expiresMs };
  const posted = await sendKill(parts as unknown as Parameters<typeof sendKill>[0], doomed);
  return { posted, trail };
}

describe('a POST', () => {
  it.each<[what: string, plan: Plan, trail: string[]]>([
    ['leaves after the brakes', {}, ['brake', 'POST']],
    ['leaves 10 s after the look without another', { seenMs: 10_000, placedMs: 10_000 }, ['brake', 'POST']],
    ['leaves later than that after another look', { seenMs: 10_001 }, ['look', 'brake', 'POST']],
    ['leaves later than that with its place taken again', { placedMs: 10_001 }, ['place', 'brake', 'POST']],
    ['leaves after both, the brakes last', { seenMs: 10_001, placedMs: 10_001 }, ['look', 'place', 'brake', 'POST']],
    ['leaves after another look where this process began since', { seenMs: 1, bornMs: 0 }, ['look', 'brake', 'POST']],
    ['leaves without another where this process began as it was looked at', { seenMs: 1, bornMs: -1 }, ['brake', 'POST']],
    ['leaves where its token came within 10 s', { tokenMs: [10_000] }, ['brake', 'POST']],
    ['leaves after all once more where its token took longer', { tokenMs: [10_001] }, ['brake', 'look', 'place', 'brake', 'POST']],
    ['leaves where the brakes were read within 10 s', { brakeMs: [10_000] }, ['brake', 'POST']],
    ['leaves after all once more where that took longer', { brakeMs: [10_001] }, ['brake', 'look', 'place', 'brake', 'POST']],
    ['leaves after all once more where a look took longer', { seenMs: 10_001, lookMs: [10_001] }, ['look', 'place', 'brake', 'look', 'brake', 'POST']],
    ['leaves after another look where 10 s are over by brakes and token together', { seenMs: 5_000, tokenMs: [4_000], brakeMs: [1_001] }, ['brake', 'look', 'brake', 'POST']],
    ['leaves in the last ms before it expires', { expiresMs: 0 }, ['brake', 'POST']],
  ])('%s', async (_, plan, trail) => {
    expect(await send(plan)).toEqual({ posted: { kind: 'accepted' }, trail });
  });

  it.each<[what: string, plan: Plan, posted: Posted, trail: string[]]>([
    ['too late', { expiresMs: -1, seenMs: 10_001 }, { kind: 'expired' }, []],
    ['too late when its token came', { expiresMs: 5_000, tokenMs: [5_001] }, { kind: 'expired' }, ['brake']],
    ['too late when both have to be read once more', { expiresMs: 10_000, tokenMs: [10_001] }, { kind: 'expired' }, ['brake']],
    ['the job is over', { seenMs: 10_001, jobs: [OVER] }, { kind: 'over', job: OVER }, ['look']],
    ['MRS does not know the job any more', { seenMs: 10_001, jobs: [lost({ ...TROUBLE, kind: 'not-found' })] }, { kind: 'unready', code: 'not-found', reason: 'MRS does not know this job any more' }, ['look']],
    ['the job cannot be read, by MRS\'s code', { seenMs: 10_001, jobs: [lost(TROUBLE)] }, { kind: 'unready', code: '0023', reason: 'the job could not be read before the kill: MRS answered 0023: busy' }, ['look']],
    ['the job cannot be read, by what kind of trouble it is', { seenMs: 10_001, jobs: [lost({ service: 'MRS', kind: 'timeout', message: 'late' })] }, { kind: 'unready', code: 'timeout', reason: 'the job could not be read before the kill: MRS gave no answer: late' }, ['look']],
    ['there is no place in the hour', { placedMs: 10_001, refusal: FULL }, { kind: 'refused', refusal: FULL }, ['place']],
    ['a brake is on', { brakes: [PAUSED] }, { kind: 'braked', brake: PAUSED }, ['brake']],
    ['a brake is on, however long it took to read that', { brakes: [PAUSED], brakeMs: [10_001], expiresMs: 10_000 }, { kind: 'braked', brake: PAUSED }, ['brake']],
    ['a brake is on when all is read once more', { tokenMs: [10_001], brakes: [undefined, PAUSED] }, { kind: 'braked', brake: PAUSED }, ['brake', 'look', 'place', 'brake']],
  ])('does not leave where %s, and nothing was killed', async (_, plan, posted, trail) => {
    expect(await send(plan)).toEqual({ posted, trail });
  });

  it('that MRS does not take is trouble, and one that breaks by a bug is thrown', async () => {
    expect(await send({ kill: lost(TROUBLE) })).toEqual({ posted: { kind: 'trouble', trouble: TROUBLE }, trail: ['brake', 'POST'] });
    await expect(send({ kill: new TypeError('a bug') })).rejects.toThrow('a bug');
    await expect(send({ seenMs: 10_001, jobs: [new TypeError('a bug')] })).rejects.toThrow('a bug');
  });

  it('is ended by the signal of its caller, as its look is', async () => {
    const { signal } = new AbortController();
    expect((await send({ seenMs: 10_001, signal })).posted).toEqual({ kind: 'accepted' });
  });
});
