import { randomBytes } from 'node:crypto';
import type { Cloud } from './cloud.ts';
import type { Answer, Call, Route } from './routing.ts';
import { readPem } from './smn-client.ts';

const TOKEN_LIFE_MS = 48 * 3_600_000;
const CERTIFICATES = ['certificate', 'expired', 'not-yet-valid', 'other', 'ec'];

/**
 * The hosts of SMN and its consoles below /smn-host/<host>: the certificates of test/fixtures/smn, and the confirmation of
 * subscriptions. openSendTo leads there. Faults go by `smn-certificate` and `smn-confirmation`.
 */
export function smnRoutes(cloud: Cloud): Route[] {
  return [
    { on: 'smn-certificate', method: 'GET', path: /^\/smn-host\/smn\.[^/]+\/smn\/SMN_[a-z0-9-]+?_([a-z-]+)\.pem$/, answer: (_, name = '') => showCertificate(name) },
    { on: 'smn-confirmation', method: 'GET', path: /^\/smn-host\/[^/]+\/smn\/subscription\/confirm$/, answer: (call) => confirm(cloud, call) },
  ];
}

function showCertificate(name: string): Answer {
  if (!CERTIFICATES.includes(name)) return { status: 404, body: '404 page not found' };
  return { status: 200, body: readPem(name), headers: { 'Content-Type': 'application/x-pem-file' } };
}

function confirm({ smn, now }: Cloud, { request: { query }, requestId }: Call): Answer {
  const sentAt = smn.tokens.get(query['token'] ?? '');
  if (sentAt === undefined || now() - sentAt > TOKEN_LIFE_MS) return { status: 400, body: { code: 'SMN.00013013', message: 'Invalid token.', request_id: requestId } };
  const subscription_urn = `${query['topic_urn']}:${randomBytes(16).toString('hex')}`;
  smn.confirmed.push(subscription_urn);
  return { status: 200, body: { request_id: requestId, subscription_urn } };
}
