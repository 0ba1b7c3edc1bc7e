import { describe, expect, it } from '@jest/globals';
import { signAwsRequest } from '../../lib/aws/sign-aws.ts';
import { Secret } from '../../lib/settings/secret.ts';

// The example of AWS's own test suite for Signature Version 4, case post-vanilla.
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY') };
const REQUEST = { method: 'POST' as const, service: 'service', region: 'us-east-1', url: new URL('https://example.amazonaws.com/'), headers: {}, body: '' };
const NOW = 1_440_938_160_000; // 2015-08-30T12:36:00Z

describe('a request to AWS', () => {
  it('is signed as AWS has published it', async () => {
    expect(await signAwsRequest(REQUEST, KEYS, NOW)).toEqual({
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, ' +
        'Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    });
  });

  it("carries the token of a role's keys, and what it came with, all signed but the content type", async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' };
    const signed = await signAwsRequest({ ...REQUEST, headers, body: '{}' }, { ...KEYS, sessionToken: new Secret('token') }, NOW);
    expect(signed).toMatchObject({ ...headers, 'x-amz-security-token': 'token' });
    expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target,');
  });
});
