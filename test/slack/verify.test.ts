import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Unauthorized } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { verifySlackSignature } from '../../lib/slack/verify.ts';

type Vectors = { vectors: { name: string; body_file: string; secret: string; headers: Record<string, string> }[] };

const FIXTURES = join(import.meta.dirname, '../fixtures/slack');
const { vectors } = JSON.parse(readFileSync(join(FIXTURES, 'signature-vectors.json'), 'utf8')) as Vectors;

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const OTHER = 'another-signing-secret-0123456789';
const SIGNED_SEC = 1_531_420_618;
const SIGNED_MS = 1_531_420_618_000;
const FIVE_MIN_MS = 300_000;
const BODY = Buffer.from('command=%2Fmrs&text=kill+nightly-etl');

const sign = (body: Buffer, timestamp = String(SIGNED_SEC), secret = SECRET): string =>
  `v0=${createHmac('sha256', secret).update(Buffer.concat([Buffer.from(`v0:${timestamp}:`), body])).digest('hex')}`;

const headersFor = (body: Buffer, timestamp?: string, secret?: string): Record<string, string> => ({
  'x-slack-request-timestamp': timestamp ?? String(SIGNED_SEC),
  'x-slack-signature': sign(body, timestamp, secret),
});

function isTaken(headers: Record<string, string>, { body = BODY, receivedAt = SIGNED_MS, secrets = [SECRET] }: { body?: Buffer; receivedAt?: number; secrets?: string[] } = {}): boolean {
  try {
    verifySlackSignature({ headers, rawBody: body, receivedAt }, secrets.map((secret) => new Secret(secret)));
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Unauthorized);
    expect((error as Error).message).toBe('authentication failed');
    return false;
  }
}

