import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOver, type Job } from '../../lib/core/job.ts';
import { type JobPick, matchesSelector, pickJobs } from '../../lib/core/selector.ts';
import { aJob, HOUR_MS, NOON } from './a-job.ts';

const NOW = new Date(NOON);
const all = (): boolean => true;
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
  ])('of %j means %j', (fields, expected) => {
    expect(names(pickJobs(aPick(fields), JOBS, NOW, all))).toEqual(expected);
  });

  it('passes over what is not killable and takes the next in order', () => {
    expect(names(pickJobs(aPick(), JOBS, NOW, ({ job_name }) => job_name !== 'nine'))).toEqual(['two']);
    expect(pickJobs(aPick({ count: 9 }), JOBS, NOW, () => false)).toEqual([]);
  });

  it('takes a job that has not started as the last of the longest-running, the one that waits longest first', () => {
    const waiting = (name: string, hoursAgo: number): Job => started(name, hoursAgo, { started_time: 0, job_state: 'ACCEPTED' });
    expect(names(pickJobs(aPick({ count: 9 }), [waiting('w1', 1), waiting('w5', 5), ...JOBS], NOW, all))).toEqual(['nine', 'two', 'one', 'w5', 'w1']);
  });

  it('with a selector that is empty means nothing', () => {
    expect(pickJobs({ order: 'newest', count: 9 }, JOBS, NOW, all)).toEqual([]);
  });

  it('leaves the list as it was', () => {
    const before = names(JOBS);
    pickJobs(aPick({ count: 3 }), JOBS, NOW, all);
    expect(names(JOBS)).toEqual(before);
  });

  it('of any jobs is at most so many that are not over, fit and are killable, none of those left out being before them in order', () => {
    const anyJob = fc
      .record({
        queue: fc.constantFrom('adhoc', 'gold'),
        job_state: fc.constantFrom('RUNNING', 'ACCEPTED', 'FINISHED', 'KILLED'),
        job_result: fc.constantFrom('UNDEFINED', 'KILLED'),
        started_time: fc.constantFrom(0, ...[1, 2, 3, 4, 5].map((hours) => NOON - hours * HOUR_MS)),
        submitted_time: fc.constantFrom(0, ...[1, 2, 3, 4, 5, 6].map((hours) => NOON - hours * HOUR_MS)),
        user: fc.constantFrom('ana', 'vip'),
      })
      .map((fields) => aJob(fields));
    const pick = fc.record({ queue: fc.constant('adhoc'), order: fc.constantFrom('longest-running', 'newest'), count: fc.integer({ min: 1, max: 5 }) });
    fc.assert(
      fc.property(pick, fc.array(anyJob, { maxLength: 15 }), (wanted, jobs) => {
        const isKillable = ({ user }: Job): boolean => user !== 'vip';
        const candidates = jobs.filter((job) => !isOver(job) && matchesSelector({ queue: 'adhoc' }, job, NOW) && isKillable(job));
        const picked = pickJobs(wanted, jobs, NOW, isKillable);
        expect(picked).toHaveLength(Math.min(wanted.count, candidates.length));
        expect(picked.every((job) => candidates.includes(job))).toBe(true);
        const rank = ({ started_time, submitted_time }: Job): number => (wanted.order === 'newest' ? -submitted_time : started_time || Infinity);
        const worst = Math.max(-Infinity, ...picked.map(rank));
        expect(candidates.filter((job) => !picked.includes(job)).every((job) => rank(job) >= worst)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
