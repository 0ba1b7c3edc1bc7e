import { describe, expect, it } from '@jest/globals';
import type { Alert } from '../../lib/alerts/alert.ts';
import { factsOf, nameOf, shorten } from '../../lib/alerts/alert-facts.ts';
import { judgeAlert, type Judged } from '../../lib/alerts/judge-alert.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { nameOccurrence } from '../../lib/start/names.ts';
import { NOON } from '../core/a-job.ts';

const CONTENT = /^[0-9a-f]{32}$/;
const DAY_MS = 86_400_000;
const anAlert = (over: Partial<Alert> = {}): Alert => ({ id: 'a', deliveryKey: 'a 1', status: 'firing', labels: { alertname: 'Stuck', job_name: 'etl' }, annotations: {}, ...over });
const RULE = { match: { alertname: 'Stuck' }, action: 'kill' };
const PICK = { queue: 'adhoc', order: 'newest', count: 1 };

function judge(rules: object[], over: Partial<Alert> = {}, { receivedAt = NOON, wallAt = NOON } = {}): Judged {
  const policy = { alerts: rules } as unknown as Policy;
  const clusters = [{ name: 'dev', id: 'id-of-dev', region: 'eu-west-101', project: { id: 'p' } }];
  return judgeAlert({ policy, clusters, createId: () => 'kill-1', wallAt }, 'generic', anAlert(over), receivedAt);
}
const known = { killId: 'kill-1', trigger: 'alerts', requestedBy: 'generic alert Stuck', reason: '', receivedAt: NOON };

describe('an alert that a rule takes', () => {
  it('is a wish to kill its job', () => {
    expect(judge([{ match: { alertname: 'Other' }, action: 'kill' }, RULE])).toEqual({
      result: { alert: 'a', outcome: 'accepted', kill_id: 'kill-1', policy_rule: 'alerts.1', target: { job: 'etl' } },
      wish: {
        request: {
          ...known, action: 'kill', dryRun: false, policyRule: 'alerts.1', rule: { content: expect.stringMatching(CONTENT), askAgainMs: DAY_MS }, alert: { name: 'Stuck' },
          target: { cluster: undefined, job: { by: 'name', name: 'etl' }, submittedBefore: NOON },
        },
        deliveryKey: 'generic a 1',
      },
    });
  });

  it('carries what its rule says: name, dry run, question, warning, and its own occurrence', () => {
    const { wish } = judge([{ ...RULE, name: 'stuck', dryRun: true, action: 'ask', askAgainMs: 60_000, warnMs: 60_000 }], { occurrence: 'o' });
    expect(wish?.request).toMatchObject({
      action: 'ask', dryRun: true, policyRule: 'stuck', rule: { name: 'stuck', askAgainMs: 60_000 }, warns: true, occurrence: nameOccurrence('generic', 'o'),
      alertSeen: { source: 'generic', labels: { alertname: 'Stuck', job_name: 'etl' }, annotations: {} },
    });
    expect(Object.keys(judge([RULE]).wish?.request ?? {}).filter((name) => ['warns', 'alertSeen', 'occurrence'].includes(name))).toEqual([]);
  });

  it('only tells of its job where its rule says so', () => {
    expect(judge([{ ...RULE, action: 'notify' }])).toMatchObject({ result: { outcome: 'notified', kill_id: 'kill-1' }, wish: { request: { action: 'notify' } } });
  });

  it('picks in a cluster where its rule picks', () => {
    expect(judge([{ ...RULE, cluster: 'dev', pick: PICK }])).toMatchObject({ result: { outcome: 'accepted', target: { cluster: 'dev' } }, wish: { request: { target: { cluster: 'dev', pick: PICK, submittedBefore: NOON, content: expect.stringMatching(CONTENT) } } } });
    expect(judge([{ ...RULE, cluster: 'dev', pick: PICK }]).result.target).toEqual({ cluster: 'dev' });
  });

  it.each([
    ['when it began', { startsAt: NOON - 3_000 }, {}, NOON - 3_000],
    ['when it came in', { startsAt: NOON + 3_000 }, { wallAt: NOON + 1_000 }, NOON],
    ['what the wall clock says', {}, { wallAt: NOON - 1_000 }, NOON - 1_000],
    ['when it came in, where it does not say', {}, { wallAt: NOON + 1_000 }, NOON],
  ])('means no job that is younger than %s', (_, over, times, submittedBefore) => {
    expect(judge([RULE], over, times).wish?.request.target).toMatchObject({ submittedBefore });
  });

  it('says why in its own words, and shows no more of anything than people read', () => {
    const reasonOf = (annotations: Record<string, string>): string | undefined => judge([RULE], { annotations }).wish?.request.reason;
    expect([reasonOf({ summary: 's', description: 'd' }), reasonOf({ description: 'd' }), reasonOf({ text: 't' })]).toEqual(['s', 'd', '']);
    expect([reasonOf({ summary: 'x'.repeat(1_000) }), reasonOf({ summary: 'x'.repeat(1_001) })]).toEqual(['x'.repeat(1_000), `${'x'.repeat(1_000)}…`]);
    const { result, wish } = judge([RULE], { labels: { alertname: 'Stuck', job_name: 'n'.repeat(201) } });
    expect([result.target?.job, wish?.request.requestedBy]).toEqual([`${'n'.repeat(200)}…`, 'generic alert Stuck']);
    const { requestedBy } = judge([{ match: { job_name: '*' }, action: 'kill' }], { labels: { alertname: 'S'.repeat(200), job_name: 'etl' } }).wish?.request ?? {};
    expect(requestedBy).toBe(`generic alert ${'S'.repeat(186)}…`);
  });
});

