import { describe, expect, it } from '@jest/globals';
import { ACTIVE_STATES, isOver, isWaiting, jobLabel, jobName, pendingForMs, runningForMs, wasKilled } from '../../lib/core/job.ts';
import { aJob, HOUR_MS, NOON } from './a-job.ts';

const now = new Date(NOON);

describe('a job is over', () => {
  it.each(['FINISHED', 'FAILED', 'KILLED'])('in state %s, whatever its result says', (job_state) => {
    expect(isOver(aJob({ job_state }))).toBe(true);
    expect(isOver(aJob({ job_state, job_result: '' }))).toBe(true);
  });

  it.each(['SUCCEEDED', 'FAILED', 'KILLED'])('with result %s, while its logs keep it RUNNING', (job_result) => {
    expect(isOver(aJob({ job_result }))).toBe(true);
  });

  it.each([...ACTIVE_STATES, 'PAUSED_BY_SOMETHING_NEW', ''])('never in state %j without a result: it is followed, not forgotten', (job_state) => {
    expect(isOver(aJob({ job_state }))).toBe(false);
    expect(isOver(aJob({ job_state, job_result: '' }))).toBe(false);
  });
});

describe('a job was killed', () => {
  it.each([
    ['KILLED', 'UNDEFINED', true],
    ['RUNNING', 'KILLED', true],
    ['FINISHED', 'KILLED', true],
    ['KILLED', 'FAILED', true],
    ['FINISHED', 'SUCCEEDED', false],
    ['FINISHED', 'FAILED', false],
    ['FAILED', 'FAILED', false],
    ['RUNNING', 'UNDEFINED', false],
  ])('where state %s or result %s says so: %j', (job_state, job_result, expected) => {
    expect(wasKilled(aJob({ job_state, job_result }))).toBe(expected);
  });
});

describe('the age of a job', () => {
  it('counts from its start, and there is none before', () => {
    expect(runningForMs(aJob(), now)).toBe(HOUR_MS);
    expect(runningForMs(aJob({ job_state: 'ACCEPTED', started_time: 0 }), now)).toBeUndefined();
  });

  it('counts from its submission while it waits, and only then', () => {
    const waiting = { job_state: 'ACCEPTED', started_time: 0, submitted_time: NOON - 5_000 };
    expect(pendingForMs(aJob(waiting), now)).toBe(5_000);
    expect(pendingForMs(aJob(), now)).toBeUndefined();
    expect(pendingForMs(aJob({ ...waiting, job_state: 'RUNNING' }), now)).toBeUndefined();
    expect(pendingForMs(aJob({ ...waiting, started_time: 1 }), now)).toBeUndefined();
  });

  it('is unknown, and not fifty years, where MRS gives no time', () => {
    expect(runningForMs(aJob({ started_time: 0 }), now)).toBeUndefined();
    expect(pendingForMs(aJob({ job_state: 'NEW', started_time: 0, submitted_time: 0 }), now)).toBeUndefined();
  });
});

it('a job waits where MRS says so in so many words', () => {
  const states = [...ACTIVE_STATES, 'FINISHED', 'FAILED', 'KILLED', 'PAUSED', ''];
  expect(states.filter((job_state) => isWaiting(aJob({ job_state })))).toEqual(['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED']);
});

describe('a job in a sentence', () => {
  it('has its name, or its id where it has none', () => {
    expect([jobName(aJob()), jobName(aJob({ job_name: '' }))]).toEqual(['nightly-etl', '431b135e-c090-489f-b1db-0abe3822b855']);
  });

  it('has its id always and its name where there is one', () => {
    expect(jobLabel(aJob())).toBe('nightly-etl (431b135e-c090-489f-b1db-0abe3822b855)');
    expect(jobLabel(aJob({ job_name: '' }))).toBe('431b135e-c090-489f-b1db-0abe3822b855');
  });
});