describe('a request from Slack', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('is taken by the known signature of %s', (_, { body_file: file, secret, headers }) => {
    const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const receivedAt = Number(lowerCase['x-slack-request-timestamp']) * 1_000;
    const body = readFileSync(join(FIXTURES, file));
    expect(isTaken(lowerCase, { body, receivedAt, secrets: [secret] })).toBe(true);
    expect(isTaken(lowerCase, { body: body.subarray(0, -1), receivedAt, secrets: [secret] })).toBe(false);
  });

  it('is taken by either of two secrets, while they are rotated', () => {
    expect(isTaken(headersFor(BODY), { secrets: [OTHER, SECRET] })).toBe(true);
    expect(isTaken(headersFor(BODY), { secrets: [SECRET, OTHER] })).toBe(true);
  });

  it('is taken by its bytes, whatever they mean in UTF-8', () => {
    for (const body of [Buffer.from('text=kill+ジョブ-ü-🦀'), Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0d, 0x0a]), Buffer.alloc(0)]) {
      expect(isTaken(headersFor(body), { body })).toBe(true);
    }
    // As text the two are the same: both bytes are unreadable.
    expect(isTaken(headersFor(Buffer.from([0xff])), { body: Buffer.from([0xfe]) })).toBe(false);
  });

  it('is the same when it came as base64', () => {
    const body = Buffer.from(Buffer.from('text=kill+ジョブ').toString('base64'), 'base64');
    expect(isTaken(headersFor(Buffer.from('text=kill+ジョブ')), { body })).toBe(true);
  });

  it.each([
    ['now', 0],
    ['5 min old', FIVE_MIN_MS],
    ['5 min ahead', -FIVE_MIN_MS],
  ])('is taken when it is %s', (_, ageMs) => {
    expect(isTaken(headersFor(BODY), { receivedAt: SIGNED_MS + ageMs })).toBe(true);
  });

  it.each([
    ['more than 5 min old', FIVE_MIN_MS + 1],
    ['more than 5 min ahead', -FIVE_MIN_MS - 1],
    ['a day old', 86_400_000],
    ['a day ahead', -86_400_000],
  ])('is refused when it is %s, however well it is signed', (_, ageMs) => {
    expect(isTaken(headersFor(BODY), { receivedAt: SIGNED_MS + ageMs })).toBe(false);
  });

  it.each(['', ' ', '1531420618.0', '1531420618.5', '-1531420618', '+1531420618', ' 1531420618', '1531420618\n', '1531420618,1531420618', '0x5b47a64a', '1.531420618e9', 'NaN', 'Infinity', '１５３１４２０６１８', '1531420618000', '9'.repeat(400)])(
    'is refused with a timestamp that is no count of seconds: %j',
    (timestamp) => {
      expect(isTaken(headersFor(BODY, timestamp))).toBe(false);
    },
  );

  it.each([
    ['no signature', ''],
    ['no version', sign(BODY).slice('v0='.length)],
    ['another version', sign(BODY).replace('v0=', 'v1=')],
    ['a cut signature', sign(BODY).slice(0, -2)],
    ['a lengthened signature', `${sign(BODY)}00`],
    ['something before the version', `x${sign(BODY)}`],
    ['digits before the signature', sign(BODY).replace('v0=', 'v0=00')],
    ['a line behind the signature', `${sign(BODY)}\n`],
    ['two signatures', `${sign(BODY)},${sign(BODY)}`],
    ['no hex', `v0=${'z'.repeat(64)}`],
    ['zeros', `v0=${'0'.repeat(64)}`],
    ['the signature of another body', sign(Buffer.from('text=kill+another'))],
    ['the signature of another time', sign(BODY, String(SIGNED_SEC + 1))],
    ['the signature of another secret', sign(BODY, undefined, OTHER)],
  ])('is refused with %s', (_, signature) => {
    expect(isTaken({ ...headersFor(BODY), 'x-slack-signature': signature })).toBe(false);
  });

  it('is refused where a header is missing', () => {
    const { 'x-slack-signature': signature = '', 'x-slack-request-timestamp': timestamp = '' } = headersFor(BODY);
    expect(isTaken({ 'x-slack-signature': signature })).toBe(false);
    expect(isTaken({ 'x-slack-request-timestamp': timestamp })).toBe(false);
    expect(isTaken({})).toBe(false);
  });

  it('is refused while no secret is set, and an empty one counts as none', () => {
    expect(isTaken(headersFor(BODY), { secrets: [] })).toBe(false);
    expect(isTaken(headersFor(BODY, undefined, ''), { secrets: [''] })).toBe(false);
    expect(isTaken(headersFor(BODY, undefined, ''), { secrets: ['', SECRET] })).toBe(false);
  });

  it.each<[string, string | undefined, Record<string, string>, { receivedAt?: number; secrets?: Secret[] }]>([
    ['trigger is off: its secret is not set', 'set SLACK_SIGNING_SECRET', headersFor(BODY), { secrets: [] }],
    ['no signature', undefined, { 'x-slack-request-timestamp': String(SIGNED_SEC) }, {}],
    ['no signature', undefined, { ...headersFor(BODY), 'x-slack-signature': 'v1=00' }, {}],
    ['no time', undefined, { 'x-slack-signature': sign(BODY) }, {}],
    ['time outside the window', undefined, headersFor(BODY), { receivedAt: 0 }],
    ['wrong signature', 'SLACK_SIGNING_SECRET has to be the one of the app that sent it', headersFor(BODY, undefined, OTHER), {}],
  ])('is refused for a cause that only the log is told: %s (%s)', (cause, hint, headers, { receivedAt = SIGNED_MS, secrets = [new Secret(SECRET)] }) => {
    const refused = (): void => verifySlackSignature({ headers, rawBody: BODY, receivedAt }, secrets);
    expect(refused).toThrow(expect.objectContaining({ message: 'authentication failed', cause, hint }));
  });

  it('is refused once any byte of body or signature is another', () => {
    const headers = headersFor(BODY);
    const change = (bytes: Buffer, at: number, by: number): Buffer => {
      const changed = Buffer.from(bytes);
      changed[at] = ((changed[at] ?? 0) + by) % 256;
      return changed;
    };
    fc.assert(
      fc.property(fc.nat(BODY.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => !isTaken(headers, { body: change(BODY, at, by) })),
    );
    const signature = Buffer.from(sign(BODY));
    fc.assert(
      fc.property(fc.nat(signature.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) =>
        !isTaken({ ...headers, 'x-slack-signature': change(signature, at, by).toString('latin1') }),
      ),
    );
  });
});