describe('an alert that no kill comes of', () => {
  const more = { policyRule: 'alerts.0', rule: { content: expect.stringMatching(CONTENT), askAgainMs: DAY_MS } };
  it.each<[string, object[], Partial<Alert>, string, string, string, object]>([
    ['that cannot be read', [RULE], { unreadable: 'alerts[0].status: expected a text', status: 'resolved' }, 'refused', 'unreadable', 'alerts[0].status: expected a text', {}],
    ['that is a test', [RULE], { status: 'test' }, 'ignored', 'test', 'test received', {}],
    ['that no rule takes', [], {}, 'refused', 'alerts', 'no rule fits; add one under alerts: in policy.yml', {}],
    ['without data', [RULE], { status: 'no-data' }, 'ignored', 'no-data', 'no data', more],
    ['that names no job', [RULE], { labels: { alertname: 'Stuck' } }, 'refused', 'target', 'the alert names no job; give it a label such as application_id or job_name', more],
    ['that names no cluster', [{ ...RULE, pick: PICK }], {}, 'refused', 'target', 'the alert names no cluster to pick in; give the rule a cluster:', more],
  ])('%s is told why', (_, rules, over, outcome, rule, why, request) => {
    const policyRule = 'policyRule' in request ? { policy_rule: 'alerts.0' } : {};
    const begins = outcome === 'refused' && rule !== 'unreadable' ? `${rule}: ` : '';
    const { ended, ...others } = judge(rules, over);
    expect(others).toStrictEqual({ result: { alert: 'a', outcome, rule, ...policyRule, reason: `${begins}${why}` } });
    expect(ended).toEqual({ request: { ...known, ...request }, end: { outcome, rule, reason: outcome === 'refused' ? `${rule}: ${why}` : why }, why });
  });

  it('whose cluster is not listed is told so, with what it named', () => {
    const cluster = 'c'.repeat(201);
    const why = `${'c'.repeat(200)}… is not listed; add it under clusters: in policy.yml`;
    expect(judge([RULE], { labels: { alertname: 'Stuck', job_name: 'etl', cluster } })).toEqual({
      result: { alert: 'a', outcome: 'refused', rule: 'clusters', policy_rule: 'alerts.0', reason: `clusters: ${why}`, target: { cluster: `${'c'.repeat(200)}…`, job: 'etl' } },
      ended: { request: { ...known, ...more, target: { cluster, job: { by: 'name', name: 'etl' }, submittedBefore: NOON } }, end: { outcome: 'refused', rule: 'clusters', reason: `clusters: ${why}` }, why },
    });
    expect(judge([RULE], { labels: { alertname: 'Stuck', job_name: 'etl', cluster: 'id-of-dev' } }).result).toMatchObject({ outcome: 'accepted', target: { cluster: 'id-of-dev' } });
  });

  it('that is resolved has its occurrence told where a rule may have taken it', () => {
    const result = { alert: 'a', outcome: 'ignored', reason: 'resolved' };
    expect(judge([RULE], { status: 'resolved', occurrence: 'o' })).toEqual({ result, resolved: nameOccurrence('generic', 'o') });
    expect(judge([RULE], { status: 'resolved' })).toEqual({ result });
    expect(judge([], { status: 'resolved', occurrence: 'o' })).toEqual({ result });
  });

  it('fires without data where its rule says so', () => {
    expect(judge([{ ...RULE, noData: true }], { status: 'no-data' }).result.outcome).toBe('accepted');
  });
});

describe('what people are told of an alert', () => {
  it('is its name: alertname, alarm_name, title, or its id', () => {
    const names = { alertname: 'one', alarm_name: 'two', title: 'three' };
    expect(['', 'alertname', 'alarm_name', 'title'].map((_, from) => nameOf(anAlert({ labels: Object.fromEntries(Object.entries(names).slice(from)) })))).toEqual(['one', 'two', 'three', 'a']);
    expect(factsOf(anAlert({ labels: { alertname: 'x'.repeat(201) } }))).toEqual({ name: `${'x'.repeat(200)}…` });
  });

  it.each(['severity', 'priority', 'level', 'urgency'])('is how bad it is: %s, of a label before an annotation', (name) => {
    expect(factsOf(anAlert({ labels: { [name]: 'high' }, annotations: { [name]: 'low' } })).severity).toBe('high');
    expect(factsOf(anAlert({ annotations: { [name]: 'x'.repeat(101) } })).severity).toBe(`${'x'.repeat(100)}…`);
    expect(factsOf(anAlert({ labels: { [name]: 'high' }, annotations: { severity: 'worse' } })).severity).toBe(name === 'severity' ? 'high' : 'worse');
  });

  it('is a page: what to do, then its own link, then where to look', () => {
    const order = ['runbook_url', 'runbook', 'runbook_link', 'its own', 'link', 'url', 'dashboard_url', 'dashboard'];
    for (const [from, first] of order.entries()) {
      const annotations = Object.fromEntries(order.slice(from).filter((name) => name !== 'its own').toReversed().map((name) => [name, `https://a/${name}`]));
      expect(factsOf(anAlert({ annotations, link: from <= 3 ? 'https://a/its own' : undefined })).link).toBe(`https://a/${first}`);
    }
    expect(factsOf(anAlert({ annotations: { runbook: 'http://a/' } }))).toStrictEqual({ name: 'Stuck' });
  });

  it('is cut by letters, never within one', () => {
    expect([shorten('🙂🙂', 2), shorten('🙂🙂🙂', 2)]).toEqual(['🙂🙂', '🙂🙂…']);
  });
});
