import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesSelector, type Selector } from '../../lib/core/selector.ts';
import { aJob, HOUR_MS, NOON } from './a-job.ts';

const now = new Date(NOON);
const fits = (selector: Selector, job = aJob()): boolean => matchesSelector(selector, job, now);

describe('a selector', () => {
  it.each<[Selector]>([
    [{ name: 'nightly-*' }],
    [{ user: 'etl-bot' }],
    [{ queue: 'ad?oc' }],
    [{ type: 'Spark*' }],
    [{ state: 'RUNNING' }],
    [{ name: '*', user: '*', queue: '*', type: '*', state: '*' }],
  ])('fits by globs: %j', (selector) => {
    expect(fits(selector)).toBe(true);
  });

  it('fits only where every field that is given fits', () => {
    expect(fits({ name: 'nightly-*', user: 'somebody-else' })).toBe(false);
    expect(fits({ name: 'other', user: 'etl-bot' })).toBe(false);
    expect(fits({ name: 'nightly-*', olderThanMs: HOUR_MS })).toBe(false);
  });

  it('takes name, user and queue as they are written', () => {
    expect(fits({ name: 'Nightly-*' })).toBe(false);
    expect(fits({ user: 'ETL-BOT' })).toBe(false);
    expect(fits({ queue: 'Adhoc' })).toBe(false);
  });

  it('takes type and state in any case', () => {
    expect(fits({ type: 'SPARKsubmit' })).toBe(true);
    expect(fits({ state: 'running' })).toBe(true);
    expect(fits({ state: 'new' }, aJob({ job_state: 'NEW' }))).toBe(true);
    expect(fits({ type: 'flink' })).toBe(false);
  });

  it('that is empty fits nothing', () => {
    expect(fits({})).toBe(false);
    expect(fits({ name: undefined, olderThanMs: undefined })).toBe(false);
  });

  it.each<[Selector]>([[{ name: '*' }], [{ user: '*' }], [{ queue: '*' }], [{ type: '*' }], [{ state: '*' }], [{ olderThanMs: 1 }], [{ pendingLongerThanMs: 1 }]])(
    'never fits a value that MRS left out: %j',
    (selector) => {
      const empty = aJob({ job_name: '', user: '', queue: '', job_type: '', job_state: '', started_time: 0, submitted_time: 0 });
      expect(fits(selector, empty)).toBe(false);
    },
  );

  it('counts olderThan from the start: to the millisecond, and not while the job waits', () => {
    expect(fits({ olderThanMs: HOUR_MS - 1 })).toBe(true);
    expect(fits({ olderThanMs: HOUR_MS })).toBe(false);
    expect(fits({ olderThanMs: 1 }, aJob({ job_state: 'ACCEPTED', started_time: 0 }))).toBe(false);
    expect(fits({ olderThanMs: 1 }, aJob({ started_time: NOON + 5_000 }))).toBe(false);
  });

  it('counts pendingLongerThan from the submission, and only while the job waits', () => {
    const waiting = aJob({ job_state: 'ACCEPTED', started_time: 0, submitted_time: NOON - 5_000 });
    expect(fits({ pendingLongerThanMs: 4_999 }, waiting)).toBe(true);
    expect(fits({ pendingLongerThanMs: 5_000 }, waiting)).toBe(false);
    expect(fits({ pendingLongerThanMs: 1 })).toBe(false);
  });

  it('cannot ask for a job that is both older and pending', () => {
    for (const started_time of [0, NOON - HOUR_MS]) {
      expect(fits({ olderThanMs: 1, pendingLongerThanMs: 1 }, aJob({ job_state: 'ACCEPTED', started_time }))).toBe(false);
    }
  });

  it('fits fewer jobs with each further field', () => {
    const glob = fc.constantFrom('*', 'nightly-*', 'etl-bot', 'adhoc', '?', 'RUNNING', 'Spark*');
    const selector = fc.record(
      { name: glob, user: glob, queue: glob, type: glob, state: glob, olderThanMs: fc.integer({ min: 1, max: 2 * HOUR_MS }) },
      { requiredKeys: ['name'] },
    );
    fc.assert(fc.property(selector, ({ name, ...more }) => !fits({ name, ...more }) || fits({ name })));
  });
});
