import { createHmac } from 'node:crypto';
import type { AlertSource } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { TOPIC } from '../simulator/smn-client.ts';
import { readFixtures } from './fixtures.ts';

type Headers = Record<string, string>;
/** The headers of a delivery of these bytes, sent at that second. */
type Prove = (rawBody: Buffer, nowSec: number) => Headers;
/** One way to ask to be let in; `env` stands over the sender's own. */
export type Proof = { title: string; prove: Prove; env?: Headers };

/** How a source proves itself, and how others fail to. */
export type Sender = {
  /** The settings that let it in. */
  env: Headers;
  /** What a rule matches in its fixture stuck-job. */
  match: string;
  prove: Prove;
  right: Proof[];
  wrong: Proof[];
};

const TOKEN = 'any-source-token-0123456789';
const SECOND_TOKEN = 'any-source-second-0123456789';
export const OTHER_SOURCES_TOKEN = 'bound-elsewhere-0123456789';
const SECRET = 'grafana-secret-of-this-test';
const SECOND_SECRET = 'grafana-second-secret-of-this-test';
const PAGERDUTY_SECRET = 'pagerduty-secret-of-this-test';
const SECOND_PAGERDUTY_SECRET = 'pagerduty-second-secret-of-this-test';

/** All that must never be seen in an answer, an error or a log. */
export const SECRETS = [TOKEN, SECOND_TOKEN, OTHER_SOURCES_TOKEN, SECRET, SECOND_SECRET, PAGERDUTY_SECRET, SECOND_PAGERDUTY_SECRET];

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const basic = (credentials: string): Headers => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
const bearerEnv = { ALERT_TOKENS: `all:${TOKEN},nobody@elsewhere:${OTHER_SOURCES_TOKEN}` };

function rightTokens(source: string): Proof[] {
  return [
    { title: 'the token', prove: () => bearer(TOKEN) },
    { title: 'the token, the scheme in lower case', prove: () => ({ authorization: `bearer ${TOKEN}` }) },
    { title: 'a token that is bound to it', prove: () => bearer(SECOND_TOKEN), env: { ALERT_TOKENS: `own@${source}:${SECOND_TOKEN}` } },
    { title: 'the old token of a rotation', prove: () => bearer(TOKEN), env: { ALERT_TOKENS: `all:${TOKEN},all:${SECOND_TOKEN}` } },
    { title: 'the new token of a rotation', prove: () => bearer(SECOND_TOKEN), env: { ALERT_TOKENS: `all:${TOKEN},all:${SECOND_TOKEN}` } },
  ];
}

const WRONG_TOKENS: Proof[] = [
  { title: 'no header', prove: () => ({}) },
  { title: 'an empty header', prove: () => ({ authorization: '' }) },
  { title: 'an empty token', prove: () => bearer('') },
  { title: 'an empty token while none is set', prove: () => bearer(''), env: { ALERT_TOKENS: '' } },
  { title: 'a wrong token', prove: () => bearer('wrong-token-0123456789') },
  { title: 'the token but for its last letter', prove: () => bearer(TOKEN.slice(0, -1)) },
  { title: 'the token and more', prove: () => bearer(`${TOKEN}0`) },
  { title: 'several tokens', prove: () => bearer(`${TOKEN}, Bearer ${TOKEN}`) },
  { title: 'the token of another source', prove: () => bearer(OTHER_SOURCES_TOKEN) },
  { title: 'the token while it is not set', prove: () => bearer(TOKEN), env: { ALERT_TOKENS: '' } },
  { title: 'the old token after a rotation', prove: () => bearer(TOKEN), env: { ALERT_TOKENS: `all:${SECOND_TOKEN}` } },
  { title: 'basic with a wrong password', prove: () => basic('alerts:wrong-token-0123456789') },
  { title: 'basic that is no base64', prove: () => ({ authorization: `Basic alerts:${TOKEN}` }) },
];

