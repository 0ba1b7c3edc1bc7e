import { describe, expect, it } from '@jest/globals';
import { findAlertRule, fitsLabels } from '../../lib/core/match-alert.ts';
import type { SeenAlert } from '../../lib/core/request.ts';
import { findWarnedRule, isRulesOwn, keepLength, type RulesNow, warningLivesMs } from '../../lib/core/warned-rule.ts';
import { aJob, HOUR_MS, NOON } from './a-job.ts';

const NOW = new Date(NOON);
const ALERT: SeenAlert = { source: 'grafana', labels: { alertname: 'Stuck', severity: 'critical' }, annotations: { job: 'nightly-etl', severity: 'info' } };
const WARNS = { warnMs: HOUR_MS, keepMs: 2 * HOUR_MS, keepAtMostMs: 6 * HOUR_MS };

describe('the rule of an alert', () => {
  it.each<[boolean, { source?: string; match: Record<string, string> }]>([
    [true, { match: { alertname: 'St*' } }],
    [true, { source: 'grafana', match: { alertname: 'Stuck' } }],
    [true, { match: { alertname: 'Stuck', job: 'nightly-*' } }],
    [true, { match: { severity: 'critical' } }],
    [false, { match: { severity: 'info' } }],
    [false, { source: 'datadog', match: { alertname: 'Stuck' } }],
    [false, { match: { alertname: 'Stuck', job: 'billing-*' } }],
    [false, { match: { team: '*' } }],
    [false, { match: { constructor: '*' } }],
    [false, { match: {} }],
  ])('fits: %j, %j', (fits, rule) => {
    expect(findAlertRule([rule], ALERT)).toBe(fits ? rule : undefined);
  });

  it('is the first that fits', () => {
    const rules = [{ match: { alertname: 'Lost' } }, { match: { alertname: 'Stuck' } }, { match: { alertname: '*' } }];
    expect(findAlertRule(rules, ALERT)).toBe(rules[1]);
  });

  it('may be open where a label is', () => {
    expect(fitsLabels({ match: { alertname: 'Stuck', team: 'x' } }, ALERT, (name, value) => name === 'team' && value === undefined)).toBe(true);
    expect(fitsLabels({ match: { alertname: 'Lost', team: 'x' } }, ALERT, (name) => name === 'team')).toBe(false);
  });
});

describe('the rule of a warned job, as it is now', () => {
  const cleanup: RulesNow['cleanup'] = [
    { name: 'old', cluster: 'dev', match: { queue: 'adhoc' }, action: 'kill', ...WARNS },
    { name: 'old', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'ask', dryRun: true, ...WARNS },
  ];
  const byCleanup = (rules: RulesNow['cleanup'], name = 'old'): unknown => findWarnedRule({ alerts: [], cleanup: rules }, { policyRule: name }, aJob(), NOW);
  const byAlert = (rule: Partial<RulesNow['alerts'][number]>): unknown =>
    findWarnedRule({ alerts: [{ match: { alertname: 'Stuck' }, action: 'kill', ...WARNS, ...rule }], cleanup }, { policyRule: 'old', alertSeen: ALERT }, aJob(), NOW);

  it('is that of its name, if it fits the job still', () => {
    expect(byCleanup([...cleanup])).toEqual({ action: 'ask', dryRun: true, ...WARNS });
    expect(byCleanup([...cleanup], 'new')).toBeUndefined();
    expect(byCleanup(cleanup.slice(0, 1))).toBeUndefined();
    expect(byCleanup(cleanup.map((rule) => ({ ...rule, match: { queue: 'prod' } })))).toBeUndefined();
  });

  it('may have come to kill at once, for a schedule, and never only tells', () => {
    const [, rule] = cleanup;
    if (rule === undefined) throw new Error('no rule');
    expect(byCleanup([{ name: 'old', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill' }])).toEqual({ action: 'kill', dryRun: false, warnMs: undefined, keepMs: undefined, keepAtMostMs: undefined });
    expect(byCleanup([{ ...rule, action: 'notify' }])).toBeUndefined();
  });

  it('is for an alert the first that takes it, if that one warns', () => {
    expect(byAlert({})).toEqual({ action: 'kill', dryRun: false, ...WARNS });
    expect(byAlert({ warnMs: undefined })).toBeUndefined();
    expect(byAlert({ action: 'notify' })).toBeUndefined();
    expect(byAlert({ match: { alertname: 'Lost' } })).toBeUndefined();
  });

  it('is asked of what a rule wants, and not of whom clicked Kill now', () => {
    const round = { first: { name: 'cleanup-live-1', start: 1 }, round: 2, usedMs: 0 };
    expect([{ warns: true as const }, { warning: round }, { warns: true as const, warning: { ...round, killNow: true as const } }].map(isRulesOwn)).toEqual([true, true, true]);
    expect([{}, { warning: { ...round, killNow: true as const } }].map(isRulesOwn)).toEqual([false, false]);
  });
});

it('a round lives as long as the longest warn, the longest keep, and a day', () => {
  const rule = { name: 'a', cluster: 'dev', match: {}, action: 'kill' as const };
  const alert = { match: {}, action: 'kill' as const };
  expect(warningLivesMs({ alerts: [], cleanup: [] })).toBe(86_400_000);
  expect(warningLivesMs({ alerts: [{ ...alert, warnMs: 1_000 }, alert], cleanup: [{ ...rule, warnMs: 500, keepMs: 30 }] })).toBe(86_401_030);
  expect(warningLivesMs({ alerts: [{ ...alert, warnMs: 1_000, keepMs: 90, keepAtMostMs: 70 }], cleanup: [{ ...rule, warnMs: 2_000, keepMs: 30 }] })).toBe(86_402_070);
});

it.each([
  [{ keepMs: 100 }, 0, { lengthMs: 100, isUsedUp: false }],
  [{ keepMs: 100 }, 9_999, { lengthMs: 100, isUsedUp: false }],
  [{ keepMs: 100, keepAtMostMs: 250 }, 200, { lengthMs: 50, isUsedUp: false }],
  [{ keepMs: 100, keepAtMostMs: 250 }, 249, { lengthMs: 1, isUsedUp: false }],
  [{ keepMs: 100, keepAtMostMs: 250 }, 250, { lengthMs: 100, isUsedUp: true }],
  [{ keepMs: 100, keepAtMostMs: 250 }, 300, { lengthMs: 100, isUsedUp: true }],
  [{}, 0, { lengthMs: 0, isUsedUp: false }],
])('a keep by %j of which %i ms are used is %j', (terms, usedMs, length) => {
  expect(keepLength(terms, usedMs)).toEqual(length);
});
