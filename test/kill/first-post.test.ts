import { describe, expect, it } from '@jest/globals';
import { firstPostEntries, isDying, killedBefore, newerRunText, readFirstPosts } from '../../lib/kill/first-post.ts';
import { namePartition } from '../../lib/ledger/keys.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID } from './a-run.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

const JOB = aJob({ submitted_time: NOON });
const posts = (...before: [jobId: string, minutes: number][]) => before.map(([jobId, minutes]) => ({ jobId, at: NOON - minutes * 60_000 }));

describe('the re-run of a job that was killed', () => {
  it.each<[what: string, job: Parameters<typeof killedBefore>[1], before: ReturnType<typeof posts>, minutes: number | undefined]>([
    ['is one that was submitted after the kill', JOB, posts(['a', 1]), 1],
    ['counts from the oldest of several kills', JOB, posts(['a', 1], ['b', 9], ['c', 5]), 9],
    ['may be one whose time MRS left out', aJob({ submitted_time: 0 }), posts(['a', 1]), 1],
    ['is none that was submitted before the kill', JOB, posts(['a', -1]), undefined],
    ['is none that was submitted in the ms of the kill', JOB, posts(['a', 0]), undefined],
    ['is none where nothing was killed', JOB, [], undefined],
    ['is none where nothing was killed and MRS left its time out', aJob({ submitted_time: 0 }), [], undefined],
    ['is none where it is killed itself', JOB, posts([JOB.job_id, 1]), undefined],
    ['is none without a name', aJob({ job_name: '', submitted_time: NOON }), posts(['a', 1]), undefined],
  ])('%s', (_, job, before, minutes) => {
    expect(killedBefore(before, job)).toBe(minutes === undefined ? undefined : NOON - minutes * 60_000);
  });

  it('is said with how long ago the kill was', () => {
    expect(newerRunText('etl', NOON - 12 * 60_000, NOON)).toBe('a newer run; etl was killed 12 min ago');
  });

  it('is told from the job that dies itself', () => {
    expect([isDying(posts(['a', 1], [JOB.job_id, 1]), JOB), isDying(posts(['a', 1]), JOB), isDying([], JOB)]).toEqual([true, false, false]);
  });
});

it('a first POST is known by the name of its job for 75 min, and as the oldest where it cannot be read', async () => {
  const { ledger } = await aRun({ stands: firstPostEntries(ID, ANALYTICS, JOB, NOON - 5, NOON) });
  await ledger.put([entryOf({ partition: namePartition(ANALYTICS.id, 'nightly-etl'), rest: 'torn x' }, 'torn')]);
  const read = async (name: string, now: number) => readFirstPosts(ledger, ANALYTICS.id, name, now);
  expect(await read('nightly-etl', NOON + 75 * 60_000)).toEqual([{ jobId: JOB.job_id, at: NOON - 5 }, { jobId: 'torn', at: 0 }]);
  expect(await read('nightly-etl', NOON + 75 * 60_000 + 1)).toHaveLength(1);
  expect(await read('other', NOON + HOUR_MS)).toEqual([]);
});