/** Of a source that takes the token as a password too. */
function rightPasswords(source: string): Proof[] {
  return [
    { title: 'basic with the token as password', prove: () => basic(`${source}:${TOKEN}`) },
    { title: 'basic without a user', prove: () => basic(`:${TOKEN}`) },
    { title: 'basic with a token that is bound to it', prove: () => basic(`me:${SECOND_TOKEN}`), env: { ALERT_TOKENS: `own@${source}:${SECOND_TOKEN}` } },
    { title: 'basic with a token that has a colon', prove: () => basic('me:a:colon:token:0123456789'), env: { ALERT_TOKENS: 'own:a:colon:token:0123456789' } },
  ];
}

function wrongPasswords(source: string): Proof[] {
  return [
    { title: 'basic with the token as user', prove: () => basic(`${TOKEN}:`) },
    { title: 'basic without a colon', prove: () => basic(TOKEN) },
    { title: 'basic with an empty password', prove: () => basic(`${source}:`) },
    { title: 'basic with nothing', prove: () => ({ authorization: 'Basic ' }) },
    { title: 'basic with the token and more', prove: () => basic(`${source}:${TOKEN}\n`) },
    { title: 'basic with the token of another source', prove: () => basic(`${source}:${OTHER_SOURCES_TOKEN}`) },
    { title: 'basic with the token while it is not set', prove: () => basic(`${source}:${TOKEN}`), env: { ALERT_TOKENS: '' } },
  ];
}

const hmac = (secret: string, ...parts: (string | Buffer)[]): string => parts.reduce((sum, part) => sum.update(part), createHmac('sha256', secret)).digest('hex');
const signed = (signature: string): Headers => ({ 'X-Grafana-Alerting-Signature': signature });
const TIME_HEADER = 'X-Grafana-Alerting-Timestamp';
const timed = (rawBody: Buffer, time: number | string, secret = SECRET): Headers => ({ ...signed(hmac(secret, `${time}:`, rawBody)), [TIME_HEADER]: String(time) });
const grafanaEnv = { ...bearerEnv, GRAFANA_HMAC_SECRET: SECRET };
const timedEnv = { GRAFANA_TIMESTAMP_HEADER: TIME_HEADER };
const v1 = (...signatures: string[]): Headers => ({ 'X-PagerDuty-Signature': signatures.map((signature) => `v1=${signature}`).join(',') });
const signedPagerDuty = (rawBody: Buffer, secret = PAGERDUTY_SECRET): string => hmac(secret, rawBody);

// SMN signs in the body, and its fixtures are signed.
const smnType = (type: string): Headers => ({ 'X-SMN-MESSAGE-TYPE': type });
const smnEnv = { ALERT_TOKENS: `all:${TOKEN}`, SMN_TOPICS: TOPIC };

