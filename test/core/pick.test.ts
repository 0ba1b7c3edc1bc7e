import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOver, type Job } from '../../lib/core/job.ts';
import { chooseJobs, leftOutText, type Standing } from '../../lib/core/choose.ts';
import { COOLDOWN_MS, type JobPick } from '../../lib/core/job-pick.ts';
import { matchesSelector } from '../../lib/core/selector.ts';
import { aJob, HOUR_MS, NOON } from './a-job.ts';
import { runs } from '../support/full-size.ts';

const NOW = new Date(NOON);
const all = (): Standing => 'free';
/** Those that are chosen. */
const pick = async (wanted: JobPick, jobs: readonly Job[], standingOf: (job: Job) => Standing = all): Promise<Job[]> => (await chooseJobs(wanted, jobs, NOW, standingOf)).jobs;
const aPick = (fields: Partial<JobPick> = {}): JobPick => ({ queue: 'adhoc', order: 'longest-running', count: 1, ...fields });
const started = (job_name: string, hoursAgo: number, fields: Partial<Job> = {}): Job =>
  aJob({ job_name, job_id: job_name, started_time: NOON - hoursAgo * HOUR_MS, submitted_time: NOON - hoursAgo * HOUR_MS - 1_000, ...fields });
const names = (jobs: Job[]): string[] => jobs.map(({ job_name }) => job_name);

const JOBS = [started('two', 2), started('nine', 9), started('one', 1), started('gold', 20, { queue: 'gold' }), started('over', 30, { job_state: 'KILLED' })];

