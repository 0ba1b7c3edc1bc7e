import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOver } from '../../lib/core/job.ts';
import { readJob, readNumber } from '../../lib/mrs/read-answers.ts';

const ID = '431b135e-c090-489f-b1db-0abe3822b855';

describe('a job', () => {
  it("is read from MRS's own example", () => {
    const bean = {
      job_id: ID,
      user: 'xxxx',
      job_name: 'pyspark1',
      job_result: 'SUCCEEDED',
      job_state: 'FINISHED',
      job_progress: 100,
      job_type: 'SparkSubmit',
      started_time: 1564626578817,
      submitted_time: 1564626561541,
      finished_time: 1564626664930,
      elapsed_time: 86113,
      queue: 'default',
      launcher_id: 'application_1564622673393_0006',
      app_id: 'application_1564622673393_0007',
      properties: '{}',
    };
    const { properties: _, ...fields } = bean;
    expect(readJob(bean, 'analytics')).toEqual({ cluster: 'analytics', ...fields, tracking_url: '' });
  });

  it('is read the same where all its numbers are quoted', () => {
    expect(readJob({ job_id: ID, job_progress: '100', submitted_time: '1564626561541', finished_time: '0', elapsed_time: ' 86113 ' }, 'c')).toMatchObject({
      job_progress: 100,
      submitted_time: 1564626561541,
      finished_time: 0,
      elapsed_time: 86113,
    });
  });

  it('keeps nothing of its arguments and properties, nor of fields that we do not know', () => {
    const job = readJob({ job_id: ID, arguments: '[--password, hunter2]', properties: '{fs.obs.secret.key=hunter2}', env: 'hunter2' }, 'c');
    expect(JSON.stringify(job)).not.toMatch(/hunter2|arguments|properties|env/);
  });

  it.each([
    ['New', 'NEW'],
    ['running', 'RUNNING'],
    [' New_Saving ', 'NEW_SAVING'],
    ['FAILED：失败', 'FAILED'],
    ['KILLED(by user)', 'KILLED'],
    ['失败', ''],
    ['', ''],
    [null, ''],
    [7, ''],
    [['RUNNING'], ''],
  ])('in state %j is in state %j', (state, expected) => {
    expect(readJob({ job_id: ID, job_state: state }, 'c')?.job_state).toBe(expected);
  });

  it.each(['', '未知', 'SUSPENDED', 'FINISHED_SOON', undefined])('in the unknown state %j is not over: it is followed, never forgotten', (state) => {
    expect(isOver(readJob({ job_id: ID, job_state: state }, 'c')!)).toBe(false);
  });

  it('of which MRS says no more than the id has empty texts and zeros', () => {
    expect(readJob({ job_id: ID }, 'c')).toMatchObject({ job_name: '', queue: '', app_id: '', submitted_time: 0, job_progress: 0 });
  });

  it.each([[undefined], [null], ['text'], [7], [[]], [{}], [{ job_id: '' }], [{ job_id: null }], [{ job_id: { id: 'x' } }]])(
    'is none without an id: %j',
    (bean) => {
      expect(readJob(bean, 'c')).toBeUndefined();
    },
  );

  it('can be anything that JSON can say: it is read or it is none, and reading never fails', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (any, other) => {
        expect(readJob(any, 'c') ?? { cluster: 'c' }).toMatchObject({ cluster: 'c' });
        const job = readJob({ job_id: ID, job_name: any, job_state: other, submitted_time: any, started_time: other }, 'c');
        expect([typeof job?.job_name, typeof job?.job_state]).toEqual(['string', 'string']);
        expect(Number.isFinite(job?.submitted_time)).toBe(true);
      }),
    );
  });
});

describe('a number', () => {
  it.each([
    [5, 5],
    ['5', 5],
    ['1564626561541', 1564626561541],
    ['0', 0],
    ['', 0],
    ['  ', 0],
    ['soon', 0],
    ['Infinity', 0],
    [NaN, 0],
    [null, 0],
    [undefined, 0],
    [true, 0],
    [['5'], 0],
  ])('is what %j says: %d', (value, expected) => {
    expect(readNumber(value)).toBe(expected);
  });
});
