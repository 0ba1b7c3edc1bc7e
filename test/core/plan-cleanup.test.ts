import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Moment } from '../../lib/core/decide.ts';
import { isOver, type Job } from '../../lib/core/job.ts';
import { type CleanupPlan, type Hold, planCleanup, requestFor, requestOfPerson, spareHeld } from '../../lib/core/plan-cleanup.ts';
import { matchesSelector } from '../../lib/core/selector.ts';
import type { CleanupRule, Policy } from '../../lib/policy/policy.ts';
import { aJob, aPolicy, HOUR_MS, NOON } from './a-job.ts';
import { runs } from '../support/full-size.ts';

const MOMENT: Moment = { now: new Date(NOON) };
const PAUSED = { rule: 'paused', reason: 'the off switch is on' } as const;
const CLUSTERS = { analytics: { id: 'id-a' }, dev: { id: 'id-d' } };
const clocksAgree = (): boolean => false;

function aRule(fields: Partial<CleanupRule> = {}): CleanupRule {
  return { name: 'stale', cluster: 'analytics', match: { name: 'nb-*' }, action: 'kill', ...fields };
}

function plan(jobs: Job[], cleanup: CleanupRule[], { policy = {}, moment = MOMENT, isClockOff = clocksAgree }: { policy?: Partial<Policy>; moment?: Moment; isClockOff?: (cluster: string) => boolean } = {}): CleanupPlan {
  return planCleanup(aPolicy({ clusters: CLUSTERS, cleanup, ...policy }), jobs, moment, isClockOff);
}

/** `[rule, job name]` of what is to go, and `[rule, job name, by]` of what is spared. */
function summary({ chosen, spared }: CleanupPlan): { chosen: string[][]; spared: string[][] } {
  return { chosen: chosen.map(({ rule, job }) => [rule.name, job.job_name]), spared: spared.map(({ rule, job, by }) => [rule.name, job.job_name, by]) };
}

const nb = (fields: Partial<Job> = {}): Job => aJob({ job_name: 'nb-1', ...fields });
const NOTHING = { chosen: [], spared: [], asked: [] };

