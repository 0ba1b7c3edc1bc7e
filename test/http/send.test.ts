import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openNodeSend } from '../../lib/http/send-by-node.ts';
import { UrlForbidden } from '../../lib/http/guard.ts';
import { type HttpAnswer, NoAnswer, openSend, type Send } from '../../lib/http/send.ts';

const servers: (Server | TcpServer)[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = new Promise((resolve) => void server.close(resolve));
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  }
});

async function listen<T extends Server | TcpServer>(server: T): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server on loopback that records what reached it. */
async function serve(answer: RequestListener): Promise<{ url: string; seen: { line: string; headers: IncomingHttpHeaders }[] }> {
  const seen: { line: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    answer(request, response);
  });
  return { url: await listen(server), seen };
}

/** A server that answers any bytes with `bytes` and hangs up. */
const serveBytes = (bytes: string): Promise<string> =>
  listen(
    createTcpServer((socket) => {
      socket.on('error', () => {}); // the client may be gone first
      socket.once('data', () => socket.end(bytes));
    }),
  );

const WAYS: [string, (origins: string[]) => Send][] = [['undici', openSend], ['Node', openNodeSend]];
const get = (send: Send, url: string, more: { timeoutMs?: number; signal?: AbortSignal; headers?: Record<string, string> } = {}): Promise<HttpAnswer> =>
  send({ method: 'GET', url: new URL(url), headers: {}, timeoutMs: 5_000, ...more });

describe.each(WAYS)('by %s', (_way, open) => {
  const sendTo = (...origins: string[]): Send => open(origins);

  describe('a call', () => {
    it('comes back with status, headers in lower case and text, whatever the status', async () => {
      const { url } = await serve((_, response) => response.writeHead(500, { 'X-Request-Id': 'r-1', 'Set-Cookie': ['a', 'b'] }).end('späte Antwort'));
      const answer = await get(sendTo(url), `${url}/v2`);
      expect(answer).toMatchObject({ status: 500, text: 'späte Antwort', headers: { 'x-request-id': 'r-1', 'set-cookie': 'a, b' } });
    });

    it('with POST and no body says so, as gateways want it', async () => {
      const { url, seen } = await serve((_, response) => response.end());
      await sendTo(url)({ method: 'POST', url: new URL(`${url}/kill`), headers: {}, timeoutMs: 5_000 });
      expect(seen[0]?.headers['content-length']).toBe('0');
    });

    it.each([301, 302, 303, 307, 308])('follows no redirect (%i): the other server stays untouched', async (status) => {
      const other = await serve((_, response) => response.end('reached'));
      const { url, seen } = await serve((_, response) => response.writeHead(status, { Location: `${other.url}/stolen` }).end());
      const send = sendTo(url, other.url);
      expect((await get(send, `${url}/v2`, { headers: { 'x-auth-token': 'a-token' } })).status).toBe(status);
      const posted = await send({ method: 'POST', url: new URL(`${url}/kill`), headers: {}, body: '{}', timeoutMs: 5_000 });
      expect(posted.status).toBe(status);
      expect(seen).toHaveLength(2);
      expect(other.seen).toEqual([]);
    });

    it('to a foreign origin opens no connection', async () => {
      const foreign = await serve((_, response) => response.end('reached'));
      await expect(get(sendTo('http://127.0.0.1:9'), foreign.url)).rejects.toThrow(UrlForbidden);
      await expect(get(sendTo(foreign.url), foreign.url.replace('http://', 'http://bot:password@'))).rejects.toThrow(UrlForbidden);
      expect(foreign.seen).toEqual([]);
    });

    it('takes and brings header values of more than 16 KB', async () => {
      const token = 'A'.repeat(20_000);
      const { url, seen } = await serve((_, response) => response.writeHead(201, { 'X-Subject-Token': token }).end());
      expect((await get(sendTo(url), url, { headers: { 'x-auth-token': token } })).headers['x-subject-token']).toBe(token);
      expect(seen[0]?.headers['x-auth-token']).toBe(token);
    });

    it.each([
      ['that says its length', { 'Content-Length': String(40 * 1024 * 1024) }],
      ['that comes in chunks', {}],
    ])('reads no body of more than 32 MiB (%s)', async (_, headers) => {
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      const { url } = await serve((__, response) => {
        response.writeHead(200, headers);
        let written = 0;
        const more = (): void => {
          while (written++ < 40 && !response.destroyed) if (!response.write(chunk)) return void response.once('drain', more);
          response.end();
        };
        more();
      });
      await expect(get(sendTo(url), url)).rejects.toMatchObject({ kind: 'unreachable' });
    });
  });

  describe('a call without an answer', () => {
    it.each([
      ['never begins', false],
      ['never ends', true],
    ])('counts as timed out after its time where the answer %s', async (_, begins) => {
      const { url } = await serve((__, response) => void (begins && response.writeHead(200).write('half an ans')));
      const start = performance.now();
      const failed = await get(sendTo(url), url, { timeoutMs: 150 }).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(NoAnswer);
      expect(failed).toMatchObject({ kind: 'timeout', retryable: true, message: 'timeout after 150 ms' });
      expect(performance.now() - start).toBeLessThan(4_500);
    });

    it('counts as timed out when its signal ends it', async () => {
      const { url } = await serve(() => {});
      await expect(get(sendTo(url), url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ kind: 'timeout' });
    });

    it('is not sent at all where its signal has ended before', async () => {
      const { url, seen } = await serve((_, response) => response.end());
      await expect(get(sendTo(url), url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'timeout' });
      expect((await get(sendTo(url), `${url}/next`)).status).toBe(200);
      expect(seen.map(({ line }) => line)).toEqual(['GET /next']);
    });

    it('counts as unreachable where nobody listens, and says why without an address', async () => {
      const { url } = await serve(() => {});
      servers.splice(0).forEach((server) => void server.close());
      await expect(get(sendTo(url), url)).rejects.toMatchObject({ kind: 'unreachable', message: 'connection failed (ECONNREFUSED)' });
    });

    it('counts as unreachable where the server hangs up, and is sent once', async () => {
      const { url, seen } = await serve((request) => request.socket.destroy());
      const send = sendTo(url);
      const kill = { method: 'POST', url: new URL(`${url}/kill`), headers: {}, timeoutMs: 5_000 } as const;
      await expect(send(kill)).rejects.toMatchObject({ kind: 'unreachable' });
      expect(seen).toHaveLength(1);
    });

    it('is sent once, too, on a kept connection that the server closes under it', async () => {
      const { url, seen } = await serve((request, response) => (request.method === 'POST' ? request.socket.destroy() : response.end('fine')));
      const send = sendTo(url);
      await get(send, `${url}/job`);
      await expect(send({ method: 'POST', url: new URL(`${url}/kill`), headers: {}, timeoutMs: 5_000 })).rejects.toThrow(NoAnswer);
      await get(send, `${url}/job`);
      expect(seen.filter(({ line }) => line === 'POST /kill')).toHaveLength(1);
    });

    it.each([
      ['a broken header', 'HTTP/1.1 200 OK\r\nbroken header hunter2hunter2\r\n\r\n'],
      ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2hunter2\r\n'],
      ['no HTTP at all', 'hunter2hunter2 is not HTTP\r\n\r\n'],
    ])('shows nothing of the bytes that could not be read (%s)', async (_, bytes) => {
      const url = await serveBytes(bytes);
      const failed = await get(sendTo(url), url).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'no_answer', kind: 'unreachable' });
      expect(inspect(failed, { depth: Infinity, showHidden: true })).not.toContain('hunter2');
    });
  });
});
