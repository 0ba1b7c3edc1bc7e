import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCallBack } from '../../lib/alerts/call-back.ts';
import { smn } from '../../lib/alerts/smn.ts';
import { Unauthorized } from '../../lib/core/errors.ts';
import { createSend, type Send } from '../../lib/http/send.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { CERTIFICATE_URL, notification, readPem, signSmn, smnHeaders, type SmnMessage, TOPIC } from '../simulator/smn-client.ts';
import { calledBack, deliver, expectRefused } from './smn-delivery.ts';
import { type AlertStage, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';

const APP = 'application_1564622673393_0007';
const urlOf = (name: string): string => CERTIFICATE_URL.replace('certificate', name);
const settings = readSettings({ HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'password', HW_DOMAIN_NAME: 'domain', SMN_TOPICS: TOPIC });

let stage: AlertStage;
let silent: Server;
let port: number;
let reached: string[];
beforeEach(async () => {
  stage = await startAlertStage(policyOf('  - { source: smn, match: { application_id: "*" }, action: kill }'), { SMN_TOPICS: `${TOPIC},urn:smn:eu-nl:0a1b:alarms` });
  stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
  reached = [];
  silent = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.end(readPem('certificate'));
  });
  silent.on('connection', () => reached.push('connection'));
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  port = (silent.address() as AddressInfo).port;
});
afterEach(async () => {
  const closed = new Promise((resolve) => void silent.close(resolve));
  silent.closeAllConnections();
  await closed;
  await stage.close();
});

const alarm = (over: SmnMessage = {}, sentAt = NOON): SmnMessage => notification(`${APP} is stuck`, sentAt, over);

