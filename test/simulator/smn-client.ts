import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TOPIC = 'urn:smn:eu-west-101:0a1b2c3d4e5f60718293a4b5c6d7e8f9:mrs-alarms';
export const CERTIFICATE_URL = 'https://smn.eu-west-101.myhuaweicloud.eu/smn/SMN_eu-west-101_certificate.pem';
const CONSOLE = 'https://console.eu.huaweicloud.com/smn/subscription';
const FOLDER = join(import.meta.dirname, '../fixtures/smn');

/** The body of a delivery by SMN's names; undefined leaves a field out. */
export type SmnMessage = Record<string, unknown>;

/** A file of test/fixtures/smn. */
export function readPem(name: string): string {
  return readFileSync(join(FOLDER, `${name}.pem`), 'utf8');
}

/** What SMN signs: the fields of its table that are there, by name, an empty subject left out. */
export function textToSign(message: SmnMessage): string {
  const signed = ['type', 'topic_urn', 'timestamp', 'message', 'message_id', message['type'] === 'Notification' ? 'subject' : 'subscribe_url'];
  const fields = signed.toSorted().filter((name) => name !== 'subject' || message[name]);
  return fields.map((name) => [name, message[name], ''].join('\n')).join('');
}

/** The message with the signature of a key of test/fixtures/smn, by default the one that belongs to CERTIFICATE_URL. */
export function signSmn(message: SmnMessage, key = 'key'): SmnMessage {
  return { ...message, signature: sign('sha256', Buffer.from(textToSign(message)), readPem(key)).toString('base64') };
}

function common(atMs: number): SmnMessage {
  const timestamp = new Date(atMs).toISOString().replace('.000Z', 'Z');
  return { topic_urn: TOPIC, message_id: 'd84bd6629ef04513ad2e37bffd6e17cb', signature_version: 'v1', signing_cert_url: CERTIFICATE_URL, timestamp };
}

/** A signed notification sent at `atMs`; what is no text is published as JSON. `over` is signed too. */
export function notification(content: unknown, atMs: number, over: SmnMessage = {}): SmnMessage {
  const message = typeof content === 'string' ? content : JSON.stringify(content);
  const unsubscribe_url = `${CONSOLE}/unsubscribe?region=eu-west-101&subscription_urn=${TOPIC}:0f1e2d3c`;
  return signSmn({ type: 'Notification', subject: 'SMN', message, unsubscribe_url, ...common(atMs), ...over });
}

/** A signed request to confirm a subscription with `token`, good for 48 h. */
export function subscriptionConfirmation(token: string, atMs: number, over: SmnMessage = {}): SmnMessage {
  const message = `You are invited to subscribe to topic: ${TOPIC}. To confirm this subscription, please visit the subscribe_url included in this message.`;
  const subscribe_url = `${CONSOLE}/confirm?token=${token}&topic_urn=${TOPIC}&region=eu-west-101&region_id=eu-west-101`;
  return signSmn({ type: 'SubscriptionConfirmation', message, subscribe_url, ...common(atMs), ...over });
}

/** A signed note that the subscription has ended; its subscribe_url would begin it anew. */
export function unsubscribeConfirmation(token: string, atMs: number, over: SmnMessage = {}): SmnMessage {
  const message = `You have chosen to unsubscribe from topic: ${TOPIC}.`;
  return subscriptionConfirmation(token, atMs, { type: 'UnsubscribeConfirmation', message, ...over });
}

/** The headers that SMN sends with a message. */
export function smnHeaders(message: SmnMessage): Record<string, string> {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'X-SMN-MESSAGE-TYPE': String(message['type']),
    'X-SMN-MESSAGE-ID': String(message['message_id']),
    'X-SMN-TOPIC-URN': String(message['topic_urn']),
  };
}

/** Posts a message to an endpoint as SMN does. Rejects where no answer comes. */
export async function deliverSmn(url: string, message: SmnMessage): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { method: 'POST', headers: smnHeaders(message), body: JSON.stringify(message) });
  return { status: response.status, text: await response.text() };
}
