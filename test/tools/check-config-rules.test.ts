import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../lib/settings/settings.ts';
import { checkIds } from '../../tools/check-config/ids.ts';
import { checkRules } from '../../tools/check-config/rules.ts';
import { checkSources } from '../../tools/check-config/sources.ts';
import { findingLine } from '../../tools/findings.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const policyOf = (rules: string) => parsePolicy(`clusters: { dev: { id: ${ANALYTICS_ID} }, prod: { id: x } }\n${rules}`, { hasBotToken: true, file: 'policy.yml' });
const warnings = (rules: string): string[] => checkRules(policyOf(rules), 'policy.yml').map(findingLine);
const alerts = (...rules: string[]): string => `alerts:\n${rules.map((rule) => `  - { ${rule}, action: kill }\n`).join('')}`;
const cleanup = (...rules: string[]): string => `cleanup:\n${rules.map((rule, index) => `  - { name: rule-${index}, cluster: dev, ${rule}, action: kill }\n`).join('')}`;

describe('a rule that can never match is a warning', () => {
  const TYPES = 'they are MapReduce, SparkSubmit, SparkScript, SparkSql, SparkStreaming, HiveScript, HiveSql, DistCp, Flink, Kafka';
  const STATES = 'they are NEW, NEW_SAVING, SUBMITTED, ACCEPTED, RUNNING';
  const behind = (what: string, one: string): string => `never matches: ${one} stands before it and ${what}; put the narrower one first, or leave it out`;
  const ALERTS = 'takes all the same alerts';
  const JOBS = 'takes all the same jobs';

  it.each<[string, string, string]>([
    ['behind one with the same labels', alerts('match: { a: b }', 'match: { a: b }'), `alerts.1: ${behind(ALERTS, 'alerts.0')}`],
    ['behind one with a wider glob and fewer labels', alerts('match: { a: "b*" }', 'name: narrow, match: { a: "bc*", d: e }'), `alerts.1 (narrow): ${behind(ALERTS, 'alerts.0')}`],
    ['behind one of every source', alerts('match: { a: b }', 'source: grafana, match: { a: b }'), `alerts.1: ${behind(ALERTS, 'alerts.0')}`],
    ['behind a wider rule of cleanup', cleanup('match: { name: "nb-*" }, olderThan: 6h', 'match: { name: "nb-x-*", queue: q }, olderThan: 7h'), `cleanup.1 (rule-1): ${behind(JOBS, 'cleanup.0 (rule-0)')}`],
    ['behind one whose type differs in case only', cleanup('match: { type: flink }', 'match: { type: Flink }'), `cleanup.1 (rule-1): ${behind(JOBS, 'cleanup.0 (rule-0)')}`],
    ['behind one that asks of everything', 'ask: [{ who: none }, { trigger: slack, match: { user: x }, who: none }]', `ask.1: ${behind('decides for all the same jobs', 'ask.0')}`],
    ['behind one that asks of every cluster', 'ask: [{ match: { cluster: "*", user: x }, who: none }, { match: { cluster: dev, user: x }, who: none }]', `ask.1: ${behind('decides for all the same jobs', 'ask.0')}`],
    ['with a type that MRS has not', 'protected: [{ type: SparkSubmitt }]', `protected.0: never matches: no type of MRS fits SparkSubmitt; ${TYPES}; did you mean SparkSubmit?`],
    ['with a type that MRS shows as another', cleanup('match: { type: SparkPython }'), 'cleanup.0 (rule-0): never matches: MRS shows a SparkPython job as SparkSubmit; write type: SparkSubmit'],
    ['with a state that no job has', cleanup('match: { state: RUNING }'), `cleanup.0 (rule-0): never matches: a job that goes on is in no state that fits RUNING; ${STATES}; did you mean RUNNING?`],
    ['with a state of jobs that are over', 'protected: [{ state: "KILL*" }]', `protected.0: never matches: a job that goes on is in no state that fits KILL*; ${STATES}`],
    ['with an age of those that run, of those that wait', cleanup('match: { state: ACCEPTED }, olderThan: 6h'), 'cleanup.0 (rule-0): never matches: olderThan is for jobs that run, and state: ACCEPTED for those that wait; write pendingLongerThan'],
    ['with an age of those that wait, of those that run', cleanup('match: { state: running }, pendingLongerThan: 6h'), 'cleanup.0 (rule-0): never matches: pendingLongerThan is for jobs that wait, and state: running for those that run; write olderThan'],
    ['with a long dash', cleanup('match: { name: "nb\u2013*" }'), 'cleanup.0 (rule-0): never matches: name has a long dash in it; type it anew'],
    ['with a curly quote in a label', alerts('match: { a: "\u201cb\u201d" }'), 'alerts.0: never matches: a has a curly quote in it; type it anew'],
    ['whose jobs are all protected', `protected: [{ user: x }, { queue: "adhoc*" }]\n${cleanup('match: { queue: adhoc-1, name: "nb-*" }')}`, 'cleanup.0 (rule-0): never kills: all its jobs are protected by protected.1; change one of the two'],
    ['that picks among protected jobs', `protected: [{ user: "svc-*" }]\n${alerts('match: { a: b }, cluster: dev, pick: { user: svc-etl }')}`, 'alerts.0, pick: never kills: all its jobs are protected by protected.0; change one of the two'],
    ['that means what MRS cannot stop', cleanup('match: { type: "sparksq?" }'), 'cleanup.0 (rule-0): never kills: MRS cannot stop SparkSql jobs, and each is refused; leave it out'],
  ])('%s', (_case, rules, line) => {
    expect(warnings(rules)).toEqual([`warning policy.yml ${line}`]);
  });

  it.each([
    ['a narrower one stands first', alerts('match: { a: "bc*" }', 'match: { a: "b*" }')],
    ['the other one is of another source', alerts('source: grafana, match: { a: b }', 'source: smn, match: { a: b }', 'match: { a: b }')],
    ['the other one wants a label more', alerts('match: { a: b, c: d }', 'match: { a: b }')],
    ['the other one is older', cleanup('match: { name: "nb-*" }, olderThan: 7h', 'match: { name: "nb-*" }, olderThan: 6h')],
    ['the other one is of another age', cleanup('match: { name: "nb-*" }, pendingLongerThan: 1h', 'match: { name: "nb-*" }, olderThan: 6h')],
    ['the other one is of another trigger', 'ask: [{ trigger: slack, who: none }, { trigger: api, who: none }, { who: none }]'],
    ['the other one is of another cluster', 'cleanup: [{ name: a, cluster: dev, match: { user: x }, action: kill }, { name: b, cluster: prod, match: { user: x }, action: kill }]'],
    ['only some of its jobs are protected', `protected: [{ user: x, queue: adhoc }]\n${cleanup('match: { user: x }')}`],
    ['a glob leaves the type open', `${cleanup('match: { type: "*sql" }')}protected: [{ type: "spark*", state: "NEW*" }]`],
  ])('is none where %s', (_case, rules) => {
    expect(warnings(rules)).toEqual([]);
  });
});

