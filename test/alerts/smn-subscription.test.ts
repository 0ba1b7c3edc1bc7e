import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { smn } from '../../lib/alerts/smn.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { signSmn, type SmnMessage, subscriptionConfirmation, TOPIC } from '../simulator/smn-client.ts';
import { calledBack, deliver, expectRefused } from './smn-delivery.ts';
import { type AlertStage, nothingHappened, STUCK, startAlertStage } from '../stage/alerts.ts';

const TOKEN = 'a-token-that-nobody-may-see';

let stage: AlertStage;
let silent: Server;
let port: number;
let reached: number;
beforeEach(async () => {
  stage = await startAlertStage(STUCK, { SMN_TOPICS: TOPIC });
  reached = 0;
  silent = createServer((_, response) => response.end('{"subscription_urn":"urn"}'));
  silent.on('connection', () => reached++);
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  port = (silent.address() as AddressInfo).port;
});
afterEach(async () => {
  await new Promise((resolve) => void silent.close(resolve));
  await stage.close();
});

const confirmations = (): string[] => calledBack(stage).filter((path) => !path.endsWith('.pem'));
/** Signed again, as SMN would: what is tested is what comes after the signature. */
const at = (subscribe_url: string): SmnMessage => subscriptionConfirmation(TOKEN, NOON, { subscribe_url });

describe('a subscription of a topic that is let in', () => {
  it('is confirmed by one GET, which is said', async () => {
    const reply = await deliver(stage, stage.simulator.smn.subscribe());
    expect([reply.status, reply.body]).toEqual([202, { results: [], subscription: 'confirmed' }]);
    expect(stage.simulator.smn.confirmed()).toEqual([expect.stringMatching(`^${TOPIC}:[0-9a-f]{32}$`)]);
    expect(confirmations()).toEqual(['console.eu.huaweicloud.com/smn/subscription/confirm']);
    expect(stage.log()).toContainEqual(expect.objectContaining({ message: 'a subscription was confirmed', source: 'smn', topic: TOPIC }));
    nothingHappened(stage);
  });

  it.each([
    'https://console.huaweicloud.com/smn/subscription/confirm?token=1',
    'https://console-intl.huaweicloud.com/smn/subscription/confirm?token=1',
    'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=1',
    'https://console.otc.t-systems.com/smn/subscription/confirm?token=1',
    'https://eu-west-101-console.huaweicloud.com/smn/subscription/confirm?token=1',
    'https://smn.eu-west-101.myhuaweicloud.eu/smn/subscription/confirm?token=1',
  ])('may be confirmed at %s', async (url) => {
    stage.simulator.fault({ on: 'smn-confirmation', status: 200, body: { subscription_urn: `${TOPIC}:1` } });
    expect((await deliver(stage, at(url))).body).toEqual({ results: [], subscription: 'confirmed' });
    expect(confirmations()).toEqual([url.replace('https://', '').replace('?token=1', '')]);
  });

  it.each<[string, object]>([
    ['its host hangs up', { hangUp: true }],
    ['its host answers 500', { status: 500 }],
    ['its host answers 429', { status: 429, body: { subscription_urn: 'urn' } }],
    ['its link is not good any more', {}],
    ['its host answers 404', { status: 404, body: { subscription_urn: 'urn' } }],
    ['a page comes instead', { status: 200, body: '<html>Log in</html>' }],
    ['there is no subscription in the answer', { status: 200, body: { request_id: '1' } }],
    ['the subscription in the answer has no name', { status: 200, body: { subscription_urn: '' } }],
    ['the answer is larger than 128 KB', { status: 200, body: { subscription_urn: 'x'.repeat(131_072) } }],
    ...[301, 302, 303, 307, 308].map((status): [string, object] => [`its host leads elsewhere (${status})`, { status, headers: { Location: 'http://127.0.0.1:<port>/' } }]),
  ])('is not confirmed where %s: 503, so that SMN asks again, and that is said, without the link', async (_, fault) => {
    const located = JSON.parse(JSON.stringify(fault).replace('<port>', String(port))) as object;
    if (Object.keys(fault).length > 0) stage.simulator.fault({ on: 'smn-confirmation', ...located });
    const reply = await deliver(stage, subscriptionConfirmation(TOKEN, NOON));
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([503, 'KILL.0503', expect.stringMatching(/^the (?:subscription|sender) .*; send the delivery again$/)]);
    expect(stage.lines.filter((line) => line.includes('a sender could not be called back'))).toHaveLength(1);
    expect([stage.simulator.smn.confirmed(), confirmations().length, reached]).toEqual([[], 1, 0]);
    expect(stage.lines.join() + reply.text).not.toContain(TOKEN);
    nothingHappened(stage);
  });

  it('is confirmed when SMN asks again after a failure', async () => {
    const message = stage.simulator.smn.subscribe();
    stage.simulator.fault({ on: 'smn-confirmation', status: 502 });
    expect((await deliver(stage, message)).status).toBe(503);
    expect((await deliver(stage, message)).status).toBe(202);
    expect(stage.simulator.smn.confirmed()).toHaveLength(1);
  });
});

