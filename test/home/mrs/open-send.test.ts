import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runInvocation } from '../../../home/engine/invocation.ts';
import { openHomeSend } from '../../../home/mrs/open-send.ts';
import type { HttpCall } from '../../../lib/http/send.ts';

let server: Server;
let url: URL;
let came: string[];
/** Answers nothing on `/slow`. */
beforeEach(async () => {
  came = [];
  server = createServer(({ url: path = '' }, reply) => {
    came.push(path);
    if (path !== '/slow') reply.end('done');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const call = (path: string, more: Partial<HttpCall> = {}): HttpCall => ({ method: 'POST', url: new URL(path, url), headers: {}, timeoutMs: 60_000, ...more });
const run = <T>(signal: AbortSignal, work: () => T): T => runInvocation({ name: 'kill-1', signal, waitAside: (wait) => wait }, work);

it('outside of an invocation it is the way out as ever', async () => {
  const send = openHomeSend([url.origin]);
  await expect(send(call('/fast'))).resolves.toMatchObject({ status: 200, text: 'done' });
  await expect(send(call('https://elsewhere.example/'))).rejects.toThrow();
});

it('sends nothing for an invocation that was revoked', async () => {
  const send = openHomeSend([url.origin]);
  await send(call('/first')); // its code is loaded, a connection stands
  await expect(run(AbortSignal.abort(), () => send(call('/fast')))).rejects.toMatchObject({ code: 'no_answer', message: 'this run was stopped; nothing was sent' });
  expect(came).toEqual(['/first']);
});

it('sends nothing where it is revoked while the request gets ready', async () => {
  const send = openHomeSend([url.origin]);
  const revoked = new AbortController();
  const sent = run(revoked.signal, () => send(call('/fast')));
  revoked.abort();
  await expect(sent).rejects.toMatchObject({ code: 'no_answer' });
  expect(came).toEqual([]);
});

it.each([
  ['the invocation is revoked', true],
  ['its own time is up', false],
])('breaks a request off when %s', async (_, isRevoked) => {
  const send = openHomeSend([url.origin]);
  const [revoked, late] = [new AbortController(), new AbortController()];
  const sent = run(revoked.signal, () => send(call('/slow', { signal: late.signal })));
  setTimeout(() => (isRevoked ? revoked : late).abort(), 50);
  await expect(sent).rejects.toMatchObject({ code: 'no_answer', kind: 'timeout' });
  await expect(run(new AbortController().signal, () => send(call('/fast')))).resolves.toMatchObject({ status: 200 });
});