describe('a job', () => {
  it('goes by the first rule that fits, whose name is who asks and why', () => {
    const rules = [aRule({ name: 'other', match: { name: 'etl-*' } }), aRule({ name: 'first', match: { name: 'nb-*' } }), aRule({ name: 'second', match: { queue: 'adhoc' } })];
    const { chosen: [planned] } = plan([nb()], rules);
    expect(planned?.rule.name).toBe('first');
    expect(planned && requestFor(planned, { killId: 'k', dryRun: false, receivedAt: NOON })).toEqual({
      killId: 'k',
      trigger: 'cleanup',
      onlyIf: { name: 'nb-*' },
      target: { cluster: 'analytics', job: { by: 'mrs-id', id: nb().job_id } },
      requestedBy: 'cleanup rule first',
      reason: 'first',
      policyRule: 'first',
      rule: { name: 'first', askAgainMs: 86_400_000 },
      action: 'kill',
      dryRun: false,
      receivedAt: NOON,
    });
  });

  it('that no rule fits is neither chosen nor spared', () => {
    expect(plan([aJob()], [aRule()])).toEqual(NOTHING);
    expect(plan([nb()], [])).toEqual(NOTHING);
    expect(plan([nb()], [aRule()], { policy: { ask: [{ trigger: 'cleanup', who: 'approver' }] } }).chosen).toMatchObject([{ asks: true }]);
  });

  it('that an earlier rule spares is not taken by a later one', () => {
    const policy = { protected: [{ user: 'vip' }] };
    expect(summary(plan([nb({ user: 'vip' })], [aRule({ name: 'a' }), aRule({ name: 'b' })], { policy }))).toEqual({ chosen: [], spared: [['a', 'nb-1', 'protected']] });
  });

  it.each<[string, Partial<Job>]>([
    ['FINISHED', { job_state: 'FINISHED', job_result: 'SUCCEEDED' }],
    ['KILLED', { job_state: 'KILLED', job_result: 'KILLED' }],
    ['killed while its logs are copied', { job_state: 'RUNNING', job_result: 'KILLED' }],
  ])('that is over (%s) is nothing to clean up', (_, fields) => {
    expect(plan([nb(fields)], [aRule()])).toEqual(NOTHING);
  });

  it('of another cluster than the rule names is left alone', () => {
    expect(plan([nb({ cluster: 'dev' }), nb({ cluster: 'elsewhere' })], [aRule()])).toEqual(NOTHING);
  });

  it.each([
    ['protected', nb({ user: 'svc-payroll' }), /^protected: nb-1 is protected by user: svc-payroll/],
    ['SparkSql', nb({ job_type: 'SparkSql' }), /^SparkSql: MRS cannot kill/],
  ])('that may not be killed is spared by %s, with the reason', (by, job, reason) => {
    const { chosen, spared } = plan([job], [aRule()], { policy: { protected: [{ user: 'svc-payroll' }] } });
    expect(chosen).toEqual([]);
    expect(spared).toMatchObject([{ by, reason: expect.stringMatching(reason), job, rule: { name: 'stale' } }]);
  });

  it('that needs an approver, by its rule or by ask:, is chosen as one to ask about; one to show is not', () => {
    const policy: Partial<Policy> = { ask: [{ match: { type: 'Flink' }, who: 'approver' }] };
    const jobs = [nb({ job_name: 'nb-flink', job_type: 'Flink' }), nb(), nb({ job_name: 'ask-1' }), nb({ job_name: 'show-1', job_type: 'Flink' })];
    const rules = [aRule(), aRule({ name: 'asks', match: { name: 'ask-*' }, action: 'ask' }), aRule({ name: 'shows', match: { name: 'show-*' }, action: 'notify' })];
    expect(plan(jobs, rules, { policy }).chosen.map(({ job, asks }) => [job.job_name, asks])).toEqual([['nb-flink', true], ['nb-1', false], ['ask-1', true], ['show-1', false]]);
  });
});

describe('the request for a planned job', () => {
  const more = { killId: 'k', dryRun: false, receivedAt: NOON };

  it('is played where the run or the rule is, and warns outside of the thread where the rule warns', () => {
    const thread = { channel: 'C1', ts: '1.1' };
    expect([{}, { dryRun: false }, { dryRun: true }].map((rule) => requestFor({ rule: aRule(rule), job: nb() }, more).dryRun)).toEqual([false, false, true]);
    expect(requestFor({ rule: aRule(), job: nb() }, { ...more, dryRun: true }).dryRun).toBe(true);
    expect(requestFor({ rule: aRule(), job: nb() }, { ...more, thread })).toHaveProperty('thread', thread);
    expect(requestFor({ rule: aRule({ warnMs: HOUR_MS, askAgainMs: 7 }), job: nb() }, { ...more, thread })).toMatchObject({ warns: true, thread: undefined, rule: { name: 'stale', askAgainMs: 7 } });
    expect(requestFor({ rule: aRule(), job: nb() }, more)).not.toHaveProperty('warns');
  });

  it('is that of the person who clicked on the list, and confirmed by it', () => {
    const request = requestOfPerson({ rule: aRule(), job: nb() }, 'U1', { killId: 'k', receivedAt: NOON, channel: 'C1' });
    expect(request).toEqual({ ...requestFor({ rule: aRule(), job: nb() }, more), channel: 'C1', trigger: 'slack', requestedBy: 'U1', reason: 'cleanup rule stale', person: 'U1', confirmedBy: 'U1' });
  });

  it('of a person asks only where an approver is wanted', () => {
    const asksOf = (who: 'requester' | 'approver' | 'none', trigger: 'cleanup' | 'slack'): boolean[] =>
      planCleanup(aPolicy({ clusters: CLUSTERS, cleanup: [aRule()], ask: [{ who }] }), [nb()], MOMENT, clocksAgree, trigger).chosen.map(({ asks }) => asks);
    expect((['requester', 'approver', 'none'] as const).map((who) => asksOf(who, 'slack'))).toEqual([[false], [true], [false]]);
    expect((['requester', 'approver', 'none'] as const).map((who) => asksOf(who, 'cleanup'))).toEqual([[true], [true], [false]]);
  });
});

