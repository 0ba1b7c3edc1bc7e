import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPolicy } from '../../lib/policy/check.ts';
import { readOutline } from '../../lib/policy/outline.ts';
import type { Policy } from '../../lib/policy/policy.ts';

const SOURCES = ['alertmanager', 'smn', 'cloudwatch'];
const POLICY: Policy = {
  dryRun: true,
  clusters: { analytics: { id: 'id-1' }, dev: { id: 'id-2' } },
  protected: [],
  ask: [],
  limits: { perDelivery: 10, perHour: 30, percentOfRunning: 50 },
  slack: { mayKill: ['U1'], mayApprove: ['U2'], channel: 'C1' },
  alerts: [],
  cleanup: [],
};
const ALERT = { match: { alertname: 'Stuck' }, action: 'kill' } as const;
const CLEANUP = { name: 'old', cluster: 'dev', match: { user: 'x' }, action: 'kill' } as const;
const NO_CHANNEL = { mayKill: ['U1'], mayApprove: ['U2'] };
const NO_APPROVER = { mayKill: ['U1'], mayApprove: [], channel: 'C1' };

/** Where the problems are, as `alerts.1.cluster`. */
function problemsOf(changes: Partial<Policy>, hasBotToken = true): string[] {
  return checkPolicy({ ...POLICY, ...changes }, { hasBotToken, sources: SOURCES }).map(({ path }) => path.join('.'));
}

describe('clusters', () => {
  it('stand in the policy once', () => {
    expect(checkPolicy({ ...POLICY, clusters: { a: { id: 'x' }, b: { id: 'y' }, c: { id: 'x' } } }, { hasBotToken: true, sources: SOURCES })).toEqual([
      { path: ['clusters', 'c', 'id'], message: 'is the id of a too; list a cluster once' },
    ]);
  });

  it('are not named like the id of another one', () => {
    expect(checkPolicy({ ...POLICY, clusters: { y: { id: 'x' }, b: { id: 'y' } } }, { hasBotToken: true, sources: SOURCES })).toEqual([
      { path: ['clusters', 'y'], message: 'this name is the id of b; choose another name' },
    ]);
    expect(problemsOf({ clusters: { x: { id: 'x' } } })).toEqual([]);
  });

  it('have to be listed to stand in a rule', () => {
    expect(problemsOf({ alerts: [ALERT, { ...ALERT, cluster: 'prod' }], cleanup: [{ ...CLEANUP, cluster: 'id-2' }] })).toEqual([
      'alerts.1.cluster',
      'cleanup.0.cluster',
    ]);
    expect(problemsOf({ alerts: [{ ...ALERT, cluster: 'dev' }], cleanup: [CLEANUP] })).toEqual([]);
  });

  it('of ask are a glob that fits a listed one', () => {
    expect(problemsOf({ ask: [{ match: { cluster: 'prod-*' }, who: 'none' }] })).toEqual(['ask.0.match.cluster']);
    expect(problemsOf({ ask: [{ match: { cluster: 'ana*' }, who: 'none' }] })).toEqual([]);
  });
});

describe('alert rules', () => {
  it('are for a source that there is', () => {
    expect(problemsOf({ alerts: [{ ...ALERT, source: 'alertmanger' }, ...['alertmanager', 'smn', 'cloudwatch'].map((source) => ({ ...ALERT, source }))] })).toEqual(['alerts.0.source']);
  });

  it('name the job or pick it', () => {
    const pick = { queue: 'adhoc', order: 'newest', count: 1 } as const;
    expect(problemsOf({ alerts: [{ ...ALERT, pick }, { ...ALERT, job: 'app' }, { ...ALERT, cluster: 'dev', job: 'app', pick }] })).toEqual(['alerts.2.pick']);
  });
});

