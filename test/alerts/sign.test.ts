import { describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { grafana } from '../../lib/alerts/grafana.ts';
import { pagerduty } from '../../lib/alerts/pagerduty.ts';
import { smn } from '../../lib/alerts/smn.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { NOON } from '../core/a-job.ts';
import { notification, readPem, signSmn, type SmnMessage, TOPIC } from '../simulator/smn-client.ts';
import { settingsOf } from './senders.ts';

const BODY = Buffer.from('{"alerts":[]}');
const PRIVATE_KEY = readPem('key');

describe('a saved body, signed anew', () => {
  it('for Grafana has a signature, with its time where that is asked for, and a token where no secret is set', () => {
    const GRAFANA_HMAC_SECRET = 'a-secret-of-this-test,another-secret-of-it';
    const plain = settingsOf({ GRAFANA_HMAC_SECRET });
    expect(grafana.sign(BODY, { settings: plain }, NOON)).toEqual({ headers: { 'x-grafana-alerting-signature': expect.stringMatching(/^[0-9a-f]{64}$/) }, rawBody: BODY });
    expect(grafana.isOn(plain)).toBe(true);
    const timed = settingsOf({ GRAFANA_HMAC_SECRET, GRAFANA_TIMESTAMP_HEADER: 'X-Time' });
    const { headers } = grafana.sign(BODY, { settings: timed }, NOON + 999);
    expect(headers).toEqual({ 'x-grafana-alerting-signature': expect.any(String), 'x-time': '1772366400' });
    for (const [settings, by] of [[plain, grafana.sign(BODY, { settings: plain }, NOON)], [timed, { headers }]] as const) {
      expect(() => grafana.verify({ headers: by.headers, rawBody: BODY, receivedAt: NOON }, settings)).not.toThrow();
      expect(() => grafana.verify({ headers: by.headers, rawBody: Buffer.from('{}'), receivedAt: NOON }, settings)).toThrow('authentication failed');
    }
    expect(grafana.sign(BODY, { settings: settingsOf({ ALERT_TOKENS: 'all:a-token-of-this-test' }) }, NOON)).toEqual({ headers: { authorization: 'Bearer a-token-of-this-test' }, rawBody: BODY });
    expect(() => grafana.sign(BODY, { settings: settingsOf({}) }, NOON)).toThrow('ALERT_TOKENS: has no token for grafana');
  });

  it('for PagerDuty has a signature by the first secret', () => {
    const settings = settingsOf({ PAGERDUTY_SECRET: 'a-secret-of-this-test,another-secret-of-it' });
    const { headers, rawBody } = pagerduty.sign(BODY, { settings }, NOON);
    expect([headers, rawBody]).toEqual([{ 'x-pagerduty-signature': expect.stringMatching(/^v1=[0-9a-f]{64}$/) }, BODY]);
    expect(() => pagerduty.verify({ headers, rawBody, receivedAt: NOON }, settings)).not.toThrow();
    expect(() => pagerduty.verify({ headers, rawBody, receivedAt: NOON }, settingsOf({ PAGERDUTY_SECRET: 'another-secret-of-it' }))).toThrow('authentication failed');
    expect(() => pagerduty.sign(BODY, { settings: settingsOf({}) }, NOON)).toThrow(new SettingsInvalid([{ name: 'PAGERDUTY_SECRET', problem: 'is not set' }]));
  });

  it('needs a key of its sender for SMN alone', () => {
    expect(Object.keys(ALERT_SOURCES).filter((name) => ALERT_SOURCES[name]?.signsWithKey === true)).toEqual(['smn']);
  });

  it('for SMN has the time of now and a signature of the given key', () => {
    const saved = notification('disk is full', NOON - 86_400_000, { signature: 'old' });
    const settings = settingsOf({ SMN_TOPICS: TOPIC });
    const { headers, rawBody } = smn.sign(Buffer.from(JSON.stringify(saved)), { settings, privateKey: PRIVATE_KEY }, NOON + 999);
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8', 'x-smn-message-type': 'Notification', 'x-smn-message-id': saved['message_id'], 'x-smn-topic-urn': TOPIC });
    expect(JSON.parse(rawBody.toString('utf8'))).toEqual(signSmn({ ...saved, timestamp: '2026-03-01T12:00:00Z' }));
  });

  it.each<[string, string, string | undefined, string]>([
    ['is no JSON', '{', PRIVATE_KEY, 'it is no SMN message: look at type'],
    ['is a text', '"x"', PRIVATE_KEY, 'it is no SMN message: look at type'],
    ['is null', 'null', PRIVATE_KEY, 'it is no SMN message: look at type'],
    ['has no id and a topic that is none', JSON.stringify({ type: 'Notification', message: 'x', topic_urn: 'x' }), PRIVATE_KEY, 'it is no SMN message: look at message_id, topic_urn'],
    ['has no key to sign with', JSON.stringify(notification('x', NOON)), undefined, 'the key has to be a private key in PEM'],
    ['has a certificate for a key', JSON.stringify(notification('x', NOON)), readPem('certificate'), 'the key has to be a private key in PEM'],
  ])('for SMN is none where it %s', (_, body, privateKey, message) => {
    expect(() => smn.sign(Buffer.from(body), { settings: settingsOf({}), privateKey }, NOON)).toThrow(message);
  });
});

describe('a message of SMN', () => {
  const errorOf = (over: SmnMessage): string => {
    try {
      smn.parse({ ...notification('disk is full', NOON), ...over }, { rawBody: BODY, headers: {}, receivedAt: NOON });
      return 'none';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };

  it.each<[SmnMessage, string]>([
    [{ message_id: 'x'.repeat(256) }, 'none'],
    [{ message_id: 'x'.repeat(257) }, 'message_id: '],
    [{ message_id: '' }, 'message_id: '],
    [{ message_id: 'a\nb' }, 'message_id: takes one line'],
    [{ subject: 'a\rb' }, 'subject: '],
    [{ subject: 'x'.repeat(4_096) }, 'none'],
    [{ subject: 'x'.repeat(4_097) }, 'subject: '],
    [{ subject: '' }, 'none'],
    [{ subject: null }, 'none'],
    [{ topic_urn: `x${TOPIC}` }, 'topic_urn: has to be urn:smn:<region>:<project id>:<topic>'],
    [{ topic_urn: `${TOPIC}:x` }, 'topic_urn: has to be urn:smn:<region>:<project id>:<topic>'],
    [{ topic_urn: 'urn:smn:EU:0a1b:alarms' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn:eu-de:0_1b:alarms' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn:eu-de:0a1b:alarms.2' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn::0a1b:alarms' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn:eu-de::alarms' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn:eu-de:0a1b:' }, 'topic_urn: '],
    [{ topic_urn: 'urn:smn:eu-de:0A1b:Alarms_of-1' }, 'none'],
    [{ type: 'SubscriptionConfirmation' }, 'subscribe_url: '],
    [{ type: 'UnsubscribeConfirmation', subscribe_url: 'a\nb' }, 'subscribe_url: takes one line'],
    [{ type: 'Other' }, 'type: '],
  ])('with %j is told: %s', (over, error) => {
    expect(errorOf(over)).toMatch(error === 'none' ? /^none$/ : new RegExp(`^${error.replaceAll(/[<>]/g, '.')}`));
  });
});
