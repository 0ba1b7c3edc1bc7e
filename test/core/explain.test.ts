import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explainCleanup, explainWish } from '../../lib/core/explain.ts';
import type { Job } from '../../lib/core/job.ts';
import type { JobRule } from '../../lib/core/plan-cleanup.ts';
import { matchesSelector, type Selector } from '../../lib/core/selector.ts';
import { aJob, aPolicy, HOUR_MS, NOON } from './a-job.ts';

const now = new Date(NOON);
const rule = (match: Selector, more: Partial<JobRule> = {}): JobRule => ({ name: 'stale', cluster: 'analytics', match, action: 'kill', ...more });
const waiting = aJob({ job_state: 'ACCEPTED', started_time: 0, submitted_time: NOON - HOUR_MS });

describe('what a wish would come to', () => {
  it('is what is decided, by which rule, and whether it is only played', () => {
    const policy = aPolicy({ dryRun: ['alerts'], ask: [{ match: { type: 'Flink' }, who: 'approver' }, { trigger: 'slack', who: 'requester' }] });
    expect(explainWish(policy, 'slack', aJob(), now)).toMatchObject({ decision: { verdict: 'ask' }, asked: { who: 'requester', rule: 1 }, isDryRun: false });
    expect(explainWish(policy, 'alerts', aJob(), now)).toEqual({ decision: { verdict: 'allow' }, asked: { who: 'none' }, isDryRun: true });
    expect(explainWish(policy, 'api', aJob({ job_type: 'Flink' }), now)).toMatchObject({ decision: { verdict: 'ask' }, asked: { who: 'approver', rule: 0 } });
  });

  it('is the refusal of what is protected', () => {
    const guarded = aPolicy({ protected: [{ queue: 'prod' }, { user: 'svc-*' }, { name: 'nightly-*' }] });
    expect(explainWish(guarded, 'slack', aJob({ job_name: 'etl', user: '' }), now)).toMatchObject({ decision: { verdict: 'refuse', rule: 'protected' }, guard: 1 });
    expect(explainWish(guarded, 'slack', aJob({ user: '' }), now)).toMatchObject({ decision: { verdict: 'refuse', rule: 'protected' }, guard: 2 });
    expect(explainWish(aPolicy({ protected: [{ olderThanMs: HOUR_MS / 2 }] }), 'slack', aJob(), now)).toMatchObject({ decision: { verdict: 'refuse', rule: 'protected' }, guard: 0 });
  });

  it('names what protects only where that is what refuses', () => {
    const elsewhere = explainWish(aPolicy({ clusters: {}, protected: [{ queue: 'adhoc' }] }), 'api', aJob(), now);
    expect(elsewhere).toStrictEqual({ decision: { verdict: 'refuse', rule: 'clusters', reason: expect.any(String) }, asked: { who: 'none' }, isDryRun: false });
  });

  it('is that of a rule, with its action and its own dry run', () => {
    expect(explainWish(aPolicy(), 'cleanup', aJob(), now, { action: 'ask', dryRun: true })).toMatchObject({ decision: { verdict: 'ask', who: 'approver' }, isDryRun: true });
  });
});

describe('a cleanup rule', () => {
  it.each<[string, Selector, Job, object | undefined]>([
    ['fits', { queue: 'adhoc' }, aJob(), { fits: 'now' }],
    ['fits later', { queue: 'adhoc', olderThanMs: 6 * HOUR_MS }, aJob(), { fits: 'from', at: NOON + 5 * HOUR_MS }],
    ['fits later by its age alone', { olderThanMs: 6 * HOUR_MS }, aJob(), { fits: 'from', at: NOON + 5 * HOUR_MS }],
    ['fits once it has run', { olderThanMs: 6 * HOUR_MS }, waiting, { fits: 'running', forMs: 6 * HOUR_MS }],
    ['fits while it waits longer', { pendingLongerThanMs: 2 * HOUR_MS }, waiting, { fits: 'from', at: NOON + HOUR_MS }],
    ['fits never: it runs', { pendingLongerThanMs: 2 * HOUR_MS }, aJob(), undefined],
    ['fits never: another queue', { queue: 'prod', olderThanMs: 6 * HOUR_MS }, aJob(), undefined],
    ['fits never: older and waiting', { olderThanMs: 6 * HOUR_MS, pendingLongerThanMs: HOUR_MS }, waiting, undefined],
    ['fits later, a field that is given as undefined aside', { queue: undefined, olderThanMs: 6 * HOUR_MS }, aJob(), { fits: 'from', at: NOON + 5 * HOUR_MS }],
    ['fits never: it is empty', {}, waiting, undefined],
    ['fits never: it runs, and MRS does not say since when', { pendingLongerThanMs: 2 * HOUR_MS }, aJob({ started_time: 0 }), undefined],
    ['fits never: it has started, whatever its state says', { pendingLongerThanMs: 2 * HOUR_MS }, aJob({ job_state: 'ACCEPTED' }), undefined],
    ['reads what MRS left out', { user: 'ana' }, aJob({ user: '' }), { fits: 'open', leftOut: ['user'] }],
    ['reads a start that MRS left out', { olderThanMs: HOUR_MS }, aJob({ started_time: 0 }), { fits: 'open', leftOut: ['start time'] }],
  ])('%s', (_what, match, job, expected) => {
    const [explained] = explainCleanup([rule(match)], job, now);
    if (expected === undefined) expect(explained).toBeUndefined();
    else expect(explained).toMatchObject({ ...expected, rule: { name: 'stale' } });
  });

  it('of another cluster is left out, and so is one behind the first that fits', () => {
    const rules = [rule({ queue: '*' }, { name: 'dev', cluster: 'dev' }), rule({ olderThanMs: 6 * HOUR_MS }, { name: 'later' }), rule({ queue: 'adhoc' }, { name: 'now' }), rule({ queue: '*' }, { name: 'behind' })];
    expect(explainCleanup(rules, aJob(), now).map(({ rule: { name }, fits }) => [name, fits])).toEqual([['later', 'from'], ['now', 'now']]);
    expect(explainCleanup(rules.slice(2), aJob(), now)).toHaveLength(1);
  });

  it('fits from the moment that is said, and not before', () => {
    const age = fc.integer({ min: 1, max: 10 * HOUR_MS });
    fc.assert(
      fc.property(age, fc.boolean(), fc.constantFrom(aJob(), waiting), (ageMs, isOlder, job) => {
        const match = isOlder ? { olderThanMs: ageMs } : { pendingLongerThanMs: ageMs };
        const [explained] = explainCleanup([rule(match)], job, now);
        if (explained?.fits !== 'from') return;
        expect(matchesSelector(match, job, new Date(explained.at))).toBe(false);
        expect(matchesSelector(match, job, new Date(explained.at + 1))).toBe(true);
        expect(explained.at).toBeGreaterThanOrEqual(NOON);
      }),
    );
  });
});
