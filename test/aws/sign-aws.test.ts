import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AwsRequest, createAwsSigner } from '../../lib/aws/sign-aws.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { Sha256 } from './sha256.ts';

// The example of AWS's own test suite for Signature Version 4, case post-vanilla.
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY') };
const REQUEST = { method: 'POST' as const, service: 'service', region: 'us-east-1', url: new URL('https://example.amazonaws.com/'), headers: {}, body: '' };
const NOW = 1_440_938_160_000; // 2015-08-30T12:36:00Z

describe('a request to AWS', () => {
  it('is signed as AWS has published it', async () => {
    expect(createAwsSigner()(REQUEST, KEYS, NOW)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
        'Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    });
  });

  it("carries the token of a role's keys, and what it came with, all signed", () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' };
    const signed = createAwsSigner()({ ...REQUEST, headers, body: '{}' }, { ...KEYS, sessionToken: new Secret('token') }, NOW);
    expect(signed).toMatchObject({ ...headers, 'x-amz-security-token': 'token' });
    expect(signed['authorization']).toContain('SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,');
  });

  it('is signed by the keys and the day that it has, whatever was signed before', () => {
    const sign = createAwsSigner();
    const days = Array.from({ length: 20 }, (_, day) => NOW + day * 86_400_000);
    const others = { ...KEYS, secretAccessKey: new Secret('another key') };
    for (const now of [...days, NOW]) {
      for (const keys of [KEYS, others]) expect(sign(REQUEST, keys, now)).toEqual(createAwsSigner()(REQUEST, keys, now));
    }
  });

  /** As AWS's own signer has it. */
  async function signedByAws({ method, url, headers, body, service, region }: AwsRequest, sessionToken?: string): Promise<string | undefined> {
    const signer = new SignatureV4({ service, region, credentials: { accessKeyId: KEYS.accessKeyId, secretAccessKey: KEYS.secretAccessKey.reveal(), ...(sessionToken && { sessionToken }) }, sha256: Sha256, applyChecksum: false });
    const request = { method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: { host: url.host, ...headers }, body };
    return (await signer.sign(request, { signingDate: new Date(NOW) })).headers['authorization'];
  }

  it.each([
    ['POST', '/2015-03-31/functions/kill%3Adurable/invocations'],
    ['POST', '/2025-12-01/durable-execution-callbacks/Ab%2FC%2Bd%3D%3D/succeed'],
    ['GET', '/2025-12-01/durable-executions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Akill%3A3%2Fdurable-execution%2Fn%2Fi/state?CheckpointToken=a%2Bb%2Fc%3D&MaxItems=10'],
  ] as const)("has the signature that AWS's own signer makes: %s %s", async (method, path) => {
    const url = new URL(path, 'https://lambda.eu-west-1.amazonaws.com/');
    const request = { method, service: 'lambda', region: 'eu-west-1', url, headers: { 'x-amz-invocation-type': 'Event', 'content-type': 'application/json' }, body: '{"ü":1}' };
    expect(createAwsSigner()(request, KEYS, NOW)['authorization']).toBe(await signedByAws(request));
  });

  it("has the signature that AWS's own signer makes, whatever stands in path, query, headers and body", async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/);
    const value = fc.stringMatching(/^[!-~]{1,3}( {0,3}[!-~]{1,5}){0,3}$/);
    await fc.assert(fc.asyncProperty(fc.array(text.filter((word) => !['.', '..'].includes(word))), fc.dictionary(name, text), fc.dictionary(name.map((word) => `x-amz-${word.toLowerCase()}`), value), text, fc.option(fc.stringMatching(/^[!-~]{1,40}$/), { nil: undefined }), async (path, query, headers, body, token) => {
      const url = new URL(`https://lambda.eu-west-1.amazonaws.com/a/${path.map(encodeURIComponent).join('/')}?${new URLSearchParams(query).toString()}`);
      const request = { method: 'POST' as const, service: 'lambda', region: 'eu-west-1', url, headers, body };
      const keys = { ...KEYS, ...(token !== undefined && { sessionToken: new Secret(token) }) };
      expect(createAwsSigner()(request, keys, NOW)['authorization']).toBe(await signedByAws(request, token));
    }));
  });
});
