import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextDelaySec, overEnd } from '../../lib/kill/follow.ts';
import { aJob } from '../core/a-job.ts';

/** The first `count` delays, in seconds. */
function delays(firstSec: number, count: number): number[] {
  const list: number[] = [];
  for (let look = 1; look <= count; look++) list.push(nextDelaySec(firstSec, list.at(-1)));
  return list;
}

describe('the time between two looks at a dying job', () => {
  it('is 2 s at first, grows by about 1.4, and ends at 30 s', () => {
    expect(delays(2, 12)).toEqual([2, 3, 4, 6, 8, 11, 15, 21, 29, 30, 30, 30]);
  });

  it('grows also from one second on', () => {
    expect(delays(1, 6)).toEqual([1, 2, 3, 4, 6, 8]);
  });

  it('never shrinks, never stands still below 30 s, and is always whole seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (firstSec) => {
        const list = delays(firstSec, 40);
        return (
          list[0] === firstSec &&
          list.at(-1) === 30 &&
          list.every((sec, at) => Number.isInteger(sec) && sec <= 30 && (at === 0 || sec === 30 || sec > (list[at - 1] ?? 0)))
        );
      }),
    );
  });

  it('lets a job be followed for half an hour with fewer than 80 looks', () => {
    const list = delays(2, 80);
    expect(list.reduce((sum, sec) => sum + sec, 0)).toBeGreaterThan(1_800);
  });
});

describe('the end of a job that was told to die', () => {
  it.each([
    ['RUNNING', 'KILLED', 'killed'],
    ['KILLED', 'KILLED', 'killed'],
    ['KILLED', 'UNDEFINED', 'killed'],
    ['FAILED', 'KILLED', 'killed'],
    ['FINISHED', 'SUCCEEDED', 'finished-first'],
    ['FINISHED', 'FAILED', 'finished-first'],
    ['FAILED', 'FAILED', 'finished-first'],
    ['RUNNING', 'SUCCEEDED', 'finished-first'],
    ['FINISHED', 'UNDEFINED', 'finished-first'],
    ['RUNNING', 'UNDEFINED', undefined],
    ['ACCEPTED', 'UNDEFINED', undefined],
    ['NEW', '', undefined],
    ['SOMETHING_NEW', 'UNDEFINED', undefined],
    ['', '', undefined],
  ])('in state %s with result %s is %s', (job_state, job_result, end) => {
    expect(overEnd(aJob({ job_state, job_result }))?.outcome).toBe(end);
  });
});
