import { describe, expect, it } from '@jest/globals';
import { type AskRule, decide, findAsk, type Moment } from '../../lib/core/decide.ts';
import { isDryRun } from '../../lib/core/dry-run.ts';
import type { Job } from '../../lib/core/job.ts';
import { type KillRequest, TRIGGERS, type Trigger } from '../../lib/core/request.ts';
import type { Selector } from '../../lib/core/selector.ts';
import { describeSelector } from '../../lib/core/selector-text.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aJob, aPolicy, aRequest, HOUR_MS, NOON } from './a-job.ts';

const moment: Moment = { now: new Date(NOON) };
const paused: Moment = { ...moment, brake: { rule: 'paused', reason: 'the off switch is on' } };

function decideBy(ask: AskRule[], request: Partial<KillRequest>, job: Partial<Job> = {}) {
  return decide(aPolicy({ ask }), aRequest(request), aJob(job), moment);
}

it('a selector is said as policy.yml has it', () => {
  expect(describeSelector({ user: 'svc-*', queue: undefined, olderThanMs: 6 * HOUR_MS, pendingLongerThanMs: 90_000 })).toBe('user: svc-*, olderThan: 6 h, pendingLongerThan: 1 min 30 s');
});

describe('a kill is refused', () => {
  it('in a cluster that is not listed, whoever asks', () => {
    for (const trigger of TRIGGERS) {
      const decision = decide(aPolicy(), aRequest({ trigger }), aJob({ cluster: 'payroll' }), moment);
      expect(decision).toMatchObject({ verdict: 'refuse', rule: 'clusters', reason: expect.stringMatching(/^clusters: payroll/) });
    }
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'Analytics', 'analytics ', ''])('in a cluster called %j, which only looks listed', (cluster) => {
    expect(decide(aPolicy(), aRequest(), aJob({ cluster }), moment)).toMatchObject({ verdict: 'refuse', rule: 'clusters' });
  });

  it('in a cluster whose id, and not its name, stands in the job', () => {
    const job = aJob({ cluster: '2b460e01-3351-4170-b0a7-57b9dd5ffef3' });
    expect(decide(aPolicy(), aRequest(), job, moment)).toMatchObject({ verdict: 'refuse', rule: 'clusters' });
  });

  it('for a protected job, naming the selector and what to change', () => {
    const policy = aPolicy({ protected: [{ name: 'billing-*' }, { user: 'etl-bot', queue: 'adhoc' }] });
    const decision = decide(policy, aRequest({ trigger: 'slack' }), aJob(), moment);
    expect(decision).toMatchObject({ verdict: 'refuse', rule: 'protected' });
    expect(decision).toHaveProperty('reason', expect.stringMatching(/^protected: nightly-etl .*user: etl-bot, queue: adhoc.*policy\.yml/));
  });

  it('for a job that is protected by its age, its state or its type in another case', () => {
    for (const selector of [{ olderThanMs: HOUR_MS - 1 }, { state: 'running' }, { type: 'sparksubmit' }]) {
      expect(decide(aPolicy({ protected: [selector] }), aRequest(), aJob(), moment)).toMatchObject({ rule: 'protected' });
    }
  });

  it.each(['SparkSql', 'SPARKSQL', 'sparksql'])('for a %s job, which MRS cannot stop', (job_type) => {
    const decision = decide(aPolicy(), aRequest(), aJob({ job_type }), moment);
    expect(decision).toMatchObject({ verdict: 'refuse', rule: 'SparkSql', reason: expect.stringMatching(/^SparkSql: /) });
  });

  it('while the off switch is on, and says how to end that', () => {
    expect(decide(aPolicy(), aRequest(), aJob(), paused)).toEqual({ verdict: 'refuse', rule: 'paused', reason: 'paused: the off switch is on' });
    for (const rule of ['resolved', 'kept'] as const) {
      expect(decide(aPolicy(), aRequest(), aJob(), { ...moment, brake: { rule, reason: 'x' } })).toEqual({ verdict: 'refuse', rule, reason: `${rule}: x` });
    }
  });

  it('by the first rule of the order: cluster, protected, SparkSql, paused, ask', () => {
    const ask: AskRule[] = [{ who: 'approver' }];
    const guarded = aPolicy({ ask, protected: [{ name: '*' }] });
    const sql = aJob({ job_type: 'SparkSql' });
    const ruleOf = (policy: Policy, job: Job, at: Moment) => {
      const decision = decide(policy, aRequest(), job, at);
      return decision.verdict === 'allow' ? 'none' : decision.rule;
    };
    expect([
      ruleOf(guarded, { ...sql, cluster: 'payroll' }, paused),
      ruleOf(guarded, sql, paused),
      ruleOf(aPolicy({ ask }), sql, paused),
      ruleOf(aPolicy({ ask }), aJob(), paused),
      ruleOf(aPolicy({ ask }), aJob(), moment),
      ruleOf(aPolicy(), aJob(), moment),
    ]).toEqual(['clusters', 'protected', 'SparkSql', 'paused', 'ask', 'none']);
  });
});