describe('rules', () => {
  it('have a name of their own', () => {
    expect(problemsOf({ cleanup: [CLEANUP, { ...CLEANUP, name: 'other' }, CLEANUP] })).toEqual(['cleanup.2.name']);
    expect(problemsOf({ alerts: [{ ...ALERT, name: 'a' }, { ...ALERT, name: 'a' }, ALERT, ALERT] })).toEqual(['alerts.1.name']);
  });

  it('of alerts and cleanup share no name: the ledger knows both by it', () => {
    expect(problemsOf({ alerts: [{ ...ALERT, name: 'old' }], cleanup: [CLEANUP] })).toEqual(['cleanup.0.name']);
  });

  it('pick no more than a delivery may start', () => {
    const pickOf = (count: number) => ({ ...ALERT, cluster: 'dev', pick: { queue: 'adhoc', order: 'newest', count } as const });
    expect(problemsOf({ alerts: [pickOf(10), pickOf(11)] })).toEqual(['alerts.1.pick.count']);
    expect(problemsOf({ limits: { perDelivery: 3, perHour: 30, percentOfRunning: 50 }, alerts: [pickOf(3), pickOf(4)] })).toEqual(['alerts.1.pick.count']);
  });
});

describe('a card', () => {
  it.each(['ask', 'notify'] as const)('for action %s needs a channel and the bot token', (action) => {
    const rules = { alerts: [{ ...ALERT, action }], cleanup: [{ ...CLEANUP, action }] };
    expect(problemsOf(rules)).toEqual([]);
    expect(problemsOf(rules, false)).toEqual(['alerts.0.action', 'cleanup.0.action']);
    expect(problemsOf({ ...rules, slack: NO_CHANNEL })).toEqual(['alerts.0.action', 'cleanup.0.action']);
  });

  it('is not needed to kill', () => {
    expect(problemsOf({ alerts: [ALERT], cleanup: [CLEANUP], slack: { mayKill: [], mayApprove: [] } }, false)).toEqual([]);
  });

  it.each(['alerts', 'cleanup'] as const)('for a question about %s needs a channel and the bot token', (trigger) => {
    expect(problemsOf({ ask: [{ trigger, who: 'approver' }], slack: NO_CHANNEL })).toEqual(['ask.0.who']);
    expect(problemsOf({ ask: [{ trigger, who: 'none' }], slack: NO_CHANNEL })).toEqual([]);
  });
});

describe('an approver', () => {
  it.each([
    ['who: approver', { ask: [{ who: 'approver' }] }, 'ask.0.who'],
    ['who: approver for Slack', { ask: [{ trigger: 'slack', who: 'approver' }] }, 'ask.0.who'],
    ['who: requester for alerts, which are no person', { ask: [{ trigger: 'alerts', who: 'requester' }] }, 'ask.0.who'],
    ['who: requester for cleanup, which is no person', { ask: [{ trigger: 'cleanup', who: 'requester' }] }, 'ask.0.who'],
    ['who: requester where an alert rule may meet it', { ask: [{ who: 'requester' }], alerts: [ALERT] }, 'ask.0.who'],
    ['who: requester where a cleanup rule may meet it', { ask: [{ who: 'requester' }], cleanup: [CLEANUP] }, 'ask.0.who'],
    ['action: ask of an alert', { alerts: [{ ...ALERT, action: 'ask' }] }, 'alerts.0.action'],
    ['action: ask of a cleanup rule', { cleanup: [{ ...CLEANUP, action: 'ask' }] }, 'cleanup.0.action'],
  ] satisfies [string, Partial<Policy>, string][])('is meant by %s, so somebody has to be one', (_rule, rules, where) => {
    expect(problemsOf(rules)).toEqual([]);
    expect(problemsOf({ ...rules, slack: NO_APPROVER })).toEqual([where]);
  });

  it.each<[Policy['ask'][number], string]>([
    [{ who: 'approver' }, 'who: approver'],
    [{ trigger: 'cleanup', who: 'approver' }, 'who: approver for cleanup'],
    [{ trigger: 'alerts', who: 'requester' }, 'who: requester for alerts'],
    [{ who: 'requester' }, 'who: requester without a trigger (it fits alerts and cleanup too; add trigger: slack if it should not)'],
  ])('that lacks is said in the words of the rule: %j', (rule, words) => {
    const found = checkPolicy({ ...POLICY, ask: [rule], alerts: [ALERT], slack: NO_APPROVER }, { hasBotToken: true, sources: SOURCES });
    expect(found).toEqual([{ path: ['ask', 0, 'who'], message: `${words} means an approver, but slack.mayApprove names nobody` }]);
  });

  it.each([
    ['who: none', { ask: [{ who: 'none' }], alerts: [ALERT] }],
    ['who: requester for Slack', { ask: [{ trigger: 'slack', who: 'requester' }], alerts: [ALERT] }],
    ['who: requester where nothing but people ask', { ask: [{ who: 'requester' }] }],
    ['action: notify', { alerts: [{ ...ALERT, action: 'notify' }] }],
  ] satisfies [string, Partial<Policy>][])('is not meant by %s', (_rule, rules) => {
    expect(problemsOf({ ...rules, slack: NO_APPROVER })).toEqual([]);
  });
});

