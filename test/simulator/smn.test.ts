import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UrlForbidden } from '../../lib/http/guard.ts';
import { send } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { CERTIFICATE_URL, deliverSmn, notification, readPem, textToSign, TOPIC } from './smn-client.ts';
import { openSendTo } from './smn-send.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const PATH_OF_CERTIFICATE = CERTIFICATE_URL.replace('https://', '/smn-host/') as `/${string}`;
let now: number;
let simulator: Simulator;
let endpoint: Server | undefined;

beforeEach(async () => {
  now = NOON;
  simulator = await startSimulator({ now: () => now });
});
afterEach(async () => {
  await simulator.close();
  endpoint?.closeAllConnections();
  await new Promise<void>((resolve) => (endpoint ? endpoint.close(() => resolve()) : resolve()));
  endpoint = undefined;
});

const linkOf = (message: Record<string, unknown>): `/${string}` => String(message['subscribe_url']).replace('https://', '/smn-host/') as `/${string}`;

describe('the simulated SMN', () => {
  it('signs with the key of the certificate that it serves', async () => {
    const reply = await send(simulator, `GET ${PATH_OF_CERTIFICATE}`);
    const message = notification({ hello: 'world' }, NOON);
    const signature = Buffer.from(String(message['signature']), 'base64');
    expect(verify('sha256', Buffer.from(textToSign(message)), createPublicKey(reply.text), signature)).toBe(true);
    expect(message).toMatchObject({ message: '{"hello":"world"}', timestamp: '2026-11-22T12:00:00Z', signing_cert_url: CERTIFICATE_URL, signature_version: 'v1' });
  });

  it.each([
    ['certificate', 2020, 2126],
    ['expired', 2020, 2025],
    ['not-yet-valid', 2125, 2126],
    ['other', 2020, 2126],
    ['ec', 2020, 2126],
  ])('serves the certificate %s, valid from %i to %i', async (name, from, to) => {
    const reply = await send(simulator, `GET ${PATH_OF_CERTIFICATE.replace('certificate', name) as `/${string}`}`);
    const { validFromDate, validToDate } = new X509Certificate(reply.text);
    expect([validFromDate.getUTCFullYear(), validToDate.getUTCFullYear()]).toEqual([from, to]);
  });

  it.each(['key', 'other-key', 'ec-key', 'unknown'])('serves no %s', async (name) => {
    expect((await send(simulator, `GET ${PATH_OF_CERTIFICATE.replace('certificate', name) as `/${string}`}`)).status).toBe(404);
  });

  it('confirms a subscription by the link that it sent, for 48 h', async () => {
    const link = linkOf(simulator.smn.subscribe());
    now += 48 * 3_600_000;
    const reply = await send(simulator, `GET ${link}`);
    expect([reply.status, reply.json().subscription_urn]).toEqual([200, expect.stringMatching(`^${TOPIC}:[0-9a-f]{32}$`)]);
    expect(simulator.smn.confirmed()).toEqual([reply.json().subscription_urn]);
    now += 1;
    expect((await send(simulator, `GET ${link}`)).status).toBe(400);
    expect((await send(simulator, `GET ${link.replace(/token=\w+/, 'token=1') as `/${string}`}`)).status).toBe(400);
    expect(simulator.smn.confirmed()).toHaveLength(1);
  });

  it('misbehaves on demand', async () => {
    simulator.fault({ on: 'smn-certificate', status: 302, headers: { Location: 'http://127.0.0.1:1/' } });
    simulator.fault({ on: 'smn-confirmation', status: 200, body: '<html></html>', thenDo: 'nothing' });
    const certificate = await fetch(simulator.url + PATH_OF_CERTIFICATE, { redirect: 'manual' });
    const confirmation = await send(simulator, `GET ${linkOf(simulator.smn.subscribe())}`);
    expect([certificate.status, confirmation.text, simulator.smn.confirmed()]).toEqual([302, '<html></html>', []]);
    expect((await send(simulator, `GET ${PATH_OF_CERTIFICATE}`)).text).toBe(readPem('certificate'));
  });

  it('publishes to an endpoint with the headers of SMN', async () => {
    const seen: unknown[] = [];
    endpoint = createServer(async (request, response) => {
      seen.push([request.method, request.headers['x-smn-message-type'], request.headers['x-smn-topic-urn'], request.headers['x-smn-message-id'], JSON.parse(await text(request))]);
      response.writeHead(202).end('{}');
    });
    await new Promise<void>((resolve) => void endpoint?.listen(0, '127.0.0.1', resolve));
    const message = notification('disk is full', NOON);
    const reply = await deliverSmn(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/alerts/smn`, message);
    expect([reply.status, seen]).toEqual([202, [['POST', 'Notification', TOPIC, message['message_id'], message]]]);
  });

  it('is reached by the real URLs in tests only past the guard that judges them', async () => {
    const open = openSendTo(simulator.url);
    const call = { method: 'GET' as const, url: new URL(CERTIFICATE_URL), headers: {}, timeoutMs: 5_000 };
    expect((await open(['https://smn.eu-west-101.myhuaweicloud.eu'])(call)).text).toBe(readPem('certificate'));
    await expect(open([])(call)).rejects.toThrow(UrlForbidden);
    expect(simulator.requests).toHaveLength(1);
  });
});