describe('a source', () => {
  const SETTINGS = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'u', HW_USER_PASSWORD: 'p', HW_DOMAIN_NAME: 'd' };
  const TOKEN = '0123456789abcdef';
  const check = (rules: string, env: Record<string, string> = {}, home: 'aws' | 'own' = 'aws'): string[] =>
    checkSources(readSettings({ ...SETTINGS, ...env }), policyOf(rules), env, { home, file: 'policy.yml' }).map(findingLine);

  it.each<[string, Record<string, string>, 'aws' | 'own', string]>([
    ['smn', {}, 'aws', 'set SMN_TOPICS'],
    ['pagerduty', { ALERT_TOKENS: `a:${TOKEN}` }, 'aws', 'set PAGERDUTY_SECRET'],
    ['grafana', { ALERT_TOKENS: `a@datadog:${TOKEN}` }, 'own', 'set GRAFANA_HMAC_SECRET or ALERT_TOKENS'],
    ['cloudwatch', {}, 'aws', 'set one of CLOUDWATCH_EVENTS_ENABLED, CLOUDWATCH_TOPIC_ARN, CLOUDWATCH_ACTIONS_ENABLED'],
    ['cloudwatch', { CLOUDWATCH_EVENTS_ENABLED: 'true' }, 'own', 'only the AWS home takes it'],
  ])('%s that is off is a warning of the rule for it', (source, env, home, what) => {
    expect(check(alerts(`source: ${source}, match: { a: b }`), env, home)).toEqual([`warning policy.yml alerts.0: never matches: source ${source} is off; ${what}`]);
  });

  it('that is on is none, and rules for every source want at least one', () => {
    expect(check(alerts('source: datadog, match: { a: b }'), { ALERT_TOKENS: `a:${TOKEN}` })).toEqual([]);
    expect(check(alerts('source: cloudwatch, match: { a: b }'), { CLOUDWATCH_EVENTS_ENABLED: 'true' })).toEqual([]);
    expect(check(alerts('match: { a: b }'), { PAGERDUTY_SECRET: TOKEN })).toEqual([]);
    expect(check(alerts('match: { a: b }'))).toEqual([expect.stringMatching(/^warning policy\.yml alerts: no alert comes in: /)]);
  });

  it('that takes no token has none bound to it, and the token is not shown', () => {
    const lines = check('', { ALERT_TOKENS: `a@smn:${TOKEN},b@datdog:${TOKEN}x,c@generic:${TOKEN}y` });
    expect(lines).toEqual(['BAD     ALERT_TOKENS: a@smn: smn takes no token; it wants SMN_TOPICS, SMN_ENDPOINT', 'BAD     ALERT_TOKENS: b is bound to a source that takes no tokens or that there is not; they are alertmanager, grafana, datadog, generic']);
  });
});

