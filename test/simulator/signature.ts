import { createHash, createHmac } from 'node:crypto';
import type { Cloud, SimulatedKey } from './cloud.ts';
import type { RecordedRequest } from './routing.ts';

/** The gateway takes dates so far off its own clock. https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-0003.html */
const MOST_SKEW_MS = 15 * 60_000;
const REFUSALS_BEFORE_LOCK = 5;
const LOCK_MS = 5 * 60_000;

const AUTHORIZATION = /^SDK-HMAC-SHA256 Access=([^,\s]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;

/**
 * What the gateway has against the signature of a request, in its own words; undefined for a good one. Five refusals in a row
 * lock a key for five minutes, in which a good signature is refused too. Written on its own, from the rules of
 * https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-0003.html: it shares no line with what it judges.
 */
export function refuseSignature(cloud: Cloud, request: RecordedRequest): string | undefined {
  const [, access = '', names = '', signature = ''] = AUTHORIZATION.exec(request.headers.authorization ?? '') ?? [];
  const key = cloud.keys.find((candidate) => candidate.access === access);
  const isOver = key?.expiresAt !== undefined && cloud.now() >= key.expiresAt;
  if (key === undefined || isOver) return `Get secretKey failed,ak:${access},err:ak not exist`;
  const refusals = cloud.keyRefusals.get(access) ?? { count: 0, lockedUntil: 0 };
  if (cloud.now() < refusals.lockedUntil) return 'AK access failed to reach the limit,forbidden.';

  const problem = findProblem(cloud, request, key, names.split(';'), signature);
  if (problem === undefined) {
    cloud.keyRefusals.delete(access);
    return undefined;
  }
  const count = refusals.count + 1;
  const locks = count >= REFUSALS_BEFORE_LOCK;
  cloud.keyRefusals.set(access, { count: locks ? 0 : count, lockedUntil: locks ? cloud.now() + LOCK_MS : 0 });
  return problem;
}

function findProblem(cloud: Cloud, request: RecordedRequest, key: SimulatedKey, names: string[], signature: string): string | undefined {
  const date = headerOf(request, 'x-sdk-date');
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signedAt) || !names.includes('x-sdk-date')) return 'verify aksk signature fail, x-sdk-date is not signed';
  if (Math.abs(cloud.now() - signedAt) > MOST_SKEW_MS) {
    const now = new Date(cloud.now()).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
    return `calc aksk signature fail:signature expired, signature time:${date},server time:${now}`;
  }
  const canonical = canonicalize(request, names);
  const text = `SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`;
  const expected = createHmac('sha256', key.secret).update(text).digest('hex');
  if (signature !== expected) return `verify aksk signature fail, canonicalRequest:${canonical.replaceAll('\n', '|')}`;
  const token = headerOf(request, 'x-security-token');
  const tokenFits = token === (key.securityToken ?? '') && (token === '' || names.includes('x-security-token'));
  return tokenFits ? undefined : 'verify security token fail';
}

function canonicalize(request: RecordedRequest, names: string[]): string {
  const path = request.path.split('/').map((segment) => escape(decodeURIComponent(segment))).join('/');
  const pairs = [...new URLSearchParams(request.search)].sort((one, other) => (one.join('\n') < other.join('\n') ? -1 : 1));
  const query = pairs.map((pair) => pair.map(escape).join('=')).join('&');
  const headers = names.map((name) => `${name}:${headerOf(request, name).trim()}\n`);
  return [request.method, path.replace(/\/?$/, '/'), query, headers.join(''), names.join(';'), hash(request.body)].join('\n');
}

function headerOf({ headers }: RecordedRequest, name: string): string {
  return headers[name]?.toString() ?? '';
}

/** Byte by byte: all but the unreserved characters. */
function escape(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`))
    .join('');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
