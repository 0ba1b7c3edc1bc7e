import { describe, expect, it } from '@jest/globals';
import type { Alert } from '../../lib/alerts/alert.ts';
import { findPickTarget, mayHaveTaken, seenAlert } from '../../lib/alerts/match.ts';
import type { AlertRule } from '../../lib/policy/policy.ts';
import { NOON } from '../core/a-job.ts';

type Texts = Record<string, string>;
const RULES = [{ match: { alertname: '*', team: 'data' } }, { match: { tags_token: '*' } }] as unknown as AlertRule[];
const anAlert = (labels: Texts, annotations: Texts = {}): Alert => ({ id: 'a', deliveryKey: 'a', status: 'firing', labels, annotations });
const seenOf = (labels: Texts, annotations?: Texts) => seenAlert(RULES, 'generic', anAlert(labels, annotations));

describe('what is kept of an alert for when its warning is over', () => {
  it('is its source, and its labels and annotations as they are', () => {
    expect(seenOf({ alertname: 'Stuck', host: 'a' }, { team: 'data', summary: 'b' })).toEqual({ source: 'generic', labels: { alertname: 'Stuck', host: 'a' }, annotations: { team: 'data', summary: 'b' } });
  });

  it.each(['token', 'API_TOKEN', 'x-secret-y', 'password', 'passwd', 'passwort', 'credentials', 'Authorization', 'api_key', 'apikey', 'APIKEY'])('has no %s, unless a rule reads it', (name) => {
    expect(seenOf({ [name]: 'x', key: '1' }, { [name]: 'y', api: '2' })).toEqual({ source: 'generic', labels: { key: '1' }, annotations: { api: '2' } });
  });

  it('has what a rule reads, whatever it is called', () => {
    expect(seenOf({ tags_token: 'x' }).labels).toEqual({ tags_token: 'x' });
    expect(seenAlert([], 'generic', anAlert({ tags_token: 'x' })).labels).toEqual({});
  });

  it('has 2,000 characters of each value', () => {
    expect(seenOf({ alertname: 'x'.repeat(2_001) }, { summary: 'y'.repeat(2_001) })).toMatchObject({ labels: { alertname: 'x'.repeat(2_000) }, annotations: { summary: 'y'.repeat(2_000) } });
  });

  it('has 8,000 characters, names counted too, of which what a rule reads comes first and is never left out', () => {
    const labels = { a: 'x'.repeat(1_999), b: 'x'.repeat(1_999), c: 'x'.repeat(1_999), d: 'x'.repeat(1_999), e: '', team: 'data' };
    expect(Object.keys(seenOf({ ...labels, team: '' }).labels)).toEqual(['team', 'a', 'b', 'c']);
    const { team: _, ...exactly } = labels;
    expect(Object.keys(seenOf(exactly).labels)).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.keys(seenOf({ ...exactly, d: 'x'.repeat(1_998) }).labels)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(Object.keys(seenOf({ d: 'x' }, { ...exactly, team: 'data' }).annotations)).toEqual(['team', 'a', 'b', 'c']);
    const read = Object.fromEntries(Array.from({ length: 6 }, (_unused, index) => [`n${index}`, 'x'.repeat(2_000)]));
    expect(seenAlert([{ match: read } as unknown as AlertRule], 'generic', anAlert({ ...read, b: '' })).labels).toEqual(read);
  });

  it('has a label of any name as a label, and can be written and read', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as Texts;
    const { labels: kept } = seenOf(labels);
    expect(Object.getOwnPropertyDescriptor(kept, '__proto__')).toEqual({ value: 'x', enumerable: true, configurable: true, writable: true });
    expect(JSON.stringify(kept)).toBe('{"__proto__":"x","constructor":"y"}');
  });
});

describe('the cluster that a rule picks in', () => {
  const pick = { queue: 'adhoc', order: 'newest', count: 1 } as unknown as Parameters<typeof findPickTarget>[2];
  it("is the rule's, or else the alert's, or none", () => {
    expect(findPickTarget(anAlert({ cluster: 'dev' }), { cluster: 'analytics' }, pick, NOON)).toEqual({ cluster: 'analytics', pick, submittedBefore: NOON });
    expect(findPickTarget(anAlert({ cluster: 'dev' }), {}, pick, NOON)).toEqual({ cluster: 'dev', pick, submittedBefore: NOON });
    expect(findPickTarget(anAlert({}), {}, pick, NOON)).toBeUndefined();
  });
});

describe('a rule that may have taken an alert while it fired', () => {
  const rule = (match: Texts, over: object = {}): AlertRule => ({ match, action: 'kill', ...over }) as unknown as AlertRule;
  const mayBe = (rules: AlertRule[], labels: Texts = { alertname: 'Stuck' }): boolean => mayHaveTaken(rules, 'datadog', anAlert(labels));

  it.each(['alarm_status', 'alert_status', 'alert_type', 'event_type', 'state', 'status', 'summary', 'title', 'transition'])('may have read another %s then', (name) => {
    expect(mayBe([rule({ alertname: 'Stuck', [name]: '*firing*' })], { alertname: 'Stuck', [name]: 'resolved' })).toBe(true);
  });

  it('has read the same of all else, or what is left out now', () => {
    expect(mayBe([rule({ alertname: 'Stuck', team: 'data' })])).toBe(true);
    expect(mayBe([rule({ alertname: 'Stuck', team: 'data' })], { alertname: 'Stuck', team: 'web' })).toBe(false);
    expect(mayBe([rule({ alertname: 'Stuck', team: 'data' })], { team: 'data' })).toBe(true);
  });

  it('is one of several that kills or asks, for its source', () => {
    const others = [rule({ alertname: 'Stuck' }, { action: 'notify' }), rule({ alertname: 'Stuck' }, { source: 'grafana' }), rule({ alertname: 'Other' })];
    expect(mayBe([...others, rule({ alertname: 'Stuck' }, { action: 'ask', source: 'datadog' })])).toBe(true);
    expect(mayBe(others)).toBe(false);
    expect(mayBe([])).toBe(false);
  });
});