describe('an id that is not as they are made is a warning', () => {
  const ids = (text: string, env: Record<string, string> = {}): string[] => checkIds(parsePolicy(text, { hasBotToken: true, file: 'policy.yml' }), env, 'policy.yml').map(findingLine);
  const GOOD = `clusters: { dev: { id: ${ANALYTICS_ID}, project: 0a1b2c3d4e5f60718293a4b5c6d7e8f9 } }\n`;

  it.each<[string, string, Record<string, string>, string]>([
    ['of a cluster', 'clusters: { dev: { id: 2b460e01-3351 } }', {}, 'policy.yml clusters.dev.id: 2b460e01-3351 does not look like a cluster id; '],
    ['of a project', `clusters: { dev: { id: ${ANALYTICS_ID}, project: eu1 } }`, {}, 'policy.yml clusters.dev.project: eu1 does not look like a project id, which has 32 of 0-9 and a-f'],
    ['of the project of the settings', GOOD, { HW_PROJECT_ID: 'myproject' }, 'HW_PROJECT_ID: does not look like a project id, which has 32 of 0-9 and a-f'],
    ['of a person', `${GOOD}slack: { team: T0123ABCD, mayKill: [U012AB3CD, U012] }`, {}, 'policy.yml slack.mayKill.1: U012 does not look like an id of Slack, '],
    ['of an owner', `${GOOD}slack: { people: { etl: U012 } }`, {}, 'policy.yml slack.people.etl: U012 does not look like an id of Slack, '],
    ['of a workspace', `${GOOD}slack: { team: T012 }`, {}, 'policy.yml slack.team: T012 does not look like an id of Slack, '],
  ])('%s', (_case, text, env, line) => {
    expect(ids(text, env)).toEqual([expect.stringContaining(`warning ${line}`)]);
  });

  it('and so is a workspace that is left out where people may kill', () => {
    expect(ids(`${GOOD}slack: { mayKill: [U012AB3CD] }`)).toEqual(['warning policy.yml slack.team: is left out: every command and click in Slack is refused until it is set']);
  });

  it('and none where they are', () => {
    expect(ids(`${GOOD}slack: { team: T0123ABCD, channel: C0123456789, mayKill: [U012AB3CD], people: { etl: W0678IJKL } }`, { HW_PROJECT_ID: 'ssm:/project' })).toEqual([]);
  });
});
