import * as z from 'zod';
import { timestamp } from '../read-body.ts';

// What is signed is lines: a line break in any but the first field would let two messages have one signature.
const line = z.string().min(1).max(4_096).regex(/^[^\n\r]*$/, 'takes one line');
const common = {
  message: z.string(),
  message_id: line.max(256),
  timestamp: line.pipe(timestamp),
  topic_urn: line.regex(/^urn:smn:[a-z0-9-]+:[A-Za-z0-9]+:[A-Za-z0-9_-]+$/, 'has to be urn:smn:<region>:<project id>:<topic>'),
};

/** What SMN sends, whatever its publisher wrote into `message`. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html */
export const Envelope = z.discriminatedUnion('type', [
  z.looseObject({ ...common, type: z.literal('Notification'), subject: z.union([line, z.literal('')]).nullish() }),
  z.looseObject({ ...common, type: z.literal('SubscriptionConfirmation'), subscribe_url: line }),
  z.looseObject({ ...common, type: z.literal('UnsubscribeConfirmation'), subscribe_url: line }),
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