/** How those prove themselves that do more than send a token as bearer; without a row here a source does just that. */
const OWN = {
  alertmanager: {
    env: bearerEnv,
    right: [
      ...rightTokens('alertmanager'),
      ...rightPasswords('alertmanager'),
    ],
    wrong: [
      ...WRONG_TOKENS,
      ...wrongPasswords('alertmanager'),
      { title: 'the signature of Grafana', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: { GRAFANA_HMAC_SECRET: SECRET } },
    ],
  },
  grafana: {
    env: grafanaEnv,
    right: [
      ...rightTokens('grafana'),
      { title: 'a token while no secret is set, whatever signature comes with it', prove: () => ({ ...bearer(TOKEN), ...signed('0'.repeat(64)) }), env: { GRAFANA_HMAC_SECRET: '' } },
      ...rightPasswords('grafana'),
      { title: 'a signature', prove: (rawBody) => signed(hmac(SECRET, rawBody)) },
      { title: 'a signature while no token is set', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: { ALERT_TOKENS: '' } },
      { title: 'a signature, with a time header that nobody asked for', prove: (rawBody) => ({ ...signed(hmac(SECRET, rawBody)), [TIME_HEADER]: '1' }) },
      { title: 'the old secret of a rotation', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: { GRAFANA_HMAC_SECRET: `${SECRET},${SECOND_SECRET}` } },
      { title: 'the new secret of a rotation', prove: (rawBody) => signed(hmac(SECOND_SECRET, rawBody)), env: { GRAFANA_HMAC_SECRET: `${SECRET}, ${SECOND_SECRET}` } },
      { title: 'a signature and its time', prove: (rawBody, nowSec) => timed(rawBody, nowSec), env: timedEnv },
      { title: 'a signature and its time, 5 min ago', prove: (rawBody, nowSec) => timed(rawBody, nowSec - 300), env: timedEnv },
      { title: 'a signature and its time, 5 min ahead', prove: (rawBody, nowSec) => timed(rawBody, nowSec + 300), env: timedEnv },
      { title: 'the new secret and a time', prove: (rawBody, nowSec) => timed(rawBody, nowSec, SECOND_SECRET), env: { ...timedEnv, GRAFANA_HMAC_SECRET: `${SECRET},${SECOND_SECRET}` } },
      { title: 'the token, where times are asked for', prove: () => bearer(TOKEN), env: timedEnv },
    ],
    wrong: [
      ...WRONG_TOKENS,
      ...wrongPasswords('grafana'),
      { title: 'basic with the secret as password', prove: () => basic(`grafana:${SECRET}`) },
      { title: 'basic with the right password beside a wrong signature', prove: () => ({ ...basic(`grafana:${TOKEN}`), ...signed('0'.repeat(64)) }) },
      { title: 'an empty signature', prove: () => signed('') },
      { title: 'the signature of another secret', prove: (rawBody) => signed(hmac(SECOND_SECRET, rawBody)) },
      { title: 'the signature of an empty secret', prove: (rawBody) => signed(hmac('', rawBody)) },
      { title: 'a signature while no secret is set', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: { GRAFANA_HMAC_SECRET: '' } },
      { title: 'the signature of an empty secret while none is set', prove: (rawBody) => signed(hmac('', rawBody)), env: { GRAFANA_HMAC_SECRET: '', ALERT_TOKENS: '' } },
      { title: 'the signature of other bytes', prove: (rawBody) => signed(hmac(SECRET, rawBody, ' ')) },
      { title: 'the signature in upper case', prove: (rawBody) => signed(hmac(SECRET, rawBody).toUpperCase()) },
      { title: 'the signature with a prefix', prove: (rawBody) => signed(`sha256=${hmac(SECRET, rawBody)}`) },
      { title: 'several signatures', prove: (rawBody) => signed(`${hmac(SECRET, rawBody)},${hmac(SECRET, rawBody)}`) },
      { title: 'the signature under another name', prove: (rawBody) => ({ 'X-Grafana-Signature': hmac(SECRET, rawBody) }) },
      { title: 'the signature for a token', prove: (rawBody) => bearer(hmac(SECRET, rawBody)) },
      { title: 'the secret for a token', prove: () => bearer(SECRET) },
      { title: 'the right token beside a wrong signature', prove: () => ({ ...bearer(TOKEN), ...signed('0'.repeat(64)) }) },
      { title: 'the right token beside an old signature', prove: (rawBody, nowSec) => ({ ...bearer(TOKEN), ...timed(rawBody, nowSec - 301) }), env: timedEnv },
      { title: 'a signature that covers a time nobody asked for', prove: (rawBody, nowSec) => timed(rawBody, nowSec) },
      { title: 'a signature without the time that is asked for', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: timedEnv },
      { title: 'a signature of an empty time', prove: (rawBody) => timed(rawBody, ''), env: timedEnv },
      { title: 'a signature that does not cover the time beside it', prove: (rawBody, nowSec) => ({ ...signed(hmac(SECRET, rawBody)), [TIME_HEADER]: String(nowSec) }), env: timedEnv },
      { title: 'a signature of another time', prove: (rawBody, nowSec) => ({ ...timed(rawBody, nowSec - 1), [TIME_HEADER]: String(nowSec) }), env: timedEnv },
      { title: 'a signature with its time under another name', prove: (rawBody, nowSec) => timed(rawBody, nowSec), env: { GRAFANA_TIMESTAMP_HEADER: 'X-Time' } },
      { title: 'a signature of more than 5 min ago', prove: (rawBody, nowSec) => timed(rawBody, nowSec - 301), env: timedEnv },
      { title: 'a signature of more than 5 min ahead', prove: (rawBody, nowSec) => timed(rawBody, nowSec + 301), env: timedEnv },
      { title: 'a signature of yesterday', prove: (rawBody, nowSec) => timed(rawBody, nowSec - 86_400), env: timedEnv },
      { title: 'a signature of next year', prove: (rawBody, nowSec) => timed(rawBody, nowSec + 31_536_000), env: timedEnv },
      { title: 'a time in ms', prove: (rawBody, nowSec) => timed(rawBody, nowSec * 1_000), env: timedEnv },
      { title: 'a time with a fraction', prove: (rawBody, nowSec) => timed(rawBody, `${nowSec}.0`), env: timedEnv },
      { title: 'a time in words', prove: (rawBody) => timed(rawBody, 'NaN'), env: timedEnv },
      { title: 'several times', prove: (rawBody, nowSec) => timed(rawBody, `${nowSec},${nowSec}`), env: timedEnv },
    ],
  },
  smn: {
    env: smnEnv,
    prove: () => smnType('Notification'),
    right: [
      { title: 'the signature in its body', prove: () => smnType('Notification') },
      { title: 'the signature in its body while no token is set', prove: () => smnType('Notification'), env: { ALERT_TOKENS: '' } },
      { title: 'a topic that is one of several', prove: () => smnType('Notification'), env: { SMN_TOPICS: `urn:smn:eu-de:0a1b:other, ${TOPIC}` } },
    ],
    wrong: [
      { title: 'no header', prove: () => ({}) },
      { title: 'an empty header', prove: () => smnType('') },
      { title: 'the type of another message', prove: () => smnType('SubscriptionConfirmation') },
      { title: 'the type in lower case', prove: () => smnType('notification') },
      { title: 'the type and more', prove: () => smnType('Notification, Notification') },
      { title: 'a token', prove: () => bearer(TOKEN) },
      { title: 'no topic set', prove: () => smnType('Notification'), env: { SMN_TOPICS: '' } },
      { title: 'another topic set', prove: () => smnType('Notification'), env: { SMN_TOPICS: `${TOPIC}-2` } },
      { title: 'a topic set that its own begins with', prove: () => smnType('Notification'), env: { SMN_TOPICS: TOPIC.slice(0, -1) } },
      { title: 'the topic of another project set', prove: () => smnType('Notification'), env: { SMN_TOPICS: TOPIC.replace('0a1b', '1a1b') } },
      { title: 'the topic of another region set', prove: () => smnType('Notification'), env: { SMN_TOPICS: TOPIC.replace('eu-west-101', 'eu-west-0') } },
    ],
  },
  pagerduty: {
    env: { ALERT_TOKENS: `all:${TOKEN}`, PAGERDUTY_SECRET },
    right: [
      { title: 'a signature', prove: (rawBody) => v1(signedPagerDuty(rawBody)) },
      { title: 'a signature while no token is set', prove: (rawBody) => v1(signedPagerDuty(rawBody)), env: { ALERT_TOKENS: '' } },
      { title: 'the first of two signatures', prove: (rawBody) => v1(signedPagerDuty(rawBody), signedPagerDuty(rawBody, SECOND_PAGERDUTY_SECRET)) },
      { title: 'the second of two signatures', prove: (rawBody) => v1('0'.repeat(64), signedPagerDuty(rawBody)) },
      { title: 'two signatures with a blank between them', prove: (rawBody) => ({ 'X-PagerDuty-Signature': `v1=${'0'.repeat(64)}, v1=${signedPagerDuty(rawBody)}` }) },
      { title: 'a signature beside one of another version', prove: (rawBody) => ({ 'X-PagerDuty-Signature': `v2=abc,v1=${signedPagerDuty(rawBody)}` }) },
      { title: 'the old secret of a rotation', prove: (rawBody) => v1(signedPagerDuty(rawBody)), env: { PAGERDUTY_SECRET: `${PAGERDUTY_SECRET},${SECOND_PAGERDUTY_SECRET}` } },
      { title: 'the new secret of a rotation', prove: (rawBody) => v1(signedPagerDuty(rawBody, SECOND_PAGERDUTY_SECRET)), env: { PAGERDUTY_SECRET: `${PAGERDUTY_SECRET}, ${SECOND_PAGERDUTY_SECRET}` } },
    ],
    wrong: [
      { title: 'no header', prove: () => ({}) },
      { title: 'an empty signature', prove: () => ({ 'X-PagerDuty-Signature': '' }) },
      { title: 'a version and no signature', prove: () => v1('') },
      { title: 'the signature of another secret', prove: (rawBody) => v1(signedPagerDuty(rawBody, SECOND_PAGERDUTY_SECRET)) },
      { title: 'the signature of an empty secret', prove: (rawBody) => v1(signedPagerDuty(rawBody, '')) },
      { title: 'a signature while no secret is set', prove: (rawBody) => v1(signedPagerDuty(rawBody)), env: { PAGERDUTY_SECRET: '' } },
      { title: 'the signature of an empty secret while none is set', prove: (rawBody) => v1(signedPagerDuty(rawBody, '')), env: { PAGERDUTY_SECRET: '' } },
      { title: 'the old secret after a rotation', prove: (rawBody) => v1(signedPagerDuty(rawBody)), env: { PAGERDUTY_SECRET: SECOND_PAGERDUTY_SECRET } },
      { title: 'the signature of other bytes', prove: (rawBody) => v1(hmac(PAGERDUTY_SECRET, rawBody, ' ')) },
      { title: 'the signature in upper case', prove: (rawBody) => v1(signedPagerDuty(rawBody).toUpperCase()) },
      { title: 'the signature without its version', prove: (rawBody) => ({ 'X-PagerDuty-Signature': signedPagerDuty(rawBody) }) },
      { title: 'the signature as another version', prove: (rawBody) => ({ 'X-PagerDuty-Signature': `v2=${signedPagerDuty(rawBody)}` }) },
      { title: 'the signature under another name', prove: (rawBody) => ({ 'X-PagerDuty-Sign': `v1=${signedPagerDuty(rawBody)}` }) },
      { title: 'more signatures than any rotation has', prove: (rawBody) => v1(...Array.from({ length: 10 }, () => '0'.repeat(64)), signedPagerDuty(rawBody)) },
      { title: 'a token', prove: () => bearer(TOKEN) },
      { title: 'the secret for a token', prove: () => bearer(PAGERDUTY_SECRET) },
      { title: 'a token beside a wrong signature', prove: () => ({ ...bearer(TOKEN), ...v1('0'.repeat(64)) }) },
      { title: 'the signature of Grafana', prove: (rawBody) => signed(signedPagerDuty(rawBody)) },
    ],
  },
} satisfies Partial<Record<string, Partial<Sender>>>;

