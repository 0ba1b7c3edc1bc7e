import { createHmac, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import type { CallBack } from '../../lib/alerts/call-back.ts';
import { Unauthorized } from '../../lib/core/errors.ts';
import { NOON } from '../core/a-job.ts';
import { notification, readPem, signSmn, type SmnMessage, textToSign, TOPIC } from '../simulator/smn-client.ts';
import { settingsOf } from './senders.ts';

type Texts = Record<string, string>;
type Case = { source: keyof typeof ALERT_SOURCES; env?: Texts; headers?: Texts; body?: string; callBack?: CallBack };

const BODY = '{"alerts":[]}';
const TOKEN = 'any-source-token-0123456789';
const OF_OTHERS = 'bound-elsewhere-0123456789';
const SECRET = 'a-secret-of-this-test';
const TOKENS = { ALERT_TOKENS: `all:${TOKEN},nobody@elsewhere:${OF_OTHERS}` };
const bearer = (token: string): Texts => ({ authorization: `Bearer ${token}` });
const basic = (credentials: string): Texts => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
const hmac = (...parts: string[]): string => parts.reduce((sum, part) => sum.update(part), createHmac('sha256', SECRET)).digest('hex');

/** What the log says of why it was refused; undefined where it was let in. */
async function causeOf({ source, env = {}, headers = {}, body = BODY, callBack }: Case): Promise<unknown> {
  try {
    await ALERT_SOURCES[source]?.verify({ rawBody: Buffer.from(body), headers, receivedAt: NOON }, settingsOf(env), callBack);
    return undefined;
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    return error.hint === undefined ? [error.cause] : [error.cause, error.hint];
  }
}

const OFF = 'trigger is off: its secret is not set';
const signed = (signature: string): Texts => ({ 'x-grafana-alerting-signature': signature });
const GRAFANA = { ...TOKENS, GRAFANA_HMAC_SECRET: SECRET };
const TIMED = { ...GRAFANA, GRAFANA_TIMESTAMP_HEADER: 'X-Time' };
const TIME_HINT = 'GRAFANA_TIMESTAMP_HEADER names the header of the time, in Grafana too';
const timed = (time: string): Texts => ({ ...signed(hmac(`${time}:`, BODY)), 'x-time': time });
const v1 = (value: string): Texts => ({ 'x-pagerduty-signature': value });
const PAGERDUTY = { PAGERDUTY_SECRET: SECRET };
const eventAt = (at: number): string => JSON.stringify({ event: { occurred_at: new Date(at).toISOString() } });

describe('why a sender was refused stands in the log, with what to look at', () => {
  it.each<[string, Case, string[] | undefined]>([
    ['no token is for it', { source: 'generic', headers: bearer(TOKEN) }, [OFF, 'ALERT_TOKENS has no token for this source']],
    ['all tokens are for others', { source: 'generic', env: { ALERT_TOKENS: `nobody@elsewhere:${OF_OTHERS}` }, headers: bearer(OF_OTHERS) }, [OFF, 'ALERT_TOKENS has no token for this source']],
    ['it sends none', { source: 'generic', env: TOKENS }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['it sends something else', { source: 'generic', env: TOKENS, headers: basic(`x:${TOKEN}`) }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['it sends it behind a word', { source: 'generic', env: TOKENS, headers: { authorization: `x Bearer ${TOKEN}` } }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['it sends it before a word', { source: 'generic', env: TOKENS, headers: { authorization: `Bearer ${TOKEN} x` } }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['it sends a wrong one', { source: 'generic', env: TOKENS, headers: bearer('wrong') }, ['wrong token']],
    ['it sends that of another source', { source: 'generic', env: TOKENS, headers: bearer(OF_OTHERS) }, ['wrong token', 'ALERT_TOKENS binds this token to another source']],
    ['it sends the right one', { source: 'generic', env: TOKENS, headers: { authorization: `bearer   ${TOKEN}` } }, undefined],
    ['its password is wrong', { source: 'alertmanager', env: TOKENS, headers: basic('x:wrong') }, ['wrong token']],
    ['its password is empty', { source: 'alertmanager', env: TOKENS, headers: basic('x:') }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password has no user before it', { source: 'alertmanager', env: TOKENS, headers: basic(TOKEN) }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password stands behind a word', { source: 'alertmanager', env: TOKENS, headers: { authorization: `x ${basic(`x:${TOKEN}`)['authorization']}` } }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password stands before a word', { source: 'alertmanager', env: TOKENS, headers: { authorization: `${basic(`x:${TOKEN}`)['authorization']} x` } }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password has two lines', { source: 'alertmanager', env: TOKENS, headers: basic(`x:wrong\ny:${TOKEN}`) }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password is no base64', { source: 'alertmanager', env: TOKENS, headers: { authorization: `Basic x:${TOKEN}` } }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
    ['its password is right', { source: 'alertmanager', env: TOKENS, headers: { authorization: basic(`:${TOKEN}`)['authorization']?.replace('Basic ', 'basic  ') ?? '' } }, undefined],
  ])('where %s', async (_, sent, expected) => {
    expect(await causeOf(sent)).toEqual(expected);
  });

  it.each<[string, Case, string[] | undefined]>([
    ['signs and no secret is set', { source: 'grafana', env: TOKENS, headers: signed('0') }, [OFF, 'it is signed, and GRAFANA_HMAC_SECRET is not set']],
    ['has a wrong signature', { source: 'grafana', env: GRAFANA, headers: signed(hmac(`${BODY} `)) }, ['wrong signature']],
    ['signs no time', { source: 'grafana', env: TIMED, headers: signed(hmac(BODY)) }, ['no time', TIME_HINT]],
    ['signs an old time', { source: 'grafana', env: TIMED, headers: timed(String(NOON / 1_000 - 301)) }, ['time outside the window', TIME_HINT]],
    ['signs a time of thirteen digits', { source: 'grafana', env: TIMED, headers: timed(`0${NOON / 1_000}00`) }, ['time outside the window', TIME_HINT]],
    ['signs a time behind something', { source: 'grafana', env: TIMED, headers: timed(` ${NOON / 1_000}`) }, ['time outside the window', TIME_HINT]],
    ['signs a time before something', { source: 'grafana', env: TIMED, headers: timed(`${NOON / 1_000} `) }, ['time outside the window', TIME_HINT]],
    ['signs a time of twelve digits', { source: 'grafana', env: TIMED, headers: timed(`00${NOON / 1_000}`) }, undefined],
    ['signs the time', { source: 'grafana', env: TIMED, headers: timed(String(NOON / 1_000 + 300)) }, undefined],
    ['has neither', { source: 'grafana', env: GRAFANA }, ['no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS']],
  ])('where Grafana %s', async (_, sent, expected) => {
    expect(await causeOf(sent)).toEqual(expected);
  });

  it.each<[string, Case, string[] | undefined]>([
    ['has no secret', { source: 'pagerduty', headers: v1(`v1=${hmac(BODY)}`) }, [OFF, 'set PAGERDUTY_SECRET']],
    ['does not sign', { source: 'pagerduty', env: PAGERDUTY }, ['no signature']],
    ['has an empty signature', { source: 'pagerduty', env: PAGERDUTY, headers: v1('') }, ['wrong signature']],
    ['signs in another version', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`v2=${hmac(BODY)}`) }, ['wrong signature']],
    ['has a word before its signature', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`x v1=${hmac(BODY)}`) }, ['wrong signature']],
    ['has a letter before its signature', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`xv1=${hmac(BODY)}`) }, ['wrong signature']],
    ['has a word behind its signature', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`v1=${hmac(BODY)} x`) }, ['wrong signature']],
    ['signs two hours ahead', { source: 'pagerduty', env: PAGERDUTY, body: eventAt(NOON + 7_200_000), headers: v1(`v1=${hmac(eventAt(NOON + 7_200_000))}`) }, ['time outside the window']],
    ['signs an old event', { source: 'pagerduty', env: PAGERDUTY, body: eventAt(NOON - 172_800_001), headers: v1(`v1=${hmac(eventAt(NOON - 172_800_001))}`) }, ['time outside the window']],
    ['signs with blanks around it', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`v1=0,  v1=${hmac(BODY)}  ,v1=1`) }, undefined],
    ['signs tenth', { source: 'pagerduty', env: PAGERDUTY, headers: v1(`${'v1=0,'.repeat(9)}v1=${hmac(BODY)}`) }, undefined],
  ])('where PagerDuty %s', async (_, sent, expected) => {
    expect(await causeOf(sent)).toEqual(expected);
  });
});

