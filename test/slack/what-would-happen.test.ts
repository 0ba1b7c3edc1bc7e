import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../lib/core/job.ts';
import type { CleanupRule, Policy } from '../../lib/policy/policy.ts';
import { whatWouldHappen } from '../../lib/slack/what-would-happen.ts';
import { aJob, aPolicy, HOUR_MS, NOON } from '../core/a-job.ts';

const STALE = { name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill' } as CleanupRule;
const PEOPLE = { mayKill: ['U0A1', 'U0B2'], mayApprove: ['U0C3'] };
const lines = (policy: Partial<Policy> = {}, job: Partial<Job> = {}): string[] => whatWouldHappen(aPolicy({ slack: PEOPLE, ...policy }), aJob(job), new Date(NOON)).map((line) => line.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1'));

describe('what would happen to a job', () => {
  it('that is over: nothing', () => {
    expect(lines({}, { job_state: 'FINISHED', job_result: 'SUCCEEDED' })).toEqual(['it is over, so there is nothing to kill']);
  });

  it('that is protected: every kill is refused', () => {
    expect(lines({ protected: [{ queue: 'adhoc' }] })).toEqual([expect.stringMatching(/^every kill is refused: .*protected/)]);
  });

  it('for each trigger', () => {
    expect(lines()).toEqual([
      '`/mrs kill` by <@U0A1>, <@U0B2>: the requester has to confirm it',
      'an alert rule with `action: kill`: nobody is asked',
      'a cleanup rule with `action: kill`: nobody is asked',
      'REST: nobody is asked',
      'no cleanup rule fits it, and none will when it only gets older',
    ]);
  });

  it('where an approver has to agree, by a rule of the policy, and REST asks nobody', () => {
    expect(lines({ ask: [{ match: { queue: 'other' }, who: 'approver' }, { match: { queue: 'adhoc' }, who: 'approver' }], dryRun: ['alerts'] })).toEqual([
      '`/mrs kill` by <@U0A1>, <@U0B2>: an approver has to approve it, not the requester: <@U0C3> (by ask.1 of policy.yml)',
      'an alert rule with `action: kill`: an approver has to approve it, not the requester: <@U0C3> (by ask.1 of policy.yml); dry run: nothing is killed',
      'a cleanup rule with `action: kill`: an approver has to approve it, not the requester: <@U0C3> (by ask.1 of policy.yml)',
      'REST: refused, since an approver has to approve it and REST asks nobody (by ask.1 of policy.yml)',
      'no cleanup rule fits it, and none will when it only gets older',
    ]);
  });

  it('where nobody is asked, or the requester by every trigger, by a rule', () => {
    expect(lines({ ask: [{ match: { queue: 'adhoc' }, who: 'none' }], dryRun: true })[0]).toBe('`/mrs kill` by <@U0A1>, <@U0B2>: nobody is asked (by ask.0 of policy.yml); dry run: nothing is killed');
    expect(lines({ ask: [{ trigger: 'api', who: 'approver' }], dryRun: true })[3]).toMatch(/^REST: refused, since an approver has to approve it and REST asks nobody \(by ask\.0 of policy\.yml\); dry run: nothing is killed$/);
  });

  it.each<[string[], string]>([
    [[], 'nobody (slack.mayKill of policy.yml is empty)'],
    [['U01', 'U02', 'U03', 'U04', 'U05'], '<@U01>, <@U02>, <@U03>, <@U04>, <@U05>'],
    [['U01', 'U02', 'U03', 'U04', 'U05', 'U06', 'U07'], '<@U01>, <@U02>, <@U03>, <@U04>, <@U05> and 2 more of slack.mayKill'],
  ])('names %j as those who may kill', (mayKill, words) => {
    expect(lines({ slack: { ...PEOPLE, mayKill } })[0]).toBe(`\`/mrs kill\` by ${words}: the requester has to confirm it`);
  });

  it('names nobody where nobody may approve', () => {
    expect(lines({ slack: { mayKill: ['U01'], mayApprove: [] }, ask: [{ match: { queue: 'adhoc' }, who: 'approver' }] })[0]).toContain('not the requester: nobody (slack.mayApprove of policy.yml is empty) (by ask.0');
  });
});

describe('what a cleanup rule does', () => {
  it.each<[string, Partial<CleanupRule>, Partial<Policy>, string]>([
    ['kills', {}, {}, 'kills it'],
    ['only tells', { action: 'notify' }, {}, 'tells people of it'],
    ['only tells, though it is played', { action: 'notify', dryRun: true }, {}, 'tells people of it'],
    ['is played', { dryRun: true, warnMs: HOUR_MS }, {}, 'would kill it (dry run)'],
    ['is played by the policy', {}, { dryRun: ['cleanup'] }, 'would kill it (dry run)'],
    ['asks', { action: 'ask' }, {}, 'asks an approver'],
    ['asks by a rule of ask:', {}, { ask: [{ match: { queue: 'adhoc' }, who: 'approver' }] }, 'asks an approver'],
    ['warns', { warnMs: 90 * 60_000 }, {}, 'warns people for 1h 30m, then kills it'],
    ['warns and asks', { warnMs: HOUR_MS, action: 'ask' }, {}, 'warns people for 1h, then asks an approver'],
  ])('that %s', (_what, rule, policy, does) => {
    expect(lines({ cleanup: [{ ...STALE, ...rule }], ...policy }).at(-1)).toBe(`cleanup rule \`stale\` fits it now: the next run ${does}`);
  });

  it.each<[string, CleanupRule['match'], Partial<Job>, string]>([
    ['later', { olderThanMs: 3 * HOUR_MS }, {}, 'will fit it from 2026-03-01 14:00 UTC, in 2 h: the next run then kills it'],
    ['when it has run', { olderThanMs: 3 * HOUR_MS }, { started_time: 0, job_state: 'ACCEPTED' }, 'will fit it when it has run for 3 h: the next run then kills it'],
    ['perhaps', { queue: 'adhoc' }, { queue: '' }, 'leaves it alone: MRS gave no queue of it'],
    ['perhaps, for two reasons', { queue: 'adhoc', user: 'etl-bot' }, { queue: '', user: '' }, 'leaves it alone: MRS gave no user and no queue of it'],
  ])('that fits %s', (_what, match, job, words) => {
    expect(lines({ cleanup: [{ ...STALE, match }] }, job).at(-1)).toBe(`cleanup rule \`stale\` ${words}`);
  });
});