describe('a policy that is broken elsewhere', () => {
  it('is checked as far as it can be read', () => {
    const outline = readOutline({ clusters: { dev: { id: 5 } }, alerts: [null, { cluster: 'prod', match: 7 }], cleanup: 'none', slack: [] });
    expect(checkPolicy(outline, { hasBotToken: false, sources: SOURCES }).map(({ path }) => path.join('.'))).toEqual(['alerts.1.cluster']);
  });

  it.each<[string, object, string[]]>([
    ['an id with a slash, twice', { clusters: { dev: { id: 'a/b' }, test: { id: 'a/b' } } }, ['clusters.test.id']],
    ['a cluster without a right name', { clusters: { 'a b': { id: 'x' } }, alerts: [{ cluster: 'a b' }, { cluster: 'dev' }] }, ['alerts.1.cluster']],
    ['a section that is none', { alerts: 'none', cleanup: [CLEANUP, CLEANUP] }, ['cleanup.1.name']],
    ['a rule that is none', { cleanup: [CLEANUP, null, 7, CLEANUP] }, ['cleanup.3.name']],
    ['a rule without match and with an unknown key', { cleanup: [{ name: 'old', cluster: 'prod', when: 'now' }] }, ['cleanup.0.cluster']],
    ['a bad duration beside a card that nobody sees', { cleanup: [{ ...CLEANUP, olderThan: 6, action: 'notify' }] }, ['cleanup.0.action']],
    ['an unknown action beside a source that there is not', { alerts: [{ source: 'alertmanger', action: 'stop' }] }, ['alerts.0.source']],
    ['a pick that is none, beside job', { alerts: [{ job: 'app', pick: null }] }, ['alerts.0.pick']],
    ['a match that is none, beside who', { ask: [{ match: 7, who: 'approver' }] }, ['ask.0.who']],
    ['a trigger that is none', { ask: [{ trigger: 5, who: 'requester' }], alerts: [{}] }, ['ask.0.who']],
    ['rules that are left out', { ask: [{ who: 'requester' }] }, []],
    ['rules that are none', { ask: [{ who: 'requester' }], alerts: 'none' }, []],
    ['two clusters without an id', { clusters: { dev: {}, test: {} } }, []],
    ['a count that is a text', { alerts: [{ pick: { count: '20' } }] }, []],
    ['an approver who is no id', { slack: { mayApprove: [5] }, ask: [{ who: 'approver' }] }, []],
  ])('is checked beside %s', (_mistake, parts, where) => {
    const outline = readOutline({ clusters: { dev: { id: 'x' } }, ...parts });
    expect(checkPolicy(outline, { hasBotToken: false, sources: SOURCES }).map(({ path }) => path.join('.'))).toEqual(where);
  });

  it('without any cluster is not blamed for each rule too', () => {
    expect(checkPolicy(readOutline({ alerts: [{ cluster: 'prod', action: 'kill' }] }), { hasBotToken: false, sources: SOURCES })).toEqual([]);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('clusters', 'slack', 'ask', 'alerts', 'cleanup'), fc.anything())), (input) => {
        expect(Array.isArray(checkPolicy(readOutline(input), { hasBotToken: false, sources: SOURCES }))).toBe(true);
      }),
    );
  });
});
