import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../lib/settings/secret.ts';
import { findProblems, readSettings, type Settings } from '../../lib/settings/settings.ts';

const MINIMAL = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killer', HW_USER_PASSWORD: 'password', HW_DOMAIN_NAME: 'acme' };
const [A, B] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'] as const;

/** With its secrets in plain text, so that they can be compared. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return `secret ${value.reveal()}`;
  if (Array.isArray(value)) return value.map(revealed);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, of]) => [key, revealed(of)])) : value;
}
const read = (env: Record<string, string>, ...more: [home?: 'aws' | 'own', by?: 'alerts']): unknown => revealed(readSettings({ ...MINIMAL, ...env }, ...more));

const LEFT_OUT = {
  region: 'eu-west-101', project: { name: 'eu-west-101' }, credentials: { kind: 'password', user: 'killer', password: 'secret password', domain: 'acme' }, language: 'en-us',
  slack: { signingSecrets: [], apiUrl: 'https://slack.com/api/' }, apiTokens: [], apiPassThrough: true, alertTokens: [], grafana: { hmacSecrets: [] }, pagerdutySecrets: [], smnTopics: [],
  askTimeoutSec: 900, followIntervalSec: 2, followTimeoutSec: 1_800,
};

describe('settings, whole', () => {
  it('where everything is left out that can be', () => expect(read({})).toStrictEqual(LEFT_OUT));

  it('where everything is given', () => {
    expect(read({
      HW_PROJECT_ID: 'p1', HW_PROJECT_NAME: ' by name ', MRS_ENDPOINT: ' https://mrs.example/base/ ', HW_AUTH_URL: 'https://iam.example/v3/', HW_LANGUAGE: 'zh-cn',
      SLACK_SIGNING_SECRET: `${A}, ${B}`, SLACK_BOT_TOKEN: ' xoxb-1 ', SLACK_API_URL: 'https://slack.example/api/', API_TOKENS: `ci:${A}`, API_PASS_THROUGH: 'false', ALERT_TOKENS: `am@alertmanager:${A},all:${B}`,
      GRAFANA_HMAC_SECRET: A, GRAFANA_TIMESTAMP_HEADER: 'X-Time', PAGERDUTY_SECRET: B, SMN_TOPICS: 'urn:smn:a:b:c, urn:smn:a:b:d', SMN_ENDPOINT: 'https://smn.example', PAUSED: 'true',
      KILL_FUNCTION: 'kill:durable', WARN_FUNCTION: 'warn:durable', LEDGER_TABLE: 'ledger', ASK_TIMEOUT_SEC: '60', FOLLOW_INTERVAL_SEC: '3', FOLLOW_TIMEOUT_SEC: '600', LOG_LEVEL: 'Debug',
    })).toStrictEqual({
      ...LEFT_OUT, project: { id: 'p1' }, mrsEndpoint: 'https://mrs.example/base', iamEndpoint: 'https://iam.example', language: 'zh-cn',
      slack: { signingSecrets: [`secret ${A}`, `secret ${B}`], botToken: 'secret xoxb-1', apiUrl: 'https://slack.example/api/' }, apiTokens: [{ name: 'ci', token: `secret ${A}` }], apiPassThrough: false,
      alertTokens: [{ name: 'am', source: 'alertmanager', token: `secret ${A}` }, { name: 'all', token: `secret ${B}` }], grafana: { hmacSecrets: [`secret ${A}`], timestampHeader: 'x-time' }, pagerdutySecrets: [`secret ${B}`],
      smnTopics: ['urn:smn:a:b:c', 'urn:smn:a:b:d'], smnEndpoint: 'https://smn.example', killFunction: 'kill:durable', warnFunction: 'warn:durable', ledgerTable: 'ledger', askTimeoutSec: 60, followIntervalSec: 3, followTimeoutSec: 600,
    });
  });

  it.each([
    ['https://h.example//', 'https://h.example'], ['https://h.example/a//', 'https://h.example/a'], ['https://h.example/v3/', 'https://h.example'], ['https://h.example//v3', 'https://h.example'], ['https://h.example/v3/x', 'https://h.example/v3/x'], ['https://h.example/xv3', 'https://h.example/xv3'],
  ])('with HW_AUTH_URL=%s asks IAM at %s', (given, asked) => expect(read({ HW_AUTH_URL: given })).toMatchObject({ iamEndpoint: asked }));

  it.each<[string, Record<string, string>, Settings['credentials'] | object, ('aws' | 'own')?]>([
    ['AK/SK, which wins', { HW_ACCESS_KEY: ' AK ', HW_SECRET_KEY: ` ${A}\n` }, { kind: 'ak-sk', accessKey: 'AK', secretKey: `secret ${A}` }],
    ['AK/SK of a session', { HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: A, HW_SECURITY_TOKEN: `${B}\n` }, { kind: 'ak-sk', accessKey: 'AK', secretKey: `secret ${A}`, securityToken: `secret ${B}` }],
    ["AK/SK before the server's agency", { HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: A, HW_CREDENTIALS: 'ecs' }, { kind: 'ak-sk', accessKey: 'AK', secretKey: `secret ${A}` }, 'own'],
    ["the server's agency before a user", { HW_CREDENTIALS: 'ecs' }, { kind: 'ecs' }, 'own'],
    ['a password as it is, blanks too', { HW_USER_PASSWORD: ' p w ', HW_USER_NAME: ' killer ', HW_DOMAIN_NAME: ' acme ' }, { kind: 'password', user: 'killer', password: 'secret  p w ', domain: 'acme' }],
  ])('with %s', (_what, env, credentials, home = 'aws') => expect(read(env, home)).toStrictEqual({ ...LEFT_OUT, credentials }));

  it('of a function that asks MRS nothing has no credentials, given or not', () => {
    expect(read({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: A }, 'aws', 'alerts')).toStrictEqual({ ...LEFT_OUT, credentials: { kind: 'none' } });
    expect(revealed(readSettings({ HW_REGION_NAME: 'eu-west-101' }, 'aws', 'alerts'))).toStrictEqual({ ...LEFT_OUT, credentials: { kind: 'none' } });
  });

  it('has a project of its name where no id is given', () => expect(read({ HW_PROJECT_NAME: 'by name' })).toStrictEqual({ ...LEFT_OUT, project: { name: 'by name' } }));

  it('cannot be changed, however deep', () => {
    const settings = readSettings({ ...MINIMAL, ALERT_TOKENS: `am@alertmanager:${A}` });
    for (const part of [settings, settings.slack, settings.slack.signingSecrets, settings.alertTokens, settings.alertTokens[0], settings.project]) expect(Object.isFrozen(part)).toBe(true);
  });
});

describe('what is wrong before references are read', () => {
  it.each<[Record<string, string>, 'aws' | 'own', string[]]>([
    [{}, 'aws', []],
    [{ HW_LANGUAGE: 'english' }, 'aws', ['HW_LANGUAGE']],
    [{ SLACK_SIGNING_SECRET: 'ssm:/secret', HW_LANGUAGE: 'english' }, 'aws', ['HW_LANGUAGE']],
    [{ SLACK_SIGNING_SECRET: 'ssm:/secret' }, 'own', ['SLACK_SIGNING_SECRET']],
    [{ SLACK_SIGNING_SECRET: 'file:/run/secret' }, 'own', []],
  ])('of %j on %s', (env, home, names) => expect(findProblems({ ...MINIMAL, ...env }, home).map(({ name }) => name)).toEqual(names));
});