describe('the certificate of SMN', () => {
  it.each([
    ['expired', 'key', 1],
    ['not-yet-valid', 'key', 1],
    ['other', 'key', 1],
    ['ec', 'key', 1],
    ['ec', 'ec-key', 0], // no signature of RSA is so short
    ['certificate', 'ec-key', 0],
    ['unknown', 'key', 1],
  ])('does not count where it is %s (signed with %s)', async (name, key, calls) => {
    expectRefused(stage, await deliver(stage, signSmn(alarm({ signing_cert_url: urlOf(name) }), key)));
    expect(calledBack(stage)).toHaveLength(calls);
  });

  it.each<[string, string, SmnMessage]>([
    ['of a topic that is not ours', 'topic not allowed', { topic_urn: `${TOPIC}-foreign` }],
    ['without a signature', 'no signature', { signature: undefined }],
    ['with an empty signature', 'no signature', { signature: '' }],
    ['with a made-up signature', 'no signature', { signature: 'eA==' }],
    ['with a signature that is no base64', 'no signature', { signature: '?'.repeat(344) }],
    ['of two hours ago', 'time outside the window', { timestamp: '2026-03-01T10:00:00Z' }],
    ['of the future', 'time outside the window', { timestamp: '2026-03-01T14:00:00Z' }],
    ['without a time', 'no message of SMN', { timestamp: undefined }],
    ['of a type that its header does not say', 'no message of SMN', { type: 'UnsubscribeConfirmation', subscribe_url: 'https://a' }],
    ['whose certificate has a foreign host', 'certificate is not of SMN', { signing_cert_url: 'https://evil.org/smn/SMN.pem' }],
    ['whose certificate has a query', 'certificate is not of SMN', { signing_cert_url: `${CERTIFICATE_URL}?1` }],
    ['whose certificate has a fragment', 'certificate is not of SMN', { signing_cert_url: `${CERTIFICATE_URL}#1` }],
    ['whose certificate is something else', 'certificate is not of SMN', { signing_cert_url: CERTIFICATE_URL.replace('.pem', '.html') }],
  ])('is not asked for by two hundred posts %s: each gets the 401 of all others, and the log says why', async (_, cause, over) => {
    const headers = smnHeaders(alarm());
    for (const reply of await Promise.all(Array.from({ length: 200 }, () => deliver(stage, { ...alarm(), ...over }, headers)))) expectRefused(stage, reply);
    expect(calledBack(stage)).toEqual([]);
    const lines = stage.log().filter(({ message }) => message === 'a request was refused');
    expect(lines).toHaveLength(200);
    for (const line of lines) expect(line).toMatchObject({ level: 'warn', status: 401, source: 'smn', path: '/alerts/smn', cause });
  });

  it('is asked for ten times at most by two hundred forged posts that name a new one each, and nothing was killed', async () => {
    const forged = (index: number) => deliver(stage, signSmn(alarm({ signing_cert_url: urlOf(`made-up-${'x'.repeat(index)}`) }), 'other-key'));
    const replies = await Promise.all(Array.from({ length: 200 }, (_, index) => forged(index)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401, 503]));
    expect(calledBack(stage)).toHaveLength(10);
    nothingHappened(stage);
  });

  it('that has come to its end does not count any more, and counted before', async () => {
    const check = async (iso: string): Promise<void> => {
      const message = alarm({ signing_cert_url: urlOf('expired') }, Date.parse(iso));
      const send: Send = async () => ({ status: 200, headers: {}, text: readPem('expired') });
      const headers = { 'x-smn-message-type': 'Notification' };
      await smn.verify({ headers, rawBody: Buffer.from(JSON.stringify(message)), receivedAt: Date.parse(iso) }, settings, createCallBack(send));
    };
    for (const inside of ['2020-01-01T00:00:00Z', '2025-01-01T00:00:00Z']) await expect(check(inside)).resolves.toBeUndefined();
    for (const outside of ['2019-12-31T23:59:59Z', '2025-01-01T00:00:01Z']) await expect(check(outside)).rejects.toThrow(Unauthorized);
  });

  it.each<[string, object]>([
    ['a page', { status: 200, body: '<html>Welcome</html>' }],
    ['nothing', { status: 200, body: '' }],
    ['a key', { status: 200, body: readPem('key') }],
    ['one that is cut', { status: 200, body: readPem('certificate').slice(0, 500) }],
    ['the right one with the status 203', { status: 203, body: readPem('certificate') }],
    ['404', { status: 404, body: readPem('certificate') }],
    ['more than 128 KB, whatever it begins with', { status: 200, body: readPem('certificate') + '\n'.repeat(131_072) }],
    ...[301, 302, 303, 307, 308].map((status): [string, object] => [`a redirect (${status}) to the right one`, { status, headers: { Location: CERTIFICATE_URL } }]),
  ])('does not count where its host answers with %s', async (_, fault) => {
    stage.simulator.fault({ on: 'smn-certificate', ...fault });
    expectRefused(stage, await deliver(stage, alarm()));
    expect(calledBack(stage)).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['the host hangs up', { hangUp: true }],
    ['the host answers 500', { status: 500 }],
    ['the host answers 503', { status: 503, body: readPem('certificate') }],
    ['the host answers 429', { status: 429 }],
  ])('that cannot be had now, since %s, is asked for again by the repeat: 503, and that is said', async (_, fault) => {
    stage.simulator.fault({ on: 'smn-certificate', ...fault });
    const reply = await deliver(stage, alarm());
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([503, 'KILL.0503', expect.stringMatching(/^the sender .*; send the delivery again$/)]);
    expect(stage.lines.find((line) => line.includes('a sender could not be called back'))).toContain('"source":"smn"');
    nothingHappened(stage);
    expect((await deliver(stage, alarm())).body.results?.[0]?.outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['killed']);
  });

  it('is fetched once for many deliveries, also where they come together', async () => {
    const sent = Array.from({ length: 10 }, (_, index) => notification('disk is full', NOON, { message_id: `m${index}` }));
    const replies = await Promise.all(sent.map((message) => deliver(stage, message)));
    expect(replies.map(({ status }) => status)).toEqual(sent.map(() => 202));
    expect((await deliver(stage, alarm({ message: 'disk is full' }))).status).toBe(202);
    expect(calledBack(stage)).toEqual([CERTIFICATE_URL.replace('https://', '')]);
  });

  it('is fetched anew after an hour', async () => {
    for (const [minutes, fetches] of [[0, 1], [59, 1], [60, 2], [61, 2]] as const) {
      stage.clock.advanceTo(NOON + minutes * 60_000);
      expect((await deliver(stage, notification('disk is full', stage.clock.now(), { message_id: `m${minutes}` }))).status).toBe(202);
      expect(calledBack(stage)).toHaveLength(fetches);
    }
  });

  it.each(['myhuaweicloud.com', 'myhuaweicloud.cn', 'myhuaweicloud.eu', 'otc.t-systems.com'])('may come from smn.<region>.%s of the region of the topic', async (domain) => {
    const host = `smn.eu-nl.${domain}`;
    const over = { topic_urn: 'urn:smn:eu-nl:0a1b:alarms', message: 'disk is full', signing_cert_url: `https://${host}/smn/SMN_eu-nl_certificate.pem` };
    expect((await deliver(stage, alarm(over))).status).toBe(202);
    expect(calledBack(stage)).toEqual([`${host}/smn/SMN_eu-nl_certificate.pem`]);
  });
});