describe('why a message of SMN was refused', () => {
  const page = (text: string, status = 200): CallBack => ({ get: () => Promise.reject(new Error('not this one')), getKept: async () => ({ status, headers: {}, text }) });
  const alarm = notification('disk is full', NOON);
  const sent = (message: SmnMessage, more: Partial<Case> = {}): Case => ({ source: 'smn', env: { SMN_TOPICS: TOPIC }, headers: { 'x-smn-message-type': 'Notification' }, body: JSON.stringify(message), callBack: page(readPem('certificate')), ...more });
  const signature = String(alarm['signature']);
  const withSignature = (value: string): Case => sent({ ...alarm, signature: value });
  const FOREIGN = ['certificate is not of SMN', "signing_cert_url has to lead to SMN in the topic's region, or to SMN_ENDPOINT"];

  it.each<[string, Case, string[] | undefined]>([
    ['nothing: it is let in', sent(alarm), undefined],
    ['no JSON', sent(alarm, { body: '{' }), ['no message of SMN']],
    ['no topic', sent({ ...alarm, topic_urn: 1 }), ['no message of SMN']],
    ['no topics set', sent(alarm, { env: {} }), [OFF, 'set SMN_TOPICS']],
    ['another topic', sent({ ...alarm, topic_urn: `${TOPIC}2` }), ['topic not allowed', 'SMN_TOPICS lists the topics that may']],
    ['no id', sent({ ...alarm, message_id: undefined }), ['no message of SMN']],
    ['another type in its header', sent(alarm, { headers: {} }), ['no message of SMN', 'X-SMN-MESSAGE-TYPE has to say what the body says']],
    ['its time', sent(notification('disk is full', NOON - 3_601_000)), ['time outside the window']],
    ['its certificate, of a foreign host', sent(signSmn({ ...alarm, signing_cert_url: 'https://evil.example/a.pem' })), FOREIGN],
    ['its certificate, of an endless name', sent({ ...alarm, signing_cert_url: `https://smn.eu-west-101.myhuaweicloud.eu/${'x'.repeat(4_096)}.pem` }), ['no signature']],
    ['its certificate, which is none', sent(alarm, { callBack: page('<html>') }), ['certificate does not count']],
    ['its certificate, with another status', sent(alarm, { callBack: page(readPem('certificate'), 203) }), ['certificate does not count']],
    ['its certificate, with no way to it', { ...sent(alarm), callBack: undefined as unknown as CallBack }, ['certificate does not count']],
    ['another key', sent(signSmn(alarm, 'other-key')), ['wrong signature']],
    ['no version', sent({ ...alarm, signature_version: undefined }), ['no signature']],
    ['version v12', sent({ ...alarm, signature_version: 'v12' }), ['no signature']],
    ['version xv1', sent({ ...alarm, signature_version: 'xv1' }), ['no signature']],
    ['nothing, with version V1', sent({ ...alarm, signature_version: 'V1' }), undefined],
    ['a signature that begins otherwise', withSignature(`?${signature}`), ['no signature']],
    ['a signature that ends otherwise', withSignature(`${signature}?`), ['no signature']],
    ['a signature of a few letters too many at its end', withSignature(`${signature}===`), ['no signature']],
    ['a signature of 170 letters', withSignature('A'.repeat(170)), ['no signature']],
    ['a wrong signature of 171 letters', withSignature('A'.repeat(171)), ['wrong signature']],
    ['a wrong signature of 1,366 letters', withSignature(`${'A'.repeat(1_366)}==`), ['wrong signature']],
    ['a signature of 1,367 letters', withSignature('A'.repeat(1_367)), ['no signature']],
    ['another hash', withSignature(sign('sha512', Buffer.from(textToSign(alarm)), readPem('key')).toString('base64')), ['wrong signature']],
  ])('%s', async (_, one, expected) => {
    expect(await causeOf(one)).toEqual(expected);
  });
});