/** Every source. One without a row above sends a token as bearer; its hand, where it needs no other here, is its own `sign`. */
export const SENDERS: Record<string, Sender> = Object.fromEntries(Object.entries(ALERT_SOURCES).map(([name, source]) => [name, senderOf(name, source)]));

function senderOf(name: string, source: AlertSource): Sender {
  const own: Partial<Sender> = Object.hasOwn(OWN, name) ? OWN[name as keyof typeof OWN] : {};
  const { env = bearerEnv } = own;
  const settings = settingsOf(env);
  return {
    env,
    match: matchOf(name),
    prove: (rawBody, nowSec) => source.sign(rawBody, { settings }, nowSec * 1_000).headers,
    right: rightTokens(name),
    wrong: [
      ...WRONG_TOKENS,
      { title: 'basic with the token as password', prove: () => basic(`${name}:${TOKEN}`) },
      { title: 'the signature of Grafana', prove: (rawBody) => signed(hmac(SECRET, rawBody)), env: { GRAFANA_HMAC_SECRET: SECRET } },
    ],
    ...own,
  };
}

/** The label that people know the alert of stuck-job by. */
function matchOf(source: string): string {
  const expected = readFixtures(source).find(({ name }) => name === 'stuck-job')?.expected;
  const labels = (expected !== undefined && 'alerts' in expected && expected.alerts[0]?.labels) || {};
  const name = ['alertname', 'alarm_name', 'title', ...Object.keys(labels)].find((label) => labels[label] !== undefined);
  if (name === undefined) throw new Error(`${source} needs a fixture named stuck-job, whose alert has labels`);
  return `${name}: ${JSON.stringify(labels[name])}`;
}

/** The settings of an environment that has nothing else to do with alerts. */
export function settingsOf(env: Record<string, string>): Settings {
  return readSettings({ HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'simulator-password', HW_DOMAIN_NAME: 'simulator', ...env });
}