const SMN_HOST = 'smn.eu-west-101.myhuaweicloud.eu';
const FOREIGN = [
  'http://127.0.0.1:<port>/smn/SMN.pem',
  'https://127.0.0.1:<port>/smn/SMN.pem',
  'http://localhost:<port>/smn/SMN.pem',
  `http://${SMN_HOST}@127.0.0.1:<port>/smn/SMN.pem`,
  `https://${SMN_HOST}:443@127.0.0.1:<port>/smn/SMN.pem`,
  `http://127.0.0.1:<port>#@${SMN_HOST}/smn/SMN.pem`,
  `http://127.0.0.1:<port>\\@${SMN_HOST}/smn/SMN.pem`,
  `http://127.0.0.1:<port>/https://${SMN_HOST}/smn/SMN.pem`,
  `http://127.0.0.1:<port>?https://${SMN_HOST}/smn/SMN.pem`,
  `http://${SMN_HOST}/smn/SMN.pem`,
  `https://${SMN_HOST}:8443/smn/SMN.pem`,
  `https://${SMN_HOST}:80/smn/SMN.pem`,
  `https://user@${SMN_HOST}/smn/SMN.pem`,
  `https://:password@${SMN_HOST}/smn/SMN.pem`,
  `https://${SMN_HOST}.evil.org/smn/SMN.pem`,
  `https://${SMN_HOST}./smn/SMN.pem`,
  `https://evil-${SMN_HOST}/smn/SMN.pem`,
  `https://evil.org/${SMN_HOST}/smn/SMN.pem`,
  `https://evil.org\\.${SMN_HOST}/smn/SMN.pem`,
  'https://smn.eu-west-0.myhuaweicloud.com/smn/SMN.pem',
  'https://smn.eu-nl.otc.t-systems.com/smn/SMN.pem',
  'https://smn.myhuaweicloud.eu/smn/SMN.pem',
  'https://smn.eu-west-101.myhuaweicloud.org/smn/SMN.pem',
  'https://obs.eu-west-101.myhuaweicloud.eu/smn/SMN.pem',
  'https://my-bucket.obs.eu-west-101.myhuaweicloud.eu/smn/SMN.pem',
  'https://console.huaweicloud.com/smn/SMN.pem',
  'file:///etc/passwd',
  'data:text/plain,certificate',
  `ftp://${SMN_HOST}/smn/SMN.pem`,
  `//${SMN_HOST}/smn/SMN.pem`,
  '/smn/SMN.pem',
  '',
];

describe('a foreign signing_cert_url', () => {
  it.each(FOREIGN)('is never called, however it is written: %s', async (template) => {
    const message = alarm({ signing_cert_url: template.replace('<port>', String(port)) });
    expectRefused(stage, await deliver(stage, message));
    expect(calledBack(stage)).toEqual([]);

    // Nor where the guard of all calls were open, and calls went out for real.
    const called: string[] = [];
    const open = createSend(() => undefined);
    const callBack = createCallBack((call) => {
      called.push(call.url.href);
      return open(call);
    });
    const headers = { 'x-smn-message-type': 'Notification' };
    await expect(smn.verify({ headers, rawBody: Buffer.from(JSON.stringify(message)), receivedAt: NOON }, settings, callBack)).rejects.toThrow(Unauthorized);
    expect([called, reached]).toEqual([[], []]);
  });

  it('would be noticed by the server that stays silent above', async () => {
    await createCallBack(createSend(() => undefined)).get(new URL(`http://127.0.0.1:${port}/smn/SMN.pem`));
    expect(reached).toEqual(['connection', 'GET /smn/SMN.pem']);
  });

  it('gets the same answer as the right one with a wrong signature, without a way back too', async () => {
    const wrong = await deliver(stage, signSmn(alarm(), 'other-key'));
    const foreign = await deliver(stage, alarm({ signing_cert_url: `http://127.0.0.1:${port}/` }));
    expect(foreign).toEqual(wrong);
    const headers = { ...smnHeaders(alarm()), 'x-smn-message-type': 'Notification' };
    await expect(smn.verify({ headers, rawBody: Buffer.from(JSON.stringify(alarm())), receivedAt: NOON }, settings)).rejects.toThrow(Unauthorized);
    expect(reached).toEqual([]);
  });
});
