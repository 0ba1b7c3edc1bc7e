import { sha256 } from '../core/sha256.ts';
import { canonicalHeaders, canonicalQuery, encodeStrictly, signedHeaders } from '../http/canonical.ts';
import type { Secret } from '../settings/secret.ts';
import type { UnsignedRequest } from './credentials.ts';

/** An access key and its secret key; temporary ones come with a security token. */
export type SigningKeys = { accessKey: string; secretKey: Secret; securityToken?: Secret };

const ALGORITHM = 'SDK-HMAC-SHA256';

/**
 * The headers of a request signed by SDK-HMAC-SHA256: those it came with, `x-sdk-date`, `x-security-token` where the keys
 * are temporary, and `authorization`. All are signed, and `host` too. `nowMs` is epoch ms; the gateway allows 15 min either way.
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-0003.html and
 * https://github.com/huaweicloud/huaweicloud-sdk-nodejs-v3/blob/master/core/auth/AKSKSigner.ts
 */
export function signRequest(request: UnsignedRequest, keys: SigningKeys, nowMs: number): Record<string, string> {
  const date = sdkDate(nowMs);
  const headers = {
    ...request.headers,
    'x-sdk-date': date,
    ...(keys.securityToken && { 'x-security-token': keys.securityToken.reveal() }),
  };
  const signed = { ...headers, host: request.url.host }; // the HTTP client writes this one itself
  const proof = signature(keys.secretKey, stringToSign(date, canonicalRequest({ ...request, headers: signed })));
  return { ...headers, authorization: authorization(keys.accessKey, signedHeaders(signed), proof) };
}

/** Epoch ms as `X-Sdk-Date` has it: `20261122T101500Z`. */
export function sdkDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** The path with each segment percent-encoded anew, and with a slash at its end, which the path that is sent has not got. */
export function canonicalUri(url: URL): string {
  const path = url.pathname.split('/').map((segment) => encodeStrictly(decodeURIComponent(segment))).join('/');
  return path.endsWith('/') ? path : `${path}/`;
}

/** The six parts that are signed, a line each; every header that is given is signed. */
export function canonicalRequest({ method, url, headers, body = '' }: UnsignedRequest): string {
  return [method, canonicalUri(url), canonicalQuery(url), canonicalHeaders(headers), signedHeaders(headers), sha256(body)].join('\n');
}

/** What the key signs: the algorithm, the date as in the header, and the hash of the canonical request. */
export function stringToSign(date: string, canonical: string): string {
  return [ALGORITHM, date, sha256(canonical)].join('\n');
}

/** 64 hex digits. The secret key itself is the key of the HMAC: nothing is derived from it, unlike AWS's Signature V4. */
export function signature(secretKey: Secret, text: string): string {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', secretKey.reveal()).update(text, 'utf8').digest('hex');
}

/** The value of the `Authorization` header. */
export function authorization(accessKey: string, names: string, proof: string): string {
  return `${ALGORITHM} Access=${accessKey}, SignedHeaders=${names}, Signature=${proof}`;
}