it('what is held is spared, with what holds it, or is being asked about', () => {
  const rule = aRule();
  const [free, asked, kept, spared, before] = ['free', 'asked', 'kept', 'spared', 'before'].map((job_name) => nb({ job_name }));
  if (!free || !asked || !kept || !spared || !before) throw new Error('no jobs');
  const holds = new Map<Job, Hold>([[asked, 'asked'], [kept, { by: 'kept until 16:30 by U1' }]]);
  const whole: CleanupPlan = { chosen: [free, asked, kept].map((job) => ({ rule, job, asks: false })), spared: [{ rule, job: spared, by: 'protected', reason: 'x' }], asked: [{ rule, job: before }] };
  expect(spareHeld(whole, ({ job }) => holds.get(job))).toEqual({
    chosen: [{ rule, job: free, asks: false }],
    spared: [...whole.spared, { rule, job: kept, by: 'kept until 16:30 by U1', reason: 'kept until 16:30 by U1; stale leaves it alone' }],
    asked: [{ rule, job: before }, { rule, job: asked }],
  });
});

describe('the ages', () => {
  const running = (hours: number): Job => nb({ job_name: `nb-${hours}`, started_time: NOON - hours * HOUR_MS, submitted_time: NOON - hours * HOUR_MS - 60_000 });
  const waiting = (hours: number, state = 'ACCEPTED'): Job => nb({ job_name: `nb-${hours}`, job_state: state, started_time: 0, submitted_time: NOON - hours * HOUR_MS });

  it('olderThan takes what runs longer, not what runs exactly so long, and nothing that waits', () => {
    const rule = aRule({ match: { name: 'nb-*', olderThanMs: 6 * HOUR_MS } });
    expect(summary(plan([running(7), running(6), running(1), waiting(9)], [rule])).chosen).toEqual([['stale', 'nb-7']]);
  });

  it('pendingLongerThan takes what waits longer, in any state before running, and nothing that runs', () => {
    const rule = aRule({ match: { name: 'nb-*', pendingLongerThanMs: 2 * HOUR_MS } });
    const jobs = [waiting(3), waiting(4, 'NEW'), waiting(5, 'SUBMITTED'), waiting(2), waiting(1), running(9)];
    expect(summary(plan(jobs, [rule])).chosen.map(([, name]) => name)).toEqual(['nb-3', 'nb-4', 'nb-5']);
  });

  it('are never reached where MRS tells no time', () => {
    const rules = [aRule({ match: { name: 'nb-*', olderThanMs: 1 } }), aRule({ name: 'stuck', match: { name: 'nb-*', pendingLongerThanMs: 1 } })];
    expect(plan([nb({ started_time: 0, submitted_time: 0, job_state: 'ACCEPTED' }), nb({ started_time: 0, submitted_time: 0 })], rules)).toEqual(NOTHING);
  });

  it('mean nothing while the clocks differ: only rules with an age spare then, and only in that cluster', () => {
    const rules = [
      aRule({ name: 'old', match: { name: 'old-*', olderThanMs: 1 } }),
      aRule({ name: 'stuck', match: { name: 'stuck-*', pendingLongerThanMs: 1 } }),
      aRule({ name: 'by-name', match: { name: 'bad-*' } }),
      aRule({ name: 'old-dev', cluster: 'dev', match: { name: 'old-*', olderThanMs: 1 } }),
    ];
    const jobs = [nb({ job_name: 'old-1' }), nb({ job_name: 'stuck-1', job_state: 'NEW', started_time: 0 }), nb({ job_name: 'bad-1' }), nb({ job_name: 'old-1', cluster: 'dev' })];
    expect(summary(plan(jobs, rules, { isClockOff: (cluster) => cluster === 'analytics' }))).toEqual({
      chosen: [['by-name', 'bad-1'], ['old-dev', 'old-1']],
      spared: [['old', 'old-1', 'clock'], ['stuck', 'stuck-1', 'clock']],
    });
    expect(plan(jobs, rules, { isClockOff: () => true }).spared[0]?.reason).toBe('clock: our clock and that of MRS differ by more than 5 min, so ages cannot be trusted; set the clock right');
  });
});

