import type { KeyObject } from 'node:crypto';
import { sha256 } from '../core/sha256.ts';
import { canonicalHeaders, canonicalQuery, encodeStrictly, signedHeaders } from '../http/canonical.ts';
import type { Secret } from '../settings/secret.ts';

/** Keys of a role or a person; those of a role come with a session token. */
export type AwsCredentials = { accessKeyId: string; secretAccessKey: Secret; sessionToken?: Secret | undefined };

/** One request to an AWS service, as it is about to be sent; names of headers in lower case. */
export type AwsRequest = { method: 'GET' | 'POST'; service: string; region: string; url: URL; headers: Record<string, string>; body: string };

/**
 * The headers of a request signed by Signature Version 4 at `now` (epoch ms; AWS allows 5 min either way): those it came with,
 * `x-amz-date`, `x-amz-security-token` and `authorization`. All are signed, and `host` too.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export type SignAws = (request: AwsRequest, keys: AwsCredentials, now: number) => Record<string, string>;

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** A signer for one connection. What is derived from the secret key holds for a day: the last one is kept. */
export function createAwsSigner(): SignAws {
  let derived: { from: string; key: KeyObject } | undefined;
  return ({ method, service, region, url, headers, body }, { accessKeyId, secretAccessKey, sessionToken }, now) => {
    const date = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = [date.slice(0, 8), region, service, 'aws4_request'];
    const from = JSON.stringify([secretAccessKey.reveal(), scope]);
    if (derived?.from !== from) derived = { from, key: deriveKey(secretAccessKey, scope) };

    const sent = { ...headers, 'x-amz-date': date, ...(sessionToken && { 'x-amz-security-token': sessionToken.reveal() }) };
    const signed = oneBlank({ ...sent, host: url.host }); // the HTTP client writes host itself
    const names = signedHeaders(signed);
    const canonical = [method, canonicalUri(url), canonicalQuery(url), canonicalHeaders(signed), names, sha256(body)].join('\n');
    const signature = hmac(derived.key, [ALGORITHM, date, scope.join('/'), sha256(canonical)].join('\n')).toString('hex');
    return { ...sent, authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}` };
  };
}

/** As an object of Node's: from bytes it would be made anew for each signature, which takes longer than the signature. */
function deriveKey(secretAccessKey: Secret, scope: readonly string[]): KeyObject {
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey.reveal()}`));
  return process.getBuiltinModule('node:crypto').createSecretKey(key);
}

/** The path as it is sent, each segment percent-encoded once more, without empty ones. */
function canonicalUri({ pathname }: URL): string {
  return pathname.replace(/\/+/g, '/').split('/').map(encodeStrictly).join('/');
}

/** Several blanks in a value are signed as one. */
function oneBlank(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace(/ +/g, ' ')]));
}

function hmac(key: Buffer | KeyObject, text: string): Buffer {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', key).update(text, 'utf8').digest();
}
