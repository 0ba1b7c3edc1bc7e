import { describe, expect, it } from '@jest/globals';
import { type AwsCall, type AwsConnection, readAwsAnswer, sendToAws } from '../../lib/aws/send-aws.ts';
import type { HttpAnswer, HttpCall } from '../../lib/http/send.ts';
import { Secret } from '../../lib/settings/secret.ts';

const KEYS = { accessKeyId: 'AKID', secretAccessKey: new Secret('never shown') };
const OK: HttpAnswer = { status: 200, headers: {}, text: '{}' };

function connection(credentials: AwsConnection['credentials'] = async () => KEYS): { aws: AwsConnection; sent: HttpCall[]; signed: unknown[] } {
  const [sent, signed]: [HttpCall[], unknown[]] = [[], []];
  const aws: AwsConnection = {
    send: async (call) => (sent.push(call), OK),
    clock: { now: () => 1_000 },
    sign: (...given) => (signed.push(given), { authorization: 'signed' }),
    credentials, region: 'eu-central-1', endpoint: new URL('https://lambda.eu-central-1.amazonaws.com/'),
  };
  return { aws, sent, signed };
}
const CALL: AwsCall = { method: 'POST', service: 'lambda', headers: { 'x-a': '1' }, body: 'text', path: '/a?b=1', timeoutMs: 500 };

describe('a call of AWS', () => {
  it('is signed, and sent once', async () => {
    const { aws, sent, signed } = connection();
    const { signal } = new AbortController();
    expect(await sendToAws(aws, { ...CALL, signal })).toBe(OK);
    const url = new URL('https://lambda.eu-central-1.amazonaws.com/a?b=1');
    expect(signed).toEqual([[{ method: 'POST', service: 'lambda', region: 'eu-central-1', url, headers: { 'x-a': '1' }, body: 'text' }, KEYS, 1_000]]);
    expect(sent).toEqual([{ method: 'POST', url, headers: { authorization: 'signed' }, body: 'text', timeoutMs: 500, signal }]);
  });

  it('that reads has no body', async () => {
    const { aws, sent } = connection();
    await sendToAws(aws, { ...CALL, method: 'GET' });
    expect(sent[0]).not.toHaveProperty('body');
  });

  it('with nothing to sign with is not sent', async () => {
    const cause = new Error('no role');
    const { aws, sent } = connection(() => Promise.reject(cause));
    await expect(sendToAws(aws, CALL)).rejects.toMatchObject({ name: 'NoAwsCredentials', code: 'no_aws_credentials', message: 'there are no AWS credentials', cause });
    expect(sent).toEqual([]);
  });
});

describe('an answer of AWS', () => {
  it.each([[200, '{"a":1}', { a: 1 }], [299, '', {}], [204, 'no JSON', {}]])('of %d is read', (status, text, fields) => expect(readAwsAnswer({ status, headers: {}, text })).toEqual(fields));

  it.each<[status: number, headers: Record<string, string>, body: object, code: string, said: string]>([
    [300, {}, {}, 'Http300', ''],
    [199, {}, {}, 'Http199', ''],
    [400, { 'x-amzn-errortype': 'Header:http://x/' }, { __type: 'ns#Body' }, 'Header', ''],
    [400, {}, { __type: 'com.amazonaws#Throttled', code: 'Other', message: 'wait' }, 'Throttled', 'wait'],
    [400, {}, { code: 'Plain', Message: 'words' }, 'Plain', 'words'],
    [400, {}, { code: 'not a name!', message: 7 }, 'Http400', ''],
    [500, {}, { code: 7 }, 'Http500', ''],
    [500, {}, { code: 'x'.repeat(65) }, 'Http500', ''],
  ])('of %d with %j and %j is refused by its name', (status, headers, body, code, said) => {
    expect(() => readAwsAnswer({ status, headers, text: JSON.stringify(body) })).toThrow(expect.objectContaining({ name: 'AwsRefused', code, said, status, message: `AWS answered HTTP ${status}: ${code}`, retryAfterSec: 0 }) as unknown as Error);
  });

  it.each([['7', 7], ['soon', 0], [undefined, 0]])('that says Retry-After: %s', (given, retryAfterSec) => {
    expect(() => readAwsAnswer({ status: 503, headers: given === undefined ? {} : { 'retry-after': given }, text: '' })).toThrow(expect.objectContaining({ retryAfterSec }) as unknown as Error);
  });
});
