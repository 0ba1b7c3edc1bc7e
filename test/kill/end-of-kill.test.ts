import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Trouble } from '../../lib/core/errors.ts';
import { aliveEnd, endOfKill, unansweredEnd, withKeep } from '../../lib/kill/end-of-kill.ts';
import { notifiedEnd } from '../../lib/kill/notify.ts';
import { noText } from '../../lib/kill/no.ts';
import type { KillEnd } from '../../lib/kill/post.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

// What people read of a request: that nothing may be said twice in other words, or say less than is known.

const JOB = aJob();
const KILLED = aJob({ job_state: 'KILLED', job_result: 'KILLED' });
const FINISHED = aJob({ job_state: 'FINISHED', job_result: 'SUCCEEDED' });
const BY_HAND = '; by hand: hcloud MRS StopJob --cli-region=eu-west-101 --cluster_id=2b460e01-3351-4170-b0a7-57b9dd5ffef3 --job_execution_id=431b135e-c090-489f-b1db-0abe3822b855';
const TOO_LATE = 'more than 15 min passed since the request, so no more kill is sent; ask again if you still want it';
const TROUBLE: Trouble = { service: 'MRS', kind: 'forbidden', status: 403, errorCode: 'APIGW.0302', message: 'not authorized' };
const TIMEOUT: Trouble = { service: 'MRS', kind: 'timeout', message: '10 s went by' };
const FULL: End = { outcome: 'refused', rule: 'perHour', reason: 'perHour: no place', job: JOB };

type Ended = Exclude<KillEnd, { end: 'accepted' }>;
const UNKNOWN = '; a kill was sent before and may still take effect';

describe('the end of a kill that was not accepted', () => {
  it.each<[what: string, ended: Extract<Ended, { effectUnknown: boolean }>, end: End]>([
    ['held back by a brake', { end: 'braked', brake: { rule: 'paused', reason: 'the off switch is on' }, effectUnknown: false }, { outcome: 'refused', rule: 'paused', reason: 'paused: the off switch is on', job: JOB }],
    ['too late', { end: 'expired', effectUnknown: false }, { outcome: 'expired', reason: TOO_LATE, job: JOB }],
    ['without a place in the hour', { end: 'refused', refusal: FULL, effectUnknown: false }, FULL],
    ['where it cannot be put on record', { end: 'unready', code: 'ledger', reason: 'no ledger', effectUnknown: false }, { outcome: 'failed', code: 'ledger', reason: `no ledger${BY_HAND}`, job: JOB }],
    ['refused by MRS', { end: 'trouble', trouble: TROUBLE, effectUnknown: false }, { outcome: 'failed', code: 'APIGW.0302', trouble: TROUBLE, reason: `MRS answered APIGW.0302: not authorized${BY_HAND}`, job: JOB }],
    ['lost', { end: 'trouble', trouble: TIMEOUT, effectUnknown: false }, { outcome: 'failed', code: 'timeout', trouble: TIMEOUT, reason: `MRS gave no answer: 10 s went by${BY_HAND}`, job: JOB }],
  ])('%s says so, and whether an earlier one may still take effect', (_, ended, end) => {
    expect(endOfKill(ended, ANALYTICS, JOB)).toEqual(end);
    const [said, hint = ''] = end.reason.split(/(?=; by hand)/);
    expect(endOfKill({ ...ended, effectUnknown: true }, ANALYTICS, JOB)).toEqual({ ...end, reason: `${said}${UNKNOWN}${hint}`, mayTakeEffect: true });
  });

  it.each<[what: string, ended: Ended, end: End]>([
    ['of a job that was killed meanwhile', { end: 'over', job: KILLED }, { outcome: 'killed', reason: 'MRS says that the job was killed', job: KILLED }],
    ['of a job that ended meanwhile', { end: 'over', job: FINISHED }, { outcome: 'finished-first', reason: 'it ended by itself: FINISHED, result SUCCEEDED', job: FINISHED }],
    ['of a job that MRS forgot', { end: 'not-found' }, { outcome: 'not-found', reason: 'MRS does not know this job any more', job: JOB }],
    ['without an answer to any POST', { end: 'unanswered', trouble: TIMEOUT }, { outcome: 'failed', code: 'unanswered', trouble: TIMEOUT, reason: `MRS gave no answer: 10 s went by; MRS answered none of our kills, and the job still runs${BY_HAND}`, job: JOB, mayTakeEffect: true }],
  ])('%s says what it came to', (_, ended, end) => {
    expect(endOfKill(ended, ANALYTICS, JOB)).toEqual(end);
    if (ended.end === 'unanswered') expect(unansweredEnd(ended.trouble, ANALYTICS, JOB)).toEqual(end);
  });
});

describe('the end of a job that outlives its kill', () => {
  const pace = { takesOver: true, expiresAfterMs: 1, lookCountsForMs: 0, lookForMs: 0, mostPosts: 3, settles: true, followIntervalSec: 2, followTimeoutSec: 1_800, holdsForMs: 0 };
  it.each<['still-running' | 'accepted', string]>([
    ['still-running', 'MRS took the kill, but the job was still RUNNING after 30 min; copying its logs can take that long; look again with /mrs status 431b135e-c090-489f-b1db-0abe3822b855 on analytics'],
    ['accepted', 'MRS took the kill; the job ends within seconds, or minutes while its logs are copied'],
  ])('%s says what to do', (ifStillAlive, reason) => {
    expect(aliveEnd({ ...pace, ifStillAlive }, JOB)).toEqual({ outcome: ifStillAlive, reason, job: JOB });
  });

  it('says who kept the job, where somebody did', () => {
    const end: End = { outcome: 'killed', reason: 'MRS says that the job was killed' };
    expect(withKeep(end, undefined)).toBe(end);
    expect(withKeep(end, { until: NOON, by: 'U1' })).toEqual({ outcome: 'killed', reason: 'MRS says that the job was killed; it was kept until 2026-03-01 12:00 UTC by U1' });
  });
});

describe('the end of a message that only told people', () => {
  it.each<[what: string, state: Parameters<typeof notifiedEnd>[0], end: Partial<End>]>([
    ['somebody clicked', { job: FINISHED, isGone: true, by: 'U1' }, { answeredBy: 'U1', reason: 'somebody asked for the kill of this job; that has a message of its own' }],
    ['the job is over', { job: FINISHED, isGone: true }, { reason: 'the job is over: FINISHED, result SUCCEEDED' }],
    ['MRS does not know it any more', { job: JOB, isGone: true }, { reason: 'MRS does not know the job any more' }],
    ['nobody clicked', { job: JOB }, { reason: 'nobody clicked within 8 h, so the button is gone; to kill the job: /mrs kill 431b135e-c090-489f-b1db-0abe3822b855 on analytics' }],
  ])('says that %s', (_, state, end) => {
    expect(notifiedEnd(state)).toEqual({ outcome: 'notified', job: state.job, ...end });
  });
});

it.each([
  ['told', undefined, 'people were told of it, until 2026-03-01 12:00 UTC'],
  ['played', undefined, 'a dry run told people that it would be killed, until 2026-03-01 12:00 UTC'],
  ['protected', undefined, 'it was protected, until 2026-03-01 12:00 UTC'],
  ['SparkSql', undefined, 'MRS cannot kill SparkSql, until 2026-03-01 12:00 UTC'],
  ['declined', 'U1', 'declined by U1, until 2026-03-01 12:00 UTC'],
])('a no that is remembered as %s is said in words', (what, by, text) => {
  expect(noText({ what, by }, NOON)).toBe(text);
});
