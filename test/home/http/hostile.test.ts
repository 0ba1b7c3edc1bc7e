import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TooLarge } from '../../../lib/core/errors.ts';
import type { HttpReply, HttpRequest } from '../../../lib/http/reply.ts';
import { until } from '../../support/until.ts';
import { answersIn, sendRaw, type Served, serve } from './served.ts';

const HOST = 'Host: x\r\n';
const MIB = 1024 * 1024;
const inShape = (status: number): object => ({ error_code: `KILL.0${status}`, error_msg: expect.any(String), request_id: expect.stringMatching(/^request-\d$/) });

let served: Served;
afterEach(() => served.stop(0));

describe('what is no request', () => {
  beforeEach(async () => void (served = await serve()));

  it.each([
    ['garbage', 'garbage\r\n\r\n', 400],
    ['bytes of a TLS handshake', Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]), 400],
    ['a method that nobody knows', `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['two hosts', `GET / HTTP/1.1\r\n${HOST}host: y\r\nConnection: close\r\n\r\n`, 400],
    ['two hosts of HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, 400],
    ['a line break in a header', `GET / HTTP/1.1\r\n${HOST}a: b\nc\r\n\r\n`, 400],
    ['two lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    ['a length and chunks', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a length that is no number', `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
    ['a chunk that is none', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ['CONNECT', `CONNECT x:443 HTTP/1.1\r\n${HOST}\r\n`, 400],
    ['an expectation that nobody knows', `POST / HTTP/1.1\r\n${HOST}Expect: tea\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, 417],
    ['headers larger than 64 KiB', `GET / HTTP/1.1\r\n${HOST}a: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['more than 100 headers', `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n${'a: b\r\n'.repeat(100)}\r\n`, 431],
  ])('%s is answered in shape, and the server lives', async (_what, bytes, status) => {
    const [answer, ...more] = answersIn(await sendRaw(served.port, bytes));
    expect([answer?.status, answer?.body, more]).toEqual([status, inShape(status), []]);
    expect(served.lines.filter(({ message }) => message === 'a request was refused')).toMatchObject([{ status }]);
    expect(served.requests).toEqual([]);
    expect((await fetch(served.url)).status).toBe(200);
  });
});

describe('a body', () => {
  // As the routes do.
  const handle = async ({ rawBody: { length: bytes } }: HttpRequest): Promise<HttpReply> => {
    if (bytes > MIB) throw new TooLarge('the body is larger than 1 MiB');
    return { status: 200, body: { bytes } };
  };
  beforeEach(async () => void (served = await serve({ handle, limits: { drainMs: 100 } })));

  it.each([
    ['by its length', `Content-Length: ${MIB + 1}\r\n\r\n`],
    ['by far, asked for leave before', `Content-Length: ${10_000 * MIB}\r\nExpect: 100-continue\r\n\r\n`],
    ['by what comes', `Transfer-Encoding: chunked\r\n\r\n${(MIB + 1).toString(16)}\r\n${'x'.repeat(MIB + 1)}\r\n`],
  ])('that is too large %s gets a 413, and its connection ends', async (_how, rest) => {
    const [answer, ...more] = answersIn(await sendRaw(served.port, `POST /a HTTP/1.1\r\n${HOST}${rest}`));
    expect([answer?.status, answer?.body, more]).toEqual([413, { ...inShape(413), error_msg: 'the body is larger than 1 MiB' }, []]);
    expect(answer?.head).toMatch(/^connection: close$/im);
    expect(served.requests.map(({ rawBody }) => rawBody.equals(Buffer.alloc(MIB + 1)))).toEqual([true]); // nothing of it is handed on
  });

  it('that is too large does not keep its client from reading why', async () => {
    const answer = await fetch(`${served.url}/a`, { method: 'POST', body: 'x'.repeat(20 * MIB) });
    expect([answer.status, await answer.json()]).toEqual([413, { ...inShape(413), error_msg: 'the body is larger than 1 MiB' }]);
  });

  it.each([
    ['of 1 MiB', Buffer.alloc(MIB)],
    ['that is no UTF-8', Buffer.from([0xff, 0xfe, 0x00])],
    ['of nothing', Buffer.alloc(0)],
  ])('%s comes as its bytes', async (_what, body) => {
    expect((await fetch(`${served.url}/a`, { method: 'POST', body })).status).toBe(200);
    expect(served.requests.map(({ rawBody }) => rawBody.equals(body))).toEqual([true]);
  });

  it('is asked for where its client waits for that', async () => {
    const text = await sendRaw(served.port, `POST /a HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n`, 'abc');
    expect(answersIn(text).map(({ status }) => status)).toEqual([100, 200]);
  });

  it('longer than it says is answered for what it says, and what comes after it with 400', async () => {
    const answers = answersIn(await sendRaw(served.port, `POST /a HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabcdef\r\n\r\n`));
    expect(answers[0]).toMatchObject({ status: 200, body: { bytes: 3 } });
    expect(served.requests).toHaveLength(1);
  });
});

describe('a client that is slow', () => {
  it.each([
    ['with its head', `GET / HTTP/1.1\r\n${HOST}`],
    ['with its body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`],
    ['and says nothing at all', ''],
  ])('%s gets a 408', async (_with, bytes) => {
    served = await serve({ limits: { headMs: 100, requestMs: 200 } });
    const [answer] = answersIn(await sendRaw(served.port, bytes));
    expect([answer?.status, answer?.body]).toEqual([408, expect.objectContaining({ error_code: 'KILL.0408' })]);
    expect(served.requests).toEqual([]);
  });

  it('to read is let go', async () => {
    served = await serve({ limits: { silentMs: 100 }, handle: () => new Promise(() => undefined) });
    expect(await sendRaw(served.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).toBe('');
  });
});

describe('connections', () => {
  it('over the limit are closed, said once, and the others go on', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    served = await serve({ limits: { connections: 2 }, handle: async () => held.then(() => ({ status: 200, body: {} })) });
    const line = `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`;
    const first = [sendRaw(served.port, line), sendRaw(served.port, line)];
    await until(() => served.requests.length === 2);
    expect(await Promise.all([sendRaw(served.port, line), sendRaw(served.port, line)])).toEqual(['', '']);
    release();
    expect((await Promise.all(first)).map((text) => answersIn(text)[0]?.status)).toEqual([200, 200]);
    expect(served.lines.filter(({ message }) => message.startsWith('a connection was closed'))).toHaveLength(1);
  });

  it('carry requests one after the other, answered in their order', async () => {
    served = await serve({ handle: async ({ path }) => new Promise((resolve) => setTimeout(() => resolve({ status: 200, body: { path } }), path === '/1' ? 50 : 0)) });
    const text = await sendRaw(served.port, `GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2?q HTTP/1.1\r\n${HOST}\r\nGET http://elsewhere/3 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect(answersIn(text).map(({ body }) => body)).toEqual([{ path: '/1' }, { path: '/2' }, { path: '/3' }]);
  });

  it('that break in the middle of a request leave the others alone', async () => {
    served = await serve();
    const socket = connect(served.port, '127.0.0.1', () => socket.write(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`, () => socket.resetAndDestroy()));
    await until(() => served.lines.some(({ message }) => message.startsWith('a client went away')));
    expect((await fetch(served.url)).status).toBe(200);
    expect(served.requests).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('to HEAD has no body', async () => {
    served = await serve();
    expect(await sendRaw(served.port, `HEAD /health HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
  });

  it('that takes too long is a 504, in time', async () => {
    served = await serve({ limits: { handleMs: 1_100 }, handle: () => new Promise(() => undefined) });
    const answer = await fetch(served.url);
    expect([answer.status, await answer.json()]).toEqual([504, expect.objectContaining(inShape(504))]);
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('the secret inside'))],
    ['throws nothing that can be named', async () => Promise.reject()],
    ['gives what no JSON can hold', async () => ({ status: 200, body: { big: 1n } })],
    ['gives a header that cannot be sent', async () => ({ status: 200, body: {}, headers: { a: 'b\r\nc' } })],
  ])('of a handler that %s is no crash, and tells nothing', async (what, handle) => {
    served = await serve({ handle });
    const answer = await fetch(served.url).catch(() => undefined);
    if (what.startsWith('gives a header')) expect(answer).toBeUndefined();
    else expect([answer?.status, await answer?.json()]).toEqual([500, { ...inShape(500), error_msg: 'unexpected error; look for this request_id in the log' }]);
    expect(served.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('a server that stops', () => {
  it('answers what it has begun, refuses what still comes with 503, and takes no connection', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    served = await serve({ handle: async () => held.then(() => ({ status: 200, body: {} })) });
    let stopped: Promise<void> = Promise.resolve();
    const line = `GET / HTTP/1.1\r\n${HOST}\r\n`;
    const text = sendRaw(served.port, line, async () => {
      await until(() => served.requests.length === 1);
      stopped = served.stop(5_000);
    });
    await until(() => served.requests.length === 1);
    const late = fetch(served.url).then(({ status }) => status, () => 'refused' as const);
    await expect(Promise.race([late, new Promise((resolve) => setTimeout(() => resolve('waits'), 1_000))])).resolves.toBe('refused');
    release();
    expect(answersIn(await text).map(({ status }) => status)).toEqual([200]);
    await stopped;
  });

  it('tells who comes on an open connection to come again', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    served = await serve({ handle: async () => held.then(() => ({ status: 200, body: {} })) });
    const line = `GET / HTTP/1.1\r\n${HOST}\r\n`;
    const other = sendRaw(served.port, line);
    const text = sendRaw(served.port, 'GET /', async () => {
      await until(() => served.requests.length === 1);
      void served.stop(5_000);
    }, line.slice(5));
    const [answer] = answersIn(await text);
    expect([answer?.status, answer?.body]).toEqual([503, expect.objectContaining({ error_code: 'KILL.0503' })]);
    expect(answer?.head).toMatch(/^retry-after: 5$/im);
    release();
    await other;
  });

  it('waits no longer than it is told', async () => {
    served = await serve({ handle: () => new Promise(() => undefined) });
    const text = sendRaw(served.port, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    await until(() => served.requests.length === 1);
    await served.stop(50);
    expect(await text).toBe('');
  });
});
