import { describe, expect, it } from '@jest/globals';
import { InvalidRequest, SettingsInvalid, TooLarge, Unauthorized } from '../lib/core/errors.ts';
import { http } from '../functions/aws/http.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lib/http/reply.ts';
import { createLog } from '../lib/log/log.ts';
import { type EventOptions, httpEvent, lambdaContext } from './support/http-event.ts';

const UNEXPECTED = {
  error_code: 'KILL.0500',
  error_msg: 'unexpected error; look for this request_id in the log',
  request_id: 'request-1',
};

function handlerOf(handle: (request: HttpRequest) => Promise<HttpReply>) {
  const lines: any[] = [];
  const log = createLog({ level: 'info', now: () => 1_795_000_000_000, write: (line) => void lines.push(JSON.parse(line)) });
  const handler = http({ log, clock: { now: () => 1_795_000_000_000 } }, handle);
  const call = async (event: unknown = httpEvent('GET /'), remainingMs?: number) => {
    const { statusCode, headers, body } = await handler(event as ReturnType<typeof httpEvent>, lambdaContext(remainingMs));
    return { status: statusCode, headers: headers ?? {}, body: JSON.parse(body ?? '') as unknown };
  };
  return { call, lines };
}

async function requestOf(line: string, options: EventOptions = {}): Promise<HttpRequest> {
  let seen: HttpRequest | undefined;
  await handlerOf(async (request) => {
    seen = request;
    return { status: 200, body: {} };
  }).call(httpEvent(line, options));
  if (seen === undefined) throw new Error('the handler was not called');
  return seen;
}

describe('a request', () => {
  it('has method, path, and header names in lower case', async () => {
    const request = await requestOf('POST /a/b?c=d', { headers: { 'X-Auth-Token': 'T', PREFER: 'wait=1' } });
    expect([request.method, request.path, request.headers]).toEqual(['POST', '/a/b', { 'x-auth-token': 'T', prefer: 'wait=1' }]);
  });

  it.each([
    ['no body', {}, ''],
    ['text', { body: 'grüße' }, 'grüße'],
    ['base64', { body: Buffer.from('grüße').toString('base64'), isBase64Encoded: true }, 'grüße'],
    ['text that looks like base64', { body: 'YQ==' }, 'YQ=='],
  ])('has the bytes as they were sent: %s', async (_case, options, text) => {
    expect((await requestOf('POST /', options)).rawBody).toEqual(Buffer.from(text));
  });

  it('has to be answered two seconds before the function is ended', async () => {
    const { receivedAt, answerBy } = await requestOf('GET /');
    expect(answerBy - receivedAt).toBeGreaterThan(26_900);
    expect(answerBy - receivedAt).toBeLessThanOrEqual(27_000);
  });
});

describe('a reply', () => {
  it('carries the request id, and its own headers beside ours', async () => {
    const { call } = handlerOf(async () => ({ status: 202, body: { outcome: 'accepted' }, headers: { 'retry-after': '5' } }));
    expect(await call()).toEqual({
      status: 202,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-request-id': 'request-1',
        'retry-after': '5',
      },
      body: { outcome: 'accepted' },
    });
  });

  it('with an error has code, message and request id', async () => {
    expect(errorReply(403, 'no')).toEqual({ status: 403, body: { error_code: 'KILL.0403', error_msg: 'no' } });
    const { call } = handlerOf(async () => errorReply(500, 'no', { errorCode: '0175', headers: { 'retry-after': '1' } }));
    const reply = await call();
    expect([reply.status, reply.body, reply.headers['retry-after']]).toEqual([
      500, { error_code: '0175', error_msg: 'no', request_id: 'request-1' }, '1',
    ]); // prettier-ignore
  });
});

