import { Unauthorized } from '../core/errors.ts';
import { matchesHmac, type Secret } from '../settings/secret.ts';

const MOST_SKEW_MS = 5 * 60 * 1_000;

/**
 * Checks that Slack signed these very bytes within 5 min of `receivedAt` (epoch ms by the wall clock), with any of the secrets; header names are in
 * lower case. Throws Unauthorized, whatever is wrong. https://docs.slack.dev/authentication/verifying-requests-from-slack/
 */
export function verifySlackSignature(
  { headers, rawBody, receivedAt }: { headers: Record<string, string>; rawBody: Buffer; receivedAt: number },
  signingSecrets: readonly Secret[],
): void {
  const timestamp = headers['x-slack-request-timestamp'] ?? '';
  const signature = /^v0=(.*)$/.exec(headers['x-slack-signature'] ?? '')?.[1] ?? '';
  if (signingSecrets.length === 0) throw new Unauthorized('trigger is off: its secret is not set', 'set SLACK_SIGNING_SECRET');
  if (signature === '') throw new Unauthorized('no signature');
  if (!/^\d+$/.test(timestamp)) throw new Unauthorized('no time');
  // Both ways: a timestamp from the future would otherwise make a signature that holds for as long as its maker likes.
  if (Math.abs(receivedAt - Number(timestamp) * 1_000) > MOST_SKEW_MS) throw new Unauthorized('time outside the window');
  if (!matchesHmac(signature, signingSecrets, [`v0:${timestamp}:`, rawBody])) throw new Unauthorized('wrong signature', 'SLACK_SIGNING_SECRET has to be the one of the app that sent it');
}
