import { createHmac, timingSafeEqual } from 'node:crypto';
import { Unauthorized } from '../core/errors.ts';
import type { Secret } from '../settings/secret.ts';

const MOST_SKEW_MS = 5 * 60 * 1_000;

/**
 * Checks that Slack signed these very bytes within 5 min of `receivedAt` (epoch ms), with any of the secrets; header names are in
 * lower case. Throws Unauthorized, whatever is wrong. https://docs.slack.dev/authentication/verifying-requests-from-slack/
 */
export function verifySlackSignature(
  { headers, rawBody, receivedAt }: { headers: Record<string, string>; rawBody: Buffer; receivedAt: number },
  signingSecrets: readonly Secret[],
): void {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const signature = headers['x-slack-signature'] ?? '';
  if (!/^\d+$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature)) throw new Unauthorized();
  // Both ways: a timestamp from the future would otherwise make a signature that holds for as long as its maker likes.
  if (Math.abs(receivedAt - Number(timestamp) * 1_000) > MOST_SKEW_MS) throw new Unauthorized();

  const given = Buffer.from(signature.slice('v0='.length), 'hex');
  // An empty secret is one that everybody knows.
  const known = signingSecrets.filter((secret) => secret.reveal() !== '');
  const fits = known.filter((secret) => timingSafeEqual(given, sign(secret, timestamp, rawBody)));
  if (fits.length === 0) throw new Unauthorized();
}

function sign(secret: Secret, timestamp: string, rawBody: Buffer): Buffer {
  return createHmac('sha256', secret.reveal()).update(`v0:${timestamp}:`).update(rawBody).digest();
}