describe('a pick', () => {
  it.each<[Partial<JobPick>, string[]]>([
    [{}, ['nine']],
    [{ count: 2 }, ['nine', 'two']],
    [{ order: 'newest' }, ['one']],
    [{ order: 'newest', count: 2 }, ['one', 'two']],
    [{ count: 1_000 }, ['nine', 'two', 'one']],
    [{ olderThanMs: 90 * 60_000, order: 'newest' }, ['two']],
    [{ queue: 'gold' }, ['gold']],
    [{ queue: 'none' }, []],
  ])('of %j means %j', async (fields, expected) => {
    expect(names(await pick(aPick(fields), JOBS))).toEqual(expected);
  });

  it('passes over what is left out and takes the next in order', async () => {
    const without = ({ job_name }: Job): Standing => (job_name === 'nine' ? { leftOut: 'kept' } : 'free');
    const chosen = await chooseJobs(aPick(), JOBS, NOW, without);
    expect(names(chosen.jobs)).toEqual(['two']);
    expect(leftOutText(chosen)).toBe('left out: 1 kept');
    expect(await pick(aPick({ count: 9 }), JOBS, () => ({ leftOut: 'kept' }))).toEqual([]);
  });

  it('chooses no second victim in the stead of one that dies already, or is asked about', async () => {
    const dying = ({ job_name }: Job): Standing => (job_name === 'nine' ? 'takes-place' : 'free');
    expect(names(await pick(aPick(), JOBS, dying))).toEqual([]);
    expect(names(await pick(aPick({ count: 2 }), JOBS, dying))).toEqual(['two']);
  });

  it('of the newest means nothing that was submitted after one that dies already: that would die in its stead', async () => {
    const dying = ({ job_name }: Job): Standing => (job_name === 'nine' ? 'takes-place' : 'free');
    const chosen = await chooseJobs(aPick({ order: 'newest' }), JOBS, NOW, dying);
    expect([chosen.jobs, chosen.takesPlace]).toEqual([[], 1]);
    const two = await chooseJobs(aPick({ order: 'newest', count: 2 }), JOBS, NOW, dying);
    expect([names(two.jobs), two.takesPlace]).toEqual([['one'], 1]);
    const newestDies = await chooseJobs(aPick({ order: 'newest', count: 2 }), JOBS, NOW, ({ job_name }) => (job_name === 'one' ? 'takes-place' : 'free'));
    expect([names(newestDies.jobs), newestDies.takesPlace]).toEqual([['two'], 1]);
  });

  it('asks how jobs stand in order until all places are taken, of the newest how all of them do', async () => {
    const askedBy = async (order: JobPick['order']): Promise<string[]> => {
      const asked: string[] = [];
      await pick(aPick({ order }), JOBS, ({ job_name }) => {
        asked.push(job_name);
        return 'free';
      });
      return asked;
    };
    expect([await askedBy('longest-running'), await askedBy('newest')]).toEqual([['nine'], ['two', 'nine', 'one']]);
  });

  it('takes of those that started at one moment, or wait, the one that was submitted first', async () => {
    const twins = [started('later', 3), started('sooner', 3, { submitted_time: NOON - 9 * HOUR_MS }), started('latest', 3, { submitted_time: NOON })];
    expect(names(await pick(aPick({ count: 3 }), twins))).toEqual(['sooner', 'later', 'latest']);
    const waiting = twins.map((job) => ({ ...job, started_time: 0, job_state: 'ACCEPTED' }));
    expect(names(await pick(aPick({ count: 3, pendingLongerThanMs: -1 }), waiting))).toEqual(['sooner', 'later', 'latest']);
  });

  it('says of all that it left out why, and nothing where that is nobody', () => {
    expect([leftOutText({ leftOut: { kept: 1, streaming: 2 } }), leftOutText({ leftOut: {} })]).toEqual(['left out: 1 kept, 2 streaming', '']);
  });

  it.each([
    ['a Flink job', { job_type: 'Flink' }, '1 streaming'],
    ['a streaming job, in whatever case', { job_type: 'SPARKSTREAMING' }, '1 streaming'],
    ['a job without a type from MRS', { job_type: '' }, '1 without a type from MRS'],
    ['a job that waits', { started_time: 0, job_state: 'ACCEPTED' }, '1 not started yet'],
    ['a running job without a start time from MRS', { started_time: 0 }, '1 without a start time from MRS'],
  ])('leaves out %s, and says so', async (_, fields, word) => {
    const chosen = await chooseJobs(aPick({ count: 9 }), [started('odd', 100, fields), started('two', 2)], NOW, all);
    expect([names(chosen.jobs), leftOutText(chosen)]).toEqual([['two'], `left out: ${word}`]);
  });

  it('means a stream where its type is that very word, and what waits where the pick says how long', async () => {
    const flink = started('stream', 50, { job_type: 'Flink' });
    expect(names(await pick(aPick({ type: 'flink' }), [flink, ...JOBS]))).toEqual(['stream']);
    expect(names(await pick(aPick({ type: 'Fl*' }), [flink]))).toEqual([]);
    expect(names(await pick(aPick({ type: '*' }), [flink]))).toEqual([]);
    const waiting = (name: string, hoursAgo: number): Job => started(name, hoursAgo, { started_time: 0, job_state: 'ACCEPTED' });
    expect(names(await pick(aPick({ count: 9, pendingLongerThanMs: 2 * HOUR_MS }), [waiting('w1', 1), waiting('w5', 5), ...JOBS]))).toEqual(['w5']);
  });

  it('of the newest means a running job whose start MRS left out, unless it goes by age', async () => {
    const odd = started('odd', 0.5, { started_time: 0 });
    expect(names(await pick(aPick({ order: 'newest' }), [odd, ...JOBS]))).toEqual(['odd']);
    expect(leftOutText(await chooseJobs(aPick({ order: 'newest', olderThanMs: 90 * 60_000 }), [odd, ...JOBS], NOW, all))).toBe('left out: 1 without a start time from MRS');
    expect(leftOutText(await chooseJobs({ order: 'newest', count: 1, olderThanMs: 1 }, [odd], NOW, all))).toBe('left out: 1 without a start time from MRS');
  });

  it('says nothing of a job without a start time that it would not mean anyway', async () => {
    const odd = [started('odd', 1, { started_time: 0, queue: 'gold' })];
    expect(leftOutText(await chooseJobs(aPick(), odd, NOW, all))).toBe('');
    expect(leftOutText(await chooseJobs({ queue: undefined, order: 'newest', count: 1, olderThanMs: 1 }, odd, NOW, all))).toBe('left out: 1 without a start time from MRS');
  });

  it('with a selector that is empty means nothing', async () => {
    expect(await pick({ order: 'newest', count: 9 }, JOBS)).toEqual([]);
  });

  it('chooses nothing else for a quarter of an hour, unless its rule says otherwise', () => {
    expect(COOLDOWN_MS).toBe(900_000);
  });

  it('leaves the list as it was', async () => {
    const before = names(JOBS);
    await pick(aPick({ count: 3 }), JOBS);
    expect(names(JOBS)).toEqual(before);
  });

  it('of any jobs is at most so many that are not over, fit and are free, none of those left out being before them in order', async () => {
    const anyJob = fc
      .record({
        queue: fc.constantFrom('adhoc', 'gold'),
        job_state: fc.constantFrom('RUNNING', 'ACCEPTED', 'FINISHED', 'KILLED'),
        job_result: fc.constantFrom('UNDEFINED', 'KILLED'),
        started_time: fc.constantFrom(...[1, 2, 3, 4, 5].map((hours) => NOON - hours * HOUR_MS)),
        submitted_time: fc.constantFrom(0, ...[1, 2, 3, 4, 5, 6].map((hours) => NOON - hours * HOUR_MS)),
        user: fc.constantFrom('ana', 'vip'),
      })
      .map((fields) => aJob(fields));
    const anyPick = fc.record({ queue: fc.constant('adhoc'), order: fc.constantFrom('longest-running', 'newest'), count: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(anyPick, fc.array(anyJob, { maxLength: 15 }), async (wanted, jobs) => {
        const standingOf = ({ user }: Job): Standing => (user === 'vip' ? { leftOut: 'protected' } : 'free');
        const candidates = jobs.filter((job) => !isOver(job) && matchesSelector({ queue: 'adhoc' }, job, NOW) && job.user !== 'vip');
        const picked = await pick(wanted, jobs, standingOf);
        expect(picked).toHaveLength(Math.min(wanted.count, candidates.length));
        expect(picked.every((job) => candidates.includes(job))).toBe(true);
        const rank = ({ started_time, submitted_time }: Job): number => (wanted.order === 'newest' ? -submitted_time : started_time || Infinity);
        const worst = Math.max(-Infinity, ...picked.map(rank));
        expect(candidates.filter((job) => !picked.includes(job)).every((job) => rank(job) >= worst)).toBe(true);
      }),
      { numRuns: runs(1_000) },
    );
  });
});
