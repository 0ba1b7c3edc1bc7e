import { constants, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Envelope, signedText } from '../../lib/alerts/smn-signature.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { notification, readPem, signSmn, smnHeaders, type SmnMessage, textToSign, TOPIC, unsubscribeConfirmation } from '../simulator/smn-client.ts';
import { readFixtures } from './fixtures.ts';
import { calledBack, deliver, expectRefused } from './smn-delivery.ts';
import { type AlertStage, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';
import { runs } from '../support/full-size.ts';

const APP = 'application_1564622673393_0007';
const OTHER_TOPIC = `${TOPIC}-2`;
const RULE = policyOf('  - { source: smn, match: { application_id: "*" }, action: kill }');

let stage: AlertStage;
beforeEach(async () => {
  stage = await startAlertStage(RULE, { SMN_TOPICS: `${TOPIC},${OTHER_TOPIC}` });
  stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
});
afterEach(() => stage.close());

const alarm = (over: SmnMessage = {}): SmnMessage => notification(`${APP} is stuck`, NOON, over);

describe('the fixtures', () => {
  it.each(readFixtures('smn'))('are signed with the key of the simulated SMN: $name', ({ body }) => {
    const message = JSON.parse(body.toString('utf8')) as SmnMessage;
    expect(message['signature']).toBe(signSmn(message)['signature']);
  });
});

describe('a delivery of SMN', () => {
  it('with a signature that holds kills the job it speaks of, once', async () => {
    const reply = await deliver(stage, alarm());
    expect([reply.status, reply.body.results?.map(({ outcome }) => outcome)]).toEqual([202, ['accepted']]);
    expect((await deliver(stage, alarm())).body.results?.[0]?.outcome).toBe('duplicate');
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each<[string, SmnMessage]>([
    ['message', { message: 'application_1564622673393_0008 is stuck' }],
    ['message, by a blank at its end', { message: `${APP} is stuck ` }],
    ['message_id, to make a repeat new', { message_id: 'd84bd6629ef04513ad2e37bffd6e17cc' }],
    ['subject', { subject: 'SMM' }],
    ['subject, which is gone', { subject: undefined }],
    ['subject, which is empty', { subject: '' }],
    ['timestamp', { timestamp: '2026-03-01T12:00:01Z' }],
    ['timestamp, written in another way', { timestamp: '2026-03-01T12:00:00.000Z' }],
    ['topic_urn, to another one that is let in', { topic_urn: OTHER_TOPIC }],
    ['type', { type: 'UnsubscribeConfirmation', subscribe_url: 'SMN' }],
    ['signature', { signature: 'AAAA' }],
    ['signature, which is empty', { signature: '' }],
    ['signature, which is gone', { signature: undefined }],
    ['signature, which is a list', { signature: [alarm()['signature']] }],
    ['signature_version, which we do not know', { signature_version: 'v2' }],
    ['signature_version, which is gone', { signature_version: undefined }],
    ['signing_cert_url, which is gone', { signing_cert_url: undefined }],
  ])('with another %s is not let in', async (_, over) => {
    expectRefused(stage, await deliver(stage, { ...alarm(), ...over }));
  });

  it('whose subject was added later is not let in', async () => {
    expectRefused(stage, await deliver(stage, { ...alarm({ subject: '' }), subject: 'SMN' }));
  });

  it('that somebody else signed is not let in', async () => {
    expectRefused(stage, await deliver(stage, signSmn(alarm(), 'other-key')));
  });

  it.each<[string, (text: Buffer) => Buffer]>([
    ['SHA-1', (text) => sign('sha1', text, readPem('key'))],
    ['SHA-512', (text) => sign('sha512', text, readPem('key'))],
    ['PSS', (text) => sign('sha256', text, { key: readPem('key'), padding: constants.RSA_PKCS1_PSS_PADDING })],
  ])('that is signed in another way, with %s, is not let in', async (_, make) => {
    const message = alarm();
    expectRefused(stage, await deliver(stage, { ...message, signature: make(Buffer.from(textToSign(message))).toString('base64') }));
  });

  it.each([
    ['1 h old is let in', NOON - HOUR_MS, 202],
    ['1 h ahead is let in', NOON + HOUR_MS, 202],
    ['1 h and 1 s old is not', NOON - HOUR_MS - 1_000, 401],
    ['1 h and 1 s ahead is not', NOON + HOUR_MS + 1_000, 401],
  ])('that is %s', async (_, sentAt, status) => {
    expect((await deliver(stage, notification('disk is full', sentAt))).status).toBe(status);
    expect(calledBack(stage)).toHaveLength(status === 202 ? 1 : 0);
    nothingHappened(stage);
  });

  it.each(['', 'noon', '1772366400000', '2026-03-01', '2026-03-01T12:00:00'])('with the timestamp %j is not let in', async (timestamp) => {
    expectRefused(stage, await deliver(stage, alarm({ timestamp })));
  });

  it.each(['topic_urn', 'message', 'message_id', 'timestamp', 'type'])('without %s, or with a number for it, is not let in', async (name) => {
    for (const value of [undefined, 1, null]) expectRefused(stage, await deliver(stage, alarm({ [name]: value }), smnHeaders(alarm())));
  });

  it('of a type that we do not know is not let in', async () => {
    expectRefused(stage, await deliver(stage, alarm({ type: 'HttpSubscriptionUserConfirm' })));
  });

  it.each<[string, SmnMessage, Record<string, string>]>([
    ['of a topic that is not let in', { topic_urn: `${TOPIC}-3` }, {}],
    ['of a topic in other letters', { topic_urn: TOPIC.toUpperCase() }, {}],
    ['of several topics', { topic_urn: `${TOPIC},${OTHER_TOPIC}` }, {}],
    ['whose header tells of another type', {}, { 'X-SMN-MESSAGE-TYPE': 'SubscriptionConfirmation' }],
    ['that is old', { timestamp: '2026-03-01T10:00:00Z' }, {}],
  ])('%s is not let in, and SMN is not even asked for its certificate', async (_, over, headers) => {
    const message = alarm(over);
    expectRefused(stage, await deliver(stage, message, { ...smnHeaders(message), ...headers }));
    expect(calledBack(stage)).toEqual([]);
  });

  it('that names its topic twice is of the one that is read', async () => {
    const text = JSON.stringify(alarm({ topic_urn: `${TOPIC}-3` }));
    expectRefused(stage, await deliver(stage, text.replace('{', `{"topic_urn":"${TOPIC}",`), smnHeaders(alarm())));
    expectRefused(stage, await deliver(stage, text.replace(/}$/, `,"topic_urn":"${TOPIC}"}`), smnHeaders(alarm())));
  });

  it('is off while no topic is set', async () => {
    const off = await startAlertStage(RULE);
    expectRefused(off, await deliver(off, alarm()));
    expect(calledBack(off)).toEqual([]);
    await off.close();
  });
});

describe('what SMN signs', () => {
  it('is what the documentation shows', () => {
    const message = { type: 'Notification', message: 'My test message', message_id: '88c726942175432bac921eafd0036163', timestamp: '2016-08-15T07:29:16Z', topic_urn: 'urn:smn:regionId:74dc9e44d0cc4573adfce91cdfdd3ba9:xxxx' };
    const before = 'message\nMy test message\nmessage_id\n88c726942175432bac921eafd0036163\n';
    const after = 'timestamp\n2016-08-15T07:29:16Z\ntopic_urn\nurn:smn:regionId:74dc9e44d0cc4573adfce91cdfdd3ba9:xxxx\ntype\nNotification\n';
    expect(signedText('Notification', { ...message, subject: 'demo' })).toBe(`${before}subject\ndemo\n${after}`);
    for (const subject of ['', null, undefined]) expect(signedText('Notification', { ...message, subject })).toBe(before + after);
    const confirm = { ...message, type: 'SubscriptionConfirmation', subscribe_url: 'https://IP/smn', subject: 'demo' };
    expect(signedText('SubscriptionConfirmation', confirm)).toBe(`${before}subscribe_url\nhttps://IP/smn\n${after.replace('Notification', 'SubscriptionConfirmation')}`);
  });

  it('cannot be read as a second message: a text that looks like fields of its own does not make a repeat new', async () => {
    const published = `${APP} is stuck\nmessage_id\n0000\nsubject\nSMN`;
    const message = notification(published, NOON);
    const { message_id: id, subject } = message;
    const respliced = { ...message, message: `${APP} is stuck`, message_id: '0000', subject: `SMN\nmessage_id\n${String(id)}\nsubject\n${String(subject)}` };
    expect(textToSign(respliced)).toBe(textToSign(message));
    expectRefused(stage, await deliver(stage, respliced));
  });

  it('differs for any two envelopes that we would read', () => {
    const line = fc.oneof(fc.constantFrom('a', 'message_id', 'subject', 'timestamp', 'type', 'Notification', 'topic_urn', TOPIC), fc.string());
    const text = fc.oneof(line, fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n')));
    const envelope = fc.record({ message: text, message_id: text, subject: text, subscribe_url: text, type: fc.constantFrom('Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'), timestamp: fc.constantFrom('2026-03-01T12:00:00Z', '2026-03-01T12:00:01Z'), topic_urn: fc.constantFrom(TOPIC, OTHER_TOPIC) });
    const read = envelope.filter((value) => Envelope.safeParse(value).success);
    // The second is the first with its lines cut in another place.
    const respliced = read.chain((one) => {
      const lines = signedText(one.type as Envelope['type'], one).split('\n');
      return fc.tuple(fc.constant(one), fc.record({ at: fc.nat(lines.length), id: fc.nat(lines.length) }).map(({ at, id }) => ({ ...one, message: lines.slice(1, at).join('\n'), message_id: lines[id] ?? '', subject: lines.slice(at).join('\n') })));
    });
    const essence = ({ type, subject, subscribe_url, ...rest }: { type: string; subject: string; subscribe_url: string }): unknown => ({ ...rest, type, last: type === 'Notification' ? subject : subscribe_url });
    fc.assert(
      fc.property(fc.oneof(fc.tuple(read, envelope), respliced), ([one, two]) => {
        fc.pre(Envelope.safeParse(two).success && JSON.stringify(essence(one)) !== JSON.stringify(essence(two)));
        expect(signedText(one.type as Envelope['type'], one)).not.toBe(signedText(two.type as Envelope['type'], two));
      }),
      { numRuns: runs(500) },
    );
  });

  it('holds for the end of a subscription too, which is said, and called nowhere', async () => {
    const reply = await deliver(stage, unsubscribeConfirmation('a-token-that-nobody-may-see', NOON));
    expect([reply.status, reply.body]).toEqual([202, { results: [], subscription: 'ended' }]);
    expect(calledBack(stage)).toEqual([expect.stringContaining('.pem')]);
    expect(stage.lines.find((line) => line.includes('a subscription has ended'))).toContain(TOPIC);
    expect(stage.lines.join()).not.toContain('a-token-that-nobody-may-see');
    expectRefused(stage, await deliver(stage, signSmn(unsubscribeConfirmation('t', NOON), 'other-key')));
  });
});