describe('who is asked', () => {
  it('is nobody without a rule, but for Slack, where the requester confirms', () => {
    const asked = TRIGGERS.map((trigger) => decideBy([], { trigger }));
    expect(asked).toMatchObject([{ verdict: 'ask', who: 'requester' }, { verdict: 'allow' }, { verdict: 'allow' }, { verdict: 'allow' }]);
  });

  it('is decided by the first rule that fits', () => {
    const rules: AskRule[] = [
      { match: { type: 'Flink' }, who: 'approver' },
      { trigger: 'slack', who: 'none' },
      { trigger: 'slack', who: 'approver' },
      { who: 'approver' },
    ];
    expect(decideBy(rules, { trigger: 'slack' })).toEqual({ verdict: 'allow' });
    expect(decideBy(rules, { trigger: 'slack' }, { job_type: 'flink' })).toMatchObject({ who: 'approver' });
    expect(decideBy(rules, { trigger: 'api' })).toMatchObject({ verdict: 'ask', who: 'approver' });
  });

  it('depends on both trigger and match where a rule has both', () => {
    const rules: AskRule[] = [{ trigger: 'alerts', match: { queue: 'adhoc' }, who: 'approver' }];
    expect(decideBy(rules, { trigger: 'alerts' })).toMatchObject({ verdict: 'ask' });
    expect(decideBy(rules, { trigger: 'alerts' }, { queue: 'prod' })).toEqual({ verdict: 'allow' });
    expect(decideBy(rules, { trigger: 'cleanup' })).toEqual({ verdict: 'allow' });
  });

  it.each([
    [{ cluster: 'analytics' }, true],
    [{ cluster: 'ana*' }, true],
    [{ cluster: 'dev' }, false],
    [{ cluster: 'ANALYTICS' }, false],
    [{ cluster: 'analytics', type: 'SparkSubmit' }, true],
    [{ cluster: 'analytics', type: 'Flink' }, false],
    [{ cluster: 'dev', type: 'SparkSubmit' }, false],
    [{ type: 'SparkSubmit' }, true],
    [{ cluster: 'analytics', type: undefined }, true],
    [{}, false],
    [{ cluster: undefined, name: undefined }, false],
  ])('may depend on the cluster, beside the job: %j fits: %j', (match, isAsked) => {
    expect(decideBy([{ match, who: 'approver' }], {}).verdict).toBe(isAsked ? 'ask' : 'allow');
  });

  it('is an approver where an alert or a schedule would have to confirm', () => {
    const asked = TRIGGERS.map((trigger) => decideBy([{ who: 'requester' }], { trigger }));
    expect(asked).toMatchObject([{ who: 'requester' }, { who: 'approver' }, { who: 'approver' }, { who: 'requester' }]);
  });

  it('is an approver for action ask, even where the policy waives the question', () => {
    for (const trigger of TRIGGERS) {
      expect(decideBy([{ who: 'none' }], { trigger, action: 'ask' })).toMatchObject({ verdict: 'ask', rule: 'ask', who: 'approver' });
    }
  });

  it('is nobody where a rule waives the question, whoever triggers', () => {
    for (const trigger of TRIGGERS) expect(decideBy([{ match: { cluster: 'analytics' }, who: 'none' }, { who: 'approver' }], { trigger })).toEqual({ verdict: 'allow' });
  });

  it('of rules that ask as much the first is named', () => {
    const rules: AskRule[] = [{ match: { user: 'ana' }, who: 'approver' }, { who: 'approver' }];
    expect(findAsk(aPolicy({ ask: rules }), aRequest(), aJob({ user: '' }), new Date(NOON))).toEqual({ who: 'approver', rule: 0 });
  });

  it('is said with the name of the rule', () => {
    expect(decideBy([], { trigger: 'slack' })).toHaveProperty('reason', 'ask: the requester has to confirm the kill of nightly-etl first');
    expect(decideBy([{ who: 'approver' }], {})).toHaveProperty('reason', expect.stringMatching(/^ask: an approver has to approve the kill of nightly-etl first$/));
  });
});

