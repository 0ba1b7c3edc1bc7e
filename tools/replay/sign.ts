import type { AlertSource, Proof } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES, INVOKING_SOURCES } from '../../lib/alerts/all-sources.ts';
import { InvalidRequest, SettingsInvalid } from '../../lib/core/errors.ts';
import { slackHeaders } from '../../test/simulator/slack-client.ts';
import { type Env, settingsFrom, UsageError } from './settings.ts';

/** Everything whose payloads can be sent again: the sources of alerts, and what comes by other doors. */
export const SENDERS: readonly string[] = [...Object.keys(ALERT_SOURCES), ...Object.keys(INVOKING_SOURCES), 'slack'];

/** Those that sign with a key which only they have. */
export const SENDERS_WITH_KEY: readonly string[] = SENDERS.filter((name) => ALERT_SOURCES[name]?.signsWithKey);

/** A request as its source would send it; `path` is below the server's URL. */
export type SignedRequest = { path: string; headers: Record<string, string>; body: Buffer };

type Given = { env: Env; nowMs: number; key?: string | undefined };

/** Signs `body` at `nowMs` as `sender` does. `key` is for smn (PEM). Throws UsageError without the secret for it. */
export function signRequest(sender: string, body: Buffer, given: Given): SignedRequest {
  const source = ALERT_SOURCES[sender];
  if (source !== undefined) return signAlert(sender, source, body, given);
  if (sender === 'slack') return signSlack(body, given);
  // No signature: who may invoke the function says who is trusted.
  return { path: '/2015-03-31/functions/mrs-killswitch-local-events/invocations', headers: { 'content-type': 'application/json' }, body };
}

function signAlert(sender: string, source: AlertSource, body: Buffer, { env, nowMs, key }: Given): SignedRequest {
  if (source.signsWithKey && key === undefined) {
    throw new UsageError(`${sender} signs with a key that only it has; for a certificate of your own give its key with --key <file>`);
  }
  const settings = settingsFrom(env, source.settings);
  try {
    const { headers, rawBody } = source.sign(body, { settings, privateKey: key }, nowMs);
    return { path: `/alerts/${sender}`, headers: { 'content-type': 'application/json', ...headers }, body: rawBody };
  } catch (error) {
    if (error instanceof InvalidRequest) throw new UsageError(`the file cannot be signed: ${error.message}`);
    if (!(error instanceof SettingsInvalid)) throw error;
    throw new UsageError(`${error.problems.map(({ name, problem }) => `${name} ${problem}`).join(', ')}; set it as the server has it`);
  }
}

function signSlack(body: Buffer, { env, nowMs }: Given): SignedRequest {
  const [secret] = settingsFrom(env, ['SLACK_SIGNING_SECRET']).slack.signingSecrets;
  if (secret === undefined) throw new UsageError('SLACK_SIGNING_SECRET is not set; set it as the server has it');
  const isClick = new URLSearchParams(body.toString('utf8')).has('payload'); // buttons come as one field of JSON, commands as fields
  return { path: isClick ? '/slack/action' : '/slack/command', headers: slackHeaders(secret.reveal(), Math.floor(nowMs / 1_000), body), body };
}

/** The names, in lower case, of headers that would let their reader send something themselves. */
export function secretHeaders(sources: Record<string, { proofs: readonly Proof[] }> = ALERT_SOURCES): Set<string> {
  const proofs = Object.values(sources).flatMap((source) => source.proofs);
  const own = proofs.flatMap((proof) => (typeof proof === 'string' || proof.isInBody ? [] : [proof.header.toLowerCase()]));
  return new Set(['authorization', 'x-slack-signature', ...own]);
}
