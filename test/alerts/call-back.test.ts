import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createCallBack, MOST_BYTES } from '../../lib/alerts/call-back.ts';
import { CallBackFailed } from '../../lib/core/errors.ts';
import { UrlForbidden } from '../../lib/http/guard.ts';
import { AnswerTooLarge, type HttpAnswer, NoAnswer, openSend, type Send } from '../../lib/http/send.ts';

const HOUR_MS = 3_600_000;
const url = (path: string): URL => new URL(path, 'https://smn.eu-west-101.myhuaweicloud.eu');
const page = (text: string, status = 200): HttpAnswer => ({ status, headers: {}, text });

/** A way back whose answers are given, or thrown, one for each call and the last for all others. */
function scripted(...answers: (HttpAnswer | Error)[]): { callBack: ReturnType<typeof createCallBack>; calls: string[] } {
  const calls: string[] = [];
  const send: Send = async ({ method, url: { pathname, search } }) => {
    const answer = answers[Math.min(calls.length, answers.length - 1)] ?? page('');
    calls.push(`${method} ${pathname}${search}`);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { callBack: createCallBack(send), calls };
}

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = undefined;
});
async function serve(text: string): Promise<string> {
  const listening = createServer((_, response) => response.end(text));
  server = listening;
  await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

describe('a call back', () => {
  it.each([200, 204, 301, 400, 401, 404])('gives the answer that stays: %i', async (status) => {
    expect(await scripted(page('x', status)).callBack.get(url('/a'))).toEqual(page('x', status));
  });

  it.each<[string, HttpAnswer | Error]>([
    ['429', page('x', 429)],
    ['500', page('x', 500)],
    ['503', page('x', 503)],
    ['no connection', new NoAnswer('unreachable', 'connection failed (ECONNREFUSED)')],
    ['no answer in time', new NoAnswer('timeout', 'no answer within 8000 ms')],
  ])('fails where what comes passes: %s; the error names no URL', async (_, answer) => {
    const failed = await scripted(answer).callBack.get(url('/a?token=secret')).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CallBackFailed);
    expect((failed as Error).message).toMatch(/^the sender /);
    expect((failed as Error).message).not.toMatch(/secret|myhuaweicloud/);
    expect((failed as Error).cause).toBe(answer instanceof Error ? answer : undefined);
  });

  it('to a host that nobody named is a bug, and goes nowhere', async () => {
    const callBack = createCallBack(openSend([]));
    await expect(callBack.get(url('/a'))).rejects.toThrow(UrlForbidden);
    await expect(callBack.getKept(url('/a'), 0)).rejects.toThrow(UrlForbidden);
  });

  it('reads 128 KB and no byte more', async () => {
    for (const [bytes, expected] of [[MOST_BYTES, MOST_BYTES], [MOST_BYTES + 1, undefined]] as const) {
      const origin = await serve('x'.repeat(bytes));
      const send = openSend([origin], MOST_BYTES);
      expect((await createCallBack(send).get(new URL(origin)))?.text.length).toBe(expected);
      if (expected === undefined) await expect(send({ method: 'GET', url: new URL(origin), headers: {}, timeoutMs: 5_000 })).rejects.toThrow(AnswerTooLarge);
      server?.closeAllConnections();
      await new Promise((resolve) => void server?.close(resolve));
    }
    server = undefined;
  });
});

describe('an answer that is kept', () => {
  it('is asked for once in an hour', async () => {
    const { callBack, calls } = scripted(page('one'), page('two'));
    expect([await callBack.getKept(url('/a'), 0), await callBack.getKept(url('/a'), HOUR_MS - 1)]).toEqual([page('one'), page('one')]);
    expect(await callBack.getKept(url('/a'), HOUR_MS)).toEqual(page('two'));
    expect(calls).toEqual(['GET /a', 'GET /a']);
  });

  it('is asked for once by all who want it at the same time, also where that fails, and then anew', async () => {
    const { callBack, calls } = scripted(page('', 500), page('one'));
    const first = await Promise.allSettled([1, 2, 3].map(() => callBack.getKept(url('/a'), 0)));
    expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await Promise.all([1, 2, 3].map(() => callBack.getKept(url('/a'), 0)))).toEqual([page('one'), page('one'), page('one')]);
    expect(calls).toHaveLength(2);
  });

  it.each<[string, HttpAnswer | Error]>([['404', page('', 404)], ['302', page('', 302)], ['too large', new AnswerTooLarge('unreachable', 'connection failed')]])('is kept for a minute only where it is %s', async (_, answer) => {
    const { callBack, calls } = scripted(answer, page('one'));
    for (const [now, count] of [[0, 1], [59_999, 1], [60_000, 2], [120_000, 2]] as const) {
      await callBack.getKept(url('/a'), now);
      expect(calls).toHaveLength(count);
    }
  });

  it('is asked for ten times a minute, however many URLs there are: the eleventh fails without a call, and what is kept stays', async () => {
    const { callBack, calls } = scripted(page('one'), page('', 404));
    await callBack.getKept(url('/good'), 0);
    for (let minute = 1; minute < 5; minute++) {
      for (let index = 0; index < 200; index++) await callBack.getKept(url(`/a?${minute}-${index}`), minute * 60_000).catch((error: unknown) => expect(error).toEqual(new CallBackFailed('the sender was called back too often within a minute')));
      expect(calls).toHaveLength(1 + minute * 10);
      expect(await callBack.getKept(url('/good'), minute * 60_000)).toEqual(page('one'));
    }
  });

  it('stays where an older call for it fails late', async () => {
    let fail: ((error: Error) => void) | undefined;
    let calls = 0;
    const callBack = createCallBack(() => (++calls === 1 ? new Promise<never>((_, reject) => (fail = reject)) : Promise.resolve(page('two'))));
    const first = callBack.getKept(url('/a'), 0);
    expect(await callBack.getKept(url('/a'), HOUR_MS)).toEqual(page('two'));
    fail?.(new NoAnswer('timeout', 'no answer within 8000 ms'));
    await expect(first).rejects.toThrow(CallBackFailed);
    expect([await callBack.getKept(url('/a'), HOUR_MS), calls]).toEqual([page('two'), 2]);
  });

  it('goes by its whole URL, and the oldest of seventeen goes', async () => {
    const { callBack, calls } = scripted(page('one'));
    for (let index = 0; index < 17; index++) await callBack.getKept(url(`/a?${index}`), index * 60_000);
    expect(calls).toHaveLength(17);
    const later = 17 * 60_000;
    await callBack.getKept(url('/a?16'), later);
    await callBack.getKept(url('/a?1'), later);
    expect(calls).toHaveLength(17);
    await callBack.getKept(url('/a?0'), later);
    expect(calls).toHaveLength(18);
  });
});