describe('the off switch', () => {
  it('spares everything, and says so', () => {
    const { chosen, spared } = plan([nb(), nb({ job_type: 'SparkSql' })], [aRule()], { moment: { ...MOMENT, brake: PAUSED } });
    expect(chosen).toEqual([]);
    expect(spared.map(({ by }) => by)).toEqual(['paused', 'SparkSql']);
    expect(spared[0]?.reason).toMatch(/^paused: the off switch is on/);
  });
});

const STATES = ['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SOMETHING'];
const anyJob: fc.Arbitrary<Job> = fc.record({
  cluster: fc.constantFrom('analytics', 'dev', 'elsewhere'),
  job_id: fc.uuid(),
  job_name: fc.constantFrom('nb-1', 'nb-2', 'billing-1', 'etl', ''),
  job_type: fc.constantFrom('SparkSubmit', 'SparkSql', 'sparksql', 'Flink'),
  user: fc.constantFrom('ana', 'svc-payroll', ''),
  queue: fc.constantFrom('adhoc', 'gold'),
  job_state: fc.constantFrom(...STATES),
  job_result: fc.constantFrom('UNDEFINED', 'SUCCEEDED', 'FAILED', 'KILLED', ''),
  started_time: fc.constantFrom(0, NOON - HOUR_MS, NOON - 10 * HOUR_MS, NOON + HOUR_MS),
  submitted_time: fc.constantFrom(0, NOON - HOUR_MS, NOON - 10 * HOUR_MS),
}).map((fields) => aJob(fields));
const anyMatch = fc.record(
  { name: fc.constantFrom('nb-*', '*', 'billing-?'), user: fc.constantFrom('ana', '*'), queue: fc.constantFrom('adhoc', 'g*'), type: fc.constant('spark*'), olderThanMs: fc.constantFrom(1, 6 * HOUR_MS), pendingLongerThanMs: fc.constantFrom(1, 6 * HOUR_MS) },
  { requiredKeys: [] },
);
const anyRule = (index: number): fc.Arbitrary<CleanupRule> =>
  fc.record({ name: fc.constant(`rule-${index}`), cluster: fc.constantFrom('analytics', 'dev'), match: anyMatch, action: fc.constantFrom('kill', 'ask', 'notify'), dryRun: fc.boolean() });
const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({ rules: fc.tuple(anyRule(0), anyRule(1), anyRule(2), anyRule(3)), protects: fc.boolean(), asks: fc.boolean(), dryRun: fc.boolean() })
  .map(({ rules, protects, asks, dryRun }) =>
    aPolicy({ clusters: CLUSTERS, cleanup: rules, dryRun, protected: protects ? [{ name: 'billing-*' }, { user: 'svc-payroll' }] : [], ask: asks ? [{ match: { type: 'Flink' }, who: 'approver' }] : [] }),
  );
const anyCase = fc.tuple(anyPolicy, fc.array(anyJob, { maxLength: 12 }), fc.boolean(), fc.constantFrom('none', 'analytics', 'dev'));

