import { createHmac } from 'node:crypto';
import { slackHeaders } from '../../test/simulator/slack-client.ts';
import { UsageError } from './options.ts';
import { alertToken, type Env, firstSecret, grafanaTimestampHeader } from './secrets.ts';
import type { SenderName } from './senders.ts';
import { signSmn } from './sign-smn.ts';

/** A request as its source would send it; `path` is below the server's URL. */
export type SignedRequest = { path: string; headers: Record<string, string>; body: Buffer };

/** Signs `body` at `nowMs` as `sender` does. `key` is for smn (PEM). Throws UsageError without the secret for it. */
export function signRequest(sender: SenderName, body: Buffer, { env, nowMs, key }: { env: Env; nowMs: number; key?: string | undefined }): SignedRequest {
  const nowSec = Math.floor(nowMs / 1_000);
  const alert = (headers: Record<string, string>): SignedRequest => ({ path: `/alerts/${sender}`, headers: { 'content-type': 'application/json', ...headers }, body });
  switch (sender) {
    case 'grafana':
      return alert(grafanaHeaders(env, body, nowSec));
    case 'pagerduty':
      return alert({ 'x-pagerduty-signature': `v1=${hmac(secretOf(env, 'PAGERDUTY_SECRET'), body)}` });
    case 'smn':
      if (key === undefined) throw new UsageError('smn signs with a key that only SMN has; for a certificate of your own give its key with --key <file>');
      return { path: '/alerts/smn', ...signSmn(body, key, nowMs) };
    case 'cloudwatch': // no signature: who may invoke the function says who is trusted
      return { path: '/2015-03-31/functions/mrs-killswitch-local-events/invocations', headers: { 'content-type': 'application/json' }, body };
    case 'slack':
      return { path: isClick(body) ? '/slack/action' : '/slack/command', headers: slackHeaders(secretOf(env, 'SLACK_SIGNING_SECRET'), nowSec, body), body };
    default: // whoever cannot sign sends a token
      return alert({ authorization: `Bearer ${alertToken(env, sender)}` });
  }
}

/** A signature where there is a secret for it, as Grafana; else a token. */
function grafanaHeaders(env: Env, body: Buffer, nowSec: number): Record<string, string> {
  const secret = firstSecret(env, 'GRAFANA_HMAC_SECRET');
  if (secret === undefined) return { authorization: `Bearer ${alertToken(env, 'grafana')}` };
  const timestampHeader = grafanaTimestampHeader(env);
  if (timestampHeader === undefined) return { 'x-grafana-alerting-signature': hmac(secret, body) };
  return { 'x-grafana-alerting-signature': hmac(secret, `${nowSec}:`, body), [timestampHeader]: String(nowSec) };
}

function secretOf(env: Env, name: 'PAGERDUTY_SECRET' | 'SLACK_SIGNING_SECRET'): string {
  const secret = firstSecret(env, name);
  if (secret === undefined) throw new UsageError(`${name} is not set; set it as the server has it`);
  return secret;
}

/** Buttons come as one field of JSON, commands as fields. */
function isClick(body: Buffer): boolean {
  return new URLSearchParams(body.toString('utf8')).has('payload');
}

function hmac(secret: string, ...parts: (string | Buffer)[]): string {
  const sum = createHmac('sha256', secret);
  for (const part of parts) sum.update(part);
  return sum.digest('hex');
}