describe('a subscription is not confirmed, and nothing is called for it,', () => {
  it.each<[string, () => SmnMessage]>([
    ['of a topic that is not let in', () => signSmn({ ...stage.simulator.smn.subscribe(), topic_urn: `${TOPIC}-2` })],
    ['that somebody else signed', () => signSmn(stage.simulator.smn.subscribe(), 'other-key')],
    ['whose link was altered', () => ({ ...stage.simulator.smn.subscribe(), subscribe_url: 'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=1' })],
    ['whose type was altered', () => ({ ...stage.simulator.smn.subscribe(), type: 'UnsubscribeConfirmation' })],
    ['that is old', () => subscriptionConfirmation(TOKEN, NOON - HOUR_MS - 1_000)],
    ['that is signed, but has no link', () => subscriptionConfirmation(TOKEN, NOON, { subscribe_url: undefined })],
    ['with a link of two lines', () => at('https://console.eu.huaweicloud.com/smn/\nsubscription/confirm')],
  ])('%s', async (_, make) => {
    expectRefused(stage, await deliver(stage, make()));
    expect(confirmations()).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:<port>/smn/subscription/confirm',
    'https://127.0.0.1:<port>/smn/subscription/confirm',
    'http://console.eu.huaweicloud.com@127.0.0.1:<port>/smn/subscription/confirm',
    'http://127.0.0.1:<port>\\@console.eu.huaweicloud.com/smn/subscription/confirm',
    'http://console.eu.huaweicloud.com/smn/subscription/confirm',
    'https://console.eu.huaweicloud.com:8443/smn/subscription/confirm',
    'https://console.eu.huaweicloud.com.evil.org/smn/subscription/confirm',
    'https://evil.org/console.eu.huaweicloud.com',
    'https://user@console.eu.huaweicloud.com/smn/subscription/confirm',
    'https://eu-west-0-console.huaweicloud.com/smn/subscription/confirm',
    'https://smn.eu-west-0.myhuaweicloud.com/smn/subscription/confirm',
    'https://www.huaweicloud.com/smn/subscription/confirm',
    'https://169.254.169.254/latest/meta-data/',
    'http://[::1]:<port>/smn/subscription/confirm',
    'file:///etc/passwd',
    'confirm',
  ])('with a signature that holds and the foreign subscribe_url %s: 400, which names the field', async (template) => {
    const message = at(template.replace('<port>', String(port)));
    const reply = await deliver(stage, message);
    expect([reply.status, reply.body.error_msg]).toEqual([400, 'subscribe_url: its host is not one of SMN or its consoles; confirm the subscription by hand']);
    expect(() => smn.parse(message, { rawBody: Buffer.alloc(0), headers: {}, receivedAt: NOON })).toThrow(InvalidRequest);
    expect([confirmations(), reached]).toEqual([[], 0]);
    nothingHappened(stage);
  });
});
