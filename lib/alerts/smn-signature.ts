import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import { Unauthorized } from '../core/errors.ts';
import type { Settings } from '../settings/settings.ts';
import type { CallBack } from './call-back.ts';
import { Envelope, signedText } from './smn-envelope.ts';
import { readCertificateUrl, regionOf } from './smn-hosts.ts';
import type { Delivery } from './source.ts';

// SMN gives up long before; older ones are somebody's copies.
const MOST_SKEW_MS = 3_600_000;

const Topic = z.looseObject({ topic_urn: z.string() });
// The documentation writes V1, the messages have v1.
const Signature = z.looseObject({
  signature: z.string().min(1).max(4_096),
  signature_version: z.string().regex(/^v1$/i),
  signing_cert_url: z.string().max(4_096),
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
  const { topic_urn: topic } = orUnauthorized(Topic, body);
  if (!smnTopics.includes(topic)) throw new Unauthorized();
  const envelope = orUnauthorized(Envelope, body);
  if (headers['x-smn-message-type'] !== envelope.type) throw new Unauthorized();
  if (Math.abs(receivedAt - envelope.timestamp) > MOST_SKEW_MS) throw new Unauthorized();

  const { signature, signing_cert_url: certificateUrl } = orUnauthorized(Signature, body);
  const url = readCertificateUrl(certificateUrl, regionOf(topic), smnEndpoint);
  if (url === undefined) throw new Unauthorized();
  const answer = await callBack?.getKept(url, receivedAt);
  const key = answer?.status === 200 ? readKey(answer.text, receivedAt) : undefined;
  if (key === undefined) throw new Unauthorized();
  const signed = Buffer.from(signedText(envelope.type, body as Record<string, unknown>), 'utf8');
  const padded = { key, padding: constants.RSA_PKCS1_PADDING };
  if (!verify('sha256', signed, padded, Buffer.from(signature, 'base64'))) throw new Unauthorized();
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

function orUnauthorized<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (!read.success) throw new Unauthorized();
  return read.data;
}

function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    throw new Unauthorized();
  }
}
