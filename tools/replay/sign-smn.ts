import { sign } from 'node:crypto';
import { Envelope, signedText } from '../../lib/alerts/smn-envelope.ts';
import { UsageError } from './options.ts';

/** An SMN message with the time of now, signed anew. Throws UsageError where it is none, or the key is no private key in PEM. */
export function signSmn(body: Buffer, key: string, nowMs: number): { headers: Record<string, string>; body: Buffer } {
  const message: Record<string, unknown> = { ...parseJson(body), timestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z` };
  const envelope = Envelope.safeParse(message);
  if (!envelope.success) throw new UsageError(`the file is no SMN message: look at ${envelope.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  const { type, message_id: id, topic_urn: topic } = envelope.data;
  return {
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-smn-message-type': type, 'x-smn-message-id': id, 'x-smn-topic-urn': topic },
    body: Buffer.from(JSON.stringify({ ...message, signature: signText(signedText(type, message), key) })),
  };
}

function parseJson(body: Buffer): object | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as object;
  } catch {
    throw new UsageError('the file is no JSON');
  }
}

function signText(text: string, key: string): string {
  try {
    return sign('sha256', Buffer.from(text), key).toString('base64');
  } catch {
    throw new UsageError('--key has to be a private key in PEM');
  }
}
