import { createHmac } from 'node:crypto';
import { SENDERS } from '../alerts/senders.ts';
import { signSlack } from '../simulator/slack-client.ts';
import type { Around } from './asked.ts';
import type { Drawn } from './draw.ts';

export const SIGNING_SECRET = 'signing-secret-of-all-requests';
export const API_TOKEN = 'rest-token-of-all-requests';

/** The headers by which a request with that body proves its sender, or fails to. */
export type Prove = (body: Buffer, drawn: Drawn, around: Around) => Record<string, string>;

/** Where nothing else than the sender's own settings makes a proof right or wrong. */
export function proofOf(source: string): Prove {
  const { right = [], wrong = [] } = SENDERS[source] ?? {};
  return (body, { proof }, { nowMs }) => {
    const proofs = (proof % 2 === 0 ? right : wrong).filter(({ env }) => env === undefined);
    return proofs[Math.floor(proof / 2) % proofs.length]?.prove(body, Math.floor(nowMs / 1_000)) ?? {};
  };
}

/** As Slack signs. */
export const proveSlack: Prove = (body, { proof }, { nowMs }) => {
  const nowSec = Math.floor(nowMs / 1_000);
  const signed = (secret: string, atSec: number, bytes = body): Record<string, string> => ({ 'Content-Type': 'application/x-www-form-urlencoded', 'X-Slack-Request-Timestamp': String(atSec), 'X-Slack-Signature': signSlack(secret, atSec, bytes) });
  if (proof % 2 === 0) return signed(SIGNING_SECRET, nowSec);
  const wrong = [{}, signed('another-secret-of-somebody', nowSec), signed(SIGNING_SECRET, nowSec - 301), signed(SIGNING_SECRET, nowSec + 301), signed(SIGNING_SECRET, nowSec, Buffer.concat([body, Buffer.from(' ')])), { 'X-Slack-Request-Timestamp': String(nowSec), 'X-Slack-Signature': `v0=${createHmac('sha256', '').update(body).digest('hex')}` }];
  return wrong[Math.floor(proof / 2) % wrong.length] ?? {};
};

/** With our token; a wrong one may be a token that IAM has to judge. */
export const proveRest: Prove = (_body, { proof }) => {
  if (proof % 2 === 0) return { authorization: `Bearer ${API_TOKEN}` };
  if (proof % 4 === 3) return { 'x-auth-token': `no-token-of-iam-${proof}` };
  const wrong = [{}, { authorization: 'Bearer ' }, { authorization: `Bearer ${API_TOKEN}x` }, { authorization: `Basic ${Buffer.from(`ci:${API_TOKEN}`).toString('base64')}` }, { authorization: `Bearer ${API_TOKEN}, Bearer ${API_TOKEN}` }];
  return wrong[Math.floor(proof / 4) % wrong.length] ?? {};
};