describe('what MRS left out', () => {
  it.each<[string, Partial<Job>, Selector]>([
    ['user', { user: '' }, { user: 'svc-payroll' }],
    ['user', { user: '' }, { user: 'svc-payroll', queue: 'adhoc' }],
    ['queue', { queue: '' }, { queue: 'prod' }],
    ['name', { job_name: '' }, { name: 'billing-*' }],
    ['type', { job_type: '' }, { type: 'Flink' }],
    ['state', { job_state: '' }, { state: 'ACCEPTED' }],
    ['start time', { started_time: 0 }, { olderThanMs: 100 * HOUR_MS }],
    ['start time', { started_time: 0, job_state: '' }, { olderThanMs: 100 * HOUR_MS }],
    ['submission time', { started_time: 0, job_state: 'ACCEPTED', submitted_time: 0 }, { pendingLongerThanMs: 100 * HOUR_MS }],
    ['state', { started_time: 0, job_state: '' }, { pendingLongerThanMs: HOUR_MS }],
    ['user and no queue', { user: '', queue: '' }, { user: 'svc-*', queue: 'prod' }],
  ])('protects where a protection reads it: no %s', (missing, fields, selector) => {
    for (const trigger of TRIGGERS) {
      const decision = decide(aPolicy({ protected: [selector] }), aRequest({ trigger }), aJob(fields), moment);
      expect(decision).toMatchObject({ verdict: 'refuse', rule: 'protected', reason: expect.stringContaining(`protected: MRS gave no ${missing} of `) });
      expect(decision).toHaveProperty('reason', expect.stringContaining(describeSelector(selector)));
    }
  });

  it.each<[string, Partial<Job>, Selector]>([
    ['another field says that it is not meant', { user: '' }, { user: 'svc-payroll', queue: 'prod' }],
    ['a waiting job has not started', { started_time: 0, job_state: 'ACCEPTED' }, { olderThanMs: 1 }],
    ['a running job does not wait', { started_time: 0, submitted_time: 0 }, { pendingLongerThanMs: 1 }],
    ['it was submitted later than that, running or not', { started_time: 0, job_state: '' }, { pendingLongerThanMs: 2 * HOUR_MS }],
    ['no protection reads it', { user: '' }, { queue: 'prod' }],
  ])('protects nothing where %s', (_why, fields, selector) => {
    expect(decide(aPolicy({ protected: [selector] }), aRequest(), aJob(fields), moment)).toEqual({ verdict: 'allow' });
  });

  it('a protection that surely holds is named before one that may', () => {
    const policy = aPolicy({ protected: [{ user: 'svc-*' }, { queue: 'adhoc' }] });
    expect(decide(policy, aRequest(), aJob({ user: '' }), moment)).toHaveProperty('reason', expect.stringMatching(/is protected by queue: adhoc;/));
  });

  it.each<[string, AskRule[], string]>([
    ['a rule that asks may match: it does', [{ match: { user: 'svc-*' }, who: 'approver' }], 'approver'],
    ['a rule that waives may match: it does not', [{ match: { user: 'ana' }, who: 'none' }], 'requester'],
    ['a rule that waives may match before one that asks more', [{ match: { user: 'ana' }, who: 'none' }, { who: 'approver' }], 'approver'],
    ['one of two that may match asks more', [{ match: { user: 'ana' }, who: 'requester' }, { match: { user: 'svc-*' }, who: 'approver' }, { who: 'none' }], 'approver'],
    ['it may match after one that surely does', [{ match: { queue: 'adhoc' }, who: 'requester' }, { match: { user: 'svc-*' }, who: 'approver' }], 'requester'],
    ['the rule surely does not match by its cluster', [{ match: { user: 'svc-*', cluster: 'dev' }, who: 'approver' }], 'requester'],
  ])('of the answers that it leaves open the strictest holds: %s', (_why, ask, who) => {
    expect(decideBy(ask, { trigger: 'slack' }, { user: '' })).toMatchObject({ verdict: 'ask', who });
  });

  it('never waives the only question there is', () => {
    expect(decideBy([{ match: { user: 'ana' }, who: 'none' }, { who: 'requester' }], { trigger: 'alerts' }, { user: '' })).toMatchObject({ who: 'approver' });
  });
});

describe('a dry run', () => {
  const isDry = (dryRun: Policy['dryRun'], wish: boolean, trigger: Trigger): boolean =>
    isDryRun(aPolicy({ dryRun }), { dryRun: wish, trigger });

  it.each<[Policy['dryRun'], boolean, Trigger, boolean]>([
    [true, false, 'slack', true],
    [true, true, 'slack', true],
    [false, false, 'slack', false],
    [false, true, 'slack', true],
    [['alerts', 'cleanup'], false, 'alerts', true],
    [['alerts', 'cleanup'], false, 'cleanup', true],
    [['alerts', 'cleanup'], false, 'slack', false],
    [['alerts', 'cleanup'], true, 'slack', true],
    [['alerts', 'cleanup'], false, 'api', false],
    [[], false, 'api', false],
  ])('is the stricter of policy %j and wish %j, for %s: %j', (dryRun, wish, trigger, expected) => {
    expect(isDry(dryRun, wish, trigger)).toBe(expected);
  });
});