describe('a handler always answers in the error shape', () => {
  it.each([
    ['InvalidRequest', new InvalidRequest('field: what to do'), 400, 'KILL.0400', 'field: what to do'],
    ['Unauthorized', new Unauthorized('wrong token'), 401, 'KILL.0401', 'authentication failed'],
    ['TooLarge', new TooLarge('too large'), 413, 'KILL.0413', 'too large'],
    ['SettingsInvalid', new SettingsInvalid([{ name: 'A', problem: 'is required' }]), 500, 'KILL.0500', 'settings: A: is required'],
  ])('that throws %s', async (_name, error, status, code, message) => {
    const { call } = handlerOf(async () => Promise.reject(error));
    const reply = await call();
    expect([reply.status, reply.body]).toEqual([status, { error_code: code, error_msg: message, request_id: 'request-1' }]);
    expect(reply.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  it.each([
    ['an error', new Error('the secret inside')],
    ['undefined', undefined],
    ['null', null],
    ['0', 0],
    ['a text', 'the secret inside'],
    ['an error with a cause that goes in circles', new Error('outer', { cause: circular })],
    ['an object with a number no JSON knows', { big: 1n }],
    ['a frozen error', Object.freeze(new Error('the secret inside'))],
  ])('that throws %s', async (_name, thrown) => {
    for (const handle of [
      async () => Promise.reject(thrown),
      () => {
        throw thrown;
      },
    ]) {
      const { call, lines } = handlerOf(handle);
      const reply = await call();
      expect([reply.status, reply.body, reply.headers['x-request-id']]).toEqual([500, UNEXPECTED, 'request-1']);
      expect(lines).toEqual([expect.objectContaining({ level: 'error', message: 'unexpected error', request_id: 'request-1' })]);
    }
  });

  it('that throws leaves its error and stack in the log', async () => {
    const { call, lines } = handlerOf(async () => Promise.reject(new TypeError('a bug', { cause: new Error('below') })));
    await call();
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'error',
        message: 'unexpected error',
        error: { name: 'TypeError', message: 'a bug', cause: { name: 'Error', message: 'below' } },
        stack: expect.stringContaining('lambda.test.ts'),
      }),
    ]);
  });

  it.each([
    ['no headers', { ...httpEvent('GET /'), headers: undefined }],
    ['no request context', { ...httpEvent('GET /'), requestContext: undefined }],
    ['nothing', undefined],
    ['of another kind', { Records: [] }],
  ])('to an event that has %s', async (_name, event) => {
    const { call } = handlerOf(async () => ({ status: 200, body: {} }));
    if (event === undefined) {
      const handler = http({ log: createLog({ level: 'info', now: () => 0, write: () => undefined }), clock: { now: () => 0 } }, async () => ({ status: 200, body: {} }));
      expect((await handler(undefined as never, lambdaContext())).statusCode).toBe(500);
      return;
    }
    const reply = await call(event);
    expect([reply.status, reply.body]).toEqual([500, UNEXPECTED]);
  });

  it('that gives a reply no JSON can hold', async () => {
    const { call } = handlerOf(async () => ({ status: 200, body: { circular } }));
    expect((await call()).body).toEqual(UNEXPECTED);
  });

  it('whose log cannot be written', async () => {
    const log = createLog({
      level: 'info',
      now: () => 0,
      write() {
        throw new Error('disk full');
      },
    });
    const { statusCode } = await http({ log, clock: { now: () => 0 } }, async () => Promise.reject(new Error('bug')))(httpEvent('GET /'), lambdaContext());
    expect(statusCode).toBe(500);
  });

  it.each([
    ['1.1 s', 1_100],
    ['less time than it keeps for itself', 500],
    ['no time at all', 0],
  ])('that takes too long, in time: it has %s', async (_case, remainingMs) => {
    const { call, lines } = handlerOf(() => new Promise(() => undefined));
    const began = Date.now();
    const reply = await call(httpEvent('GET /'), remainingMs);
    expect([reply.status, reply.body]).toEqual([
      504, { error_code: 'KILL.0504', error_msg: 'no answer in time; look at the job before you send this again', request_id: 'request-1' },
    ]); // prettier-ignore
    expect(Date.now() - began).toBeLessThan(400);
    expect(lines).toEqual([expect.objectContaining({ level: 'error', message: 'no answer in time' })]);
  });
});