describe('whatever the rules and the jobs are', () => {
  const holds = (check: (policy: Policy, jobs: Job[], planned: CleanupPlan, paused: boolean, clockOff: string) => void): void =>
    fc.assert(
      fc.property(anyCase, ([policy, jobs, paused, clockOff]) => {
        check(policy, jobs, planCleanup(policy, jobs, { ...MOMENT, ...(paused && { brake: PAUSED }) }, (cluster) => cluster === clockOff), paused, clockOff);
      }),
      { numRuns: runs(1_000) },
    );

  it('never a protected, over, SparkSql or unlisted job is chosen, and none at all while paused', () => {
    holds((policy, _jobs, { chosen }, paused) => {
      for (const { job } of chosen) {
        expect(isOver(job)).toBe(false);
        expect(job.job_type.toLowerCase()).not.toBe('sparksql');
        expect(Object.keys(policy.clusters)).toContain(job.cluster);
        expect(policy.protected.some((selector) => matchesSelector(selector, job, MOMENT.now))).toBe(false);
      }
      if (paused) expect(chosen).toEqual([]);
    });
  });

  it('each job stands in the plan at most once, under the first rule of its own cluster that fits it', () => {
    holds((policy, jobs, { chosen, spared }) => {
      const planned = [...chosen, ...spared];
      expect(new Set(planned.map(({ job }) => job)).size).toBe(planned.length);
      for (const job of jobs) {
        const fits = ({ cluster, match }: CleanupRule): boolean => cluster === job.cluster && matchesSelector(match, job, MOMENT.now);
        expect(planned.find((one) => one.job === job)?.rule).toBe(isOver(job) ? undefined : policy.cleanup.find(fits));
      }
    });
  });

  it('what is chosen stands in the order of the jobs', () => {
    holds((_policy, jobs, { chosen }) => {
      const places = chosen.map(({ job }) => jobs.indexOf(job));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });
  });

  it('no job of a cluster whose clock is off is chosen by a rule with an age', () => {
    holds((_policy, _jobs, { chosen }, _paused, clockOff) => {
      const byAge = chosen.filter(({ rule: { match } }) => match.olderThanMs !== undefined || match.pendingLongerThanMs !== undefined);
      expect(byAge.filter(({ job }) => job.cluster === clockOff)).toEqual([]);
    });
  });

  it('rules that come later change nothing for the jobs of those before', () => {
    holds((policy, jobs, planned, paused, clockOff) => {
      const fewer = planCleanup({ ...policy, cleanup: policy.cleanup.slice(0, 2) }, jobs, { ...MOMENT, ...(paused && { brake: PAUSED }) }, (cluster) => cluster === clockOff);
      const ofFirst = <T extends { rule: CleanupRule }>(all: T[]): T[] => all.filter(({ rule }) => policy.cleanup.indexOf(rule) < 2);
      expect(fewer).toEqual({ chosen: ofFirst(planned.chosen), spared: ofFirst(planned.spared), asked: [] });
    });
  });

  it('a dry run plans exactly what a live run plans', () => {
    holds((policy, jobs, planned, paused, clockOff) => {
      const rules = policy.cleanup.map((rule) => ({ ...rule, dryRun: !rule.dryRun }));
      const other = planCleanup({ ...policy, dryRun: !policy.dryRun, cleanup: rules }, jobs, { ...MOMENT, ...(paused && { brake: PAUSED }) }, (cluster) => cluster === clockOff);
      expect(summary(other)).toEqual(summary(planned));
    });
  });
});

describe('the request for a planned job', () => {
  it.each([
    [false, undefined, false],
    [true, undefined, true],
    [true, false, true],
    [false, true, true],
    [false, false, false],
  ])('is a dry run where the run (%s) or the rule (%s) says so: %s', (ofRun, ofRule, expected) => {
    expect(requestFor({ rule: aRule({ dryRun: ofRule }), job: nb() }, { killId: 'k', dryRun: ofRun, receivedAt: NOON }).dryRun).toBe(expected);
  });
});
