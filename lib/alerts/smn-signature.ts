import { constants, createSign, type KeyObject, verify, X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { InvalidRequest, type RefusalCause, Unauthorized } from '../core/errors.ts';
import { parseJson } from '../http/json.ts';
import { timestamp } from '../http/timestamp.ts';
import type { Settings } from '../settings/settings.ts';
import type { CallBack } from './call-back.ts';
import { readCertificateUrl, regionOf } from './smn-hosts.ts';
import type { Delivery, Signed } from './source.ts';

// SMN gives up long before; older ones are somebody's copies.
const MOST_SKEW_MS = 3_600_000;

// What is signed is lines: a line break in any but the first field would let two messages have one signature.
const line = z.string().check(z.minLength(1), z.maxLength(4_096), z.regex(/^[^\n\r]*$/, 'takes one line'));
const common = {
  message: z.string().check(z.describe('An alarm of Cloud Eye as JSON; `{"labels": {…}}` as `generic` takes it; or any text, in which a YARN id is looked for.')),
  message_id: line.check(z.maxLength(256), z.describe('A repeat with the same id is a `duplicate`.')),
  timestamp: z.pipe(line, timestamp).register(z.globalRegistry, { format: 'date-time' }),
  topic_urn: line.check(z.regex(/^urn:smn:[a-z0-9-]+:[A-Za-z0-9]+:[A-Za-z0-9_-]+$/, 'has to be urn:smn:<region>:<project id>:<topic>')),
};

/** What SMN sends, whatever its publisher wrote into `message`. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html */
export const Envelope = z.discriminatedUnion('type', [
  z.looseObject({ ...common, type: z.literal('Notification'), subject: z.nullish(z.union([line, z.literal('')])) }),
  z.looseObject({ ...common, type: z.literal('SubscriptionConfirmation'), subscribe_url: line.check(z.describe('To confirm at.')) }),
  z.looseObject({ ...common, type: z.literal('UnsubscribeConfirmation'), subscribe_url: line.check(z.describe('To confirm at.')) }),
]);
export type Envelope = z.infer<typeof Envelope>;

const CONFIRMATION = ['message', 'message_id', 'subscribe_url', 'timestamp', 'topic_urn', 'type'];
const SIGNED: Record<Envelope['type'], readonly string[]> = {
  Notification: ['message', 'message_id', 'subject', 'timestamp', 'topic_urn', 'type'],
  SubscriptionConfirmation: CONFIRMATION,
  UnsubscribeConfirmation: CONFIRMATION,
};

/**
 * The text that SMN signs: name and value of each field on lines of their own; a subject that is empty is left out. `envelope` is
 * the body as it was sent, read by the schema before. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9003.html
 */
export function signedText(type: Envelope['type'], envelope: Record<string, unknown>): string {
  const fields = SIGNED[type].filter((name) => name !== 'subject' || (envelope['subject'] ?? '') !== '');
  return fields.map((name) => `${name}\n${String(envelope[name])}\n`).join('');
}

const Topic = z.looseObject({ topic_urn: z.string() });
// The documentation writes V1, the messages have v1.
const Signature = z.looseObject({
  signature: z.string().check(z.regex(/^[A-Za-z0-9+/]{171,1366}={0,2}$/)), // base64 of what an RSA key of 1,024 to 8,192 bits makes
  signature_version: z.string().check(z.regex(/^[vV]1$/)),
  signing_cert_url: z.string().check(z.maxLength(4_096)),
});

/** A message as it is delivered, for the document: what is verified and what is read are judged one after the other. */
export const SignedEnvelope = z.intersection(Envelope, z.partial(Signature)).register(z.globalRegistry, {
  title: 'SmnMessage',
  description: "Of Huawei's Simple Message Notification. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html",
});

/**
 * Checks that SMN sent a delivery, for one of SMN_TOPICS, within the hour. Anybody can have SMN sign messages of a topic of their
 * own, so the topic comes first, and nothing is called before all that costs nothing is right. Throws Unauthorized, or
 * CallBackFailed while the certificate cannot be had. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9003.html
 */
export async function verifySignature(
  { rawBody, headers, receivedAt }: Delivery,
  { smnTopics, smnEndpoint }: Pick<Settings, 'smnTopics' | 'smnEndpoint'>,
  callBack?: CallBack,
): Promise<void> {
  const body = parseJson(rawBody);
  const { topic_urn: topic } = orUnauthorized(Topic, body, 'no message of SMN');
  if (smnTopics.length === 0) throw new Unauthorized('trigger is off: its secret is not set', 'set SMN_TOPICS');
  if (!smnTopics.includes(topic)) throw new Unauthorized('topic not allowed', 'SMN_TOPICS lists the topics that may');
  const envelope = orUnauthorized(Envelope, body, 'no message of SMN');
  if (headers['x-smn-message-type'] !== envelope.type) throw new Unauthorized('no message of SMN', 'X-SMN-MESSAGE-TYPE has to say what the body says');
  if (Math.abs(receivedAt - envelope.timestamp) > MOST_SKEW_MS) throw new Unauthorized('time outside the window');

  const { signature, signing_cert_url: certificateUrl } = orUnauthorized(Signature, body, 'no signature');
  const url = readCertificateUrl(certificateUrl, regionOf(topic), smnEndpoint);
  if (url === undefined) throw new Unauthorized('certificate is not of SMN', "signing_cert_url has to lead to SMN in the topic's region, or to SMN_ENDPOINT");
  const answer = await callBack?.getKept(url, receivedAt);
  const key = answer?.status === 200 ? readKey(answer.text, receivedAt) : undefined;
  if (key === undefined) throw new Unauthorized('certificate does not count');
  const signed = Buffer.from(signedText(envelope.type, body as Record<string, unknown>), 'utf8');
  const padded = { key, padding: constants.RSA_PKCS1_PADDING };
  if (!verify('sha256', signed, padded, Buffer.from(signature, 'base64'))) throw new Unauthorized('wrong signature');
}

/** The RSA key of a certificate that is valid now; undefined for any other certificate, and for what is none. */
function readKey(pem: string, now: number): KeyObject | undefined {
  try {
    const { publicKey, validFromDate, validToDate } = new X509Certificate(pem);
    const isValid = validFromDate.getTime() <= now && now <= validToDate.getTime();
    return isValid && publicKey.asymmetricKeyType === 'rsa' ? publicKey : undefined;
  } catch {
    return undefined;
  }
}

function orUnauthorized<T>(schema: z.ZodMiniType<T>, body: unknown, cause: RefusalCause): T {
  const read = schema.safeParse(body);
  if (!read.success) throw new Unauthorized(cause);
  return read.data;
}

/**
 * An SMN message with the time of now, signed anew by a key (PEM) that is not SMN's. Throws InvalidRequest where it is none, or
 * the key is no private key.
 */
export function signMessage(rawBody: Buffer, privateKey: string, now: number): Signed {
  const saved = parseJson(rawBody);
  const message: Record<string, unknown> = { ...(saved as object), timestamp: `${new Date(now).toISOString().slice(0, 19)}Z` };
  const envelope = Envelope.safeParse(message);
  if (!envelope.success) throw new InvalidRequest(`it is no SMN message: look at ${envelope.error.issues.map(({ path }) => path.join()).join(', ')}`);
  const { type, message_id: id, topic_urn: topic } = envelope.data;
  return {
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-smn-message-type': type, 'x-smn-message-id': id, 'x-smn-topic-urn': topic },
    rawBody: Buffer.from(JSON.stringify({ ...message, signature: signText(signedText(type, message), privateKey) })),
  };
}

function signText(text: string, privateKey: string): string {
  try {
    return createSign('sha256').update(text).sign(privateKey, 'base64');
  } catch {
    throw new InvalidRequest('the key has to be a private key in PEM');
  }
}
