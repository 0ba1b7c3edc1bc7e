import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from '@jest/globals';
import { createAwsSigner } from '../../lib/aws/sign-aws.ts';
import { Secret } from '../../lib/settings/secret.ts';

// The example of AWS's own test suite for Signature Version 4, case post-vanilla.
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY') };
const REQUEST = { method: 'POST' as const, service: 'service', region: 'us-east-1', url: new URL('https://example.amazonaws.com/'), headers: {}, body: '' };
const NOW = 1_440_938_160_000; // 2015-08-30T12:36:00Z

/** SHA-256 as the signer wants it. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as string);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

describe('a request to AWS', () => {
  it('is signed as AWS has published it', async () => {
    expect(await createAwsSigner()(REQUEST, KEYS, NOW)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
        'Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    });
  });

  it("carries the token of a role's keys, and what it came with, all signed but the content type", async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' };
    const signed = await createAwsSigner()({ ...REQUEST, headers, body: '{}' }, { ...KEYS, sessionToken: new Secret('token') }, NOW);
    expect(signed).toMatchObject({ ...headers, 'x-amz-security-token': 'token' });
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target,');
  });

  it('is signed by the keys and the day that it has, whatever was signed before', async () => {
    const sign = createAwsSigner();
    const days = Array.from({ length: 20 }, (_, day) => NOW + day * 86_400_000);
    const others = { ...KEYS, secretAccessKey: new Secret('another key') };
    for (const now of [...days, NOW]) {
      for (const keys of [KEYS, others]) expect(await sign(REQUEST, keys, now)).toEqual(await createAwsSigner()(REQUEST, keys, now));
    }
  });

  it.each([
    ['POST', "/2015-03-31/functions/kill%3Adurable/invocations"],
    ['POST', '/2025-12-01/durable-execution-callbacks/Ab%2FC%2Bd%3D%3D/succeed'],
    ['GET', '/2025-12-01/durable-executions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Akill%3A3%2Fdurable-execution%2Fn%2Fi/state?CheckpointToken=a%2Bb%2Fc%3D&MaxItems=10'],
  ] as const)("has the signature that AWS's own signer makes: %s %s", async (method, path) => {
    const url = new URL(path, 'https://lambda.eu-west-1.amazonaws.com/');
    const headers = { 'x-amz-invocation-type': 'Event', 'content-type': 'application/json' };
    const signed = await createAwsSigner()({ method, service: 'lambda', region: 'eu-west-1', url, headers, body: '{"ü":1}' }, KEYS, NOW);
    const signer = new SignatureV4({ service: 'lambda', region: 'eu-west-1', credentials: { accessKeyId: KEYS.accessKeyId, secretAccessKey: KEYS.secretAccessKey.reveal() }, sha256: Sha256, applyChecksum: false });
    const theirs = await signer.sign(
      { method, protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: Object.fromEntries(url.searchParams), headers: { host: url.host, ...headers }, body: '{"ü":1}' },
      { signingDate: new Date(NOW), unsignableHeaders: new Set(['content-type']) },
    );
    expect(signed['authorization']).toBe(theirs.headers['authorization']);
  });
});
