import { fieldsOf, parseJson } from '../../lib/http/json.ts';
import type { Carrier } from '../../lib/log/metrics.ts';

/** One thing that happened, out of all that it was sent in. */
export type Unwrapped = {
  /** As it would have invoked us without a wrap: an event, or one record of SNS with a notification in it. */
  event: unknown;
  /** The innermost wrap. */
  carrier: Carrier;
  /** What it was, in the words of AWS: `aws:s3 ObjectCreated:Put`, `aws.ec2 EC2 Instance State-change Notification`. */
  what: string;
  /** Where it came from, outermost first: ARNs of queues, topics, buckets. */
  from: string[];
};

type Way = Pick<Unwrapped, 'carrier' | 'from'>;
type Fields = Record<string, unknown>;

const DEEPEST = 10; // more than anybody nests on purpose
const LONGEST = 200;
const MOST_PLACES = 5;

/**
 * Takes an event out of what it was sent in, however often that was: each record of a batch for itself, SNS in SQS (with raw
 * delivery too), EventBridge through SNS or SQS, a record that a pipe put on a bus. Pure; what it does not know it gives as it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html, https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes.html
 */
export function unwrapEvent(event: unknown): Unwrapped[] {
  return unwrap(event, { carrier: 'direct', from: [] }, DEEPEST);
}

function unwrap(value: unknown, way: Way, depth: number): Unwrapped[] {
  const fields = fieldsOf(value) ?? {};
  const wrap = depth > 0 ? wrapOf(value, fields) : undefined;
  switch (wrap) {
    case 'batch':
      return ((Array.isArray(value) ? value : fields['Records']) as unknown[]).flatMap((record) => unwrap(record, way, depth - 1));
    case 'sns-record':
      return unwrapNotification(fieldsOf(fields['Sns']) ?? {}, way, depth);
    case 'sns-envelope':
      return unwrapNotification(fields, way, depth);
    case 'sqs-record': {
      const { body, messageId, eventSourceARN: queue } = fields;
      return unwrapMessage({ text: body, id: messageId }, { carrier: 'sqs', from: via(way, queue) }, depth);
    }
    case 'piped':
      return unwrap(fields['detail'], { carrier: 'eventbridge', from: via(way, fields['source']) }, depth - 1);
    case undefined: {
      const carrier = way.carrier === 'direct' && isBusEvent(fields) ? 'eventbridge' : way.carrier;
      return [{ event: value, carrier, what: nameEvent(value), from: via(way, ...placesOf(fields)) }];
    }
  }
}

type Wrap = 'batch' | 'sns-record' | 'sns-envelope' | 'sqs-record' | 'piped';

function wrapOf(value: unknown, fields: Fields): Wrap | undefined {
  const records = Array.isArray(value) ? value : fields['Records'];
  if (Array.isArray(records) && records.length > 0) return 'batch';
  return recordIn(fields) ?? (isBusEvent(fields) && recordIn(fieldsOf(fields['detail']) ?? {}) !== undefined ? 'piped' : undefined);
}

function recordIn(fields: Fields): Exclude<Wrap, 'batch' | 'piped'> | undefined {
  if (fields['EventSource'] === 'aws:sns' && fieldsOf(fields['Sns']) !== undefined) return 'sns-record';
  if (fields['eventSource'] === 'aws:sqs') return 'sqs-record';
  // What SNS puts around a message where its delivery is not raw. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
  return fields['Type'] === 'Notification' && typeof fields['MessageId'] === 'string' && typeof fields['Message'] === 'string' ? 'sns-envelope' : undefined;
}

function unwrapNotification({ Message: text, MessageId: id, TopicArn: topic }: Fields, way: Way, depth: number): Unwrapped[] {
  return unwrapMessage({ text, id }, { carrier: 'sns', from: via(way, topic) }, depth);
}

/** An event in a message is unwrapped further; anything else is given as SNS itself would deliver it. */
function unwrapMessage({ text, id }: { text: unknown; id: unknown }, way: Way, depth: number): Unwrapped[] {
  const message = typeof text === 'string' ? parseJson(text) : undefined;
  const fields = fieldsOf(message) ?? {};
  if (wrapOf(message, fields) !== undefined || typeof fields['source'] === 'string') return unwrap(message, way, depth - 1);
  const event = { Records: [{ EventSource: 'aws:sns', Sns: { MessageId: id, Message: text } }] };
  return [{ event, ...way, what: `message: ${nameEvent(message ?? text)}` }];
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
function isBusEvent(fields: Fields): boolean {
  return typeof fields['source'] === 'string' && typeof fields['detail-type'] === 'string';
}

const NAMES = ['eventSource', 'EventSource', 'eventName', 'source', 'detail-type'];

function nameEvent(value: unknown): string {
  const fields = fieldsOf(value);
  if (fields === undefined) return value === null ? 'null' : typeof value;
  const words = NAMES.map((name) => fields[name]).filter((word) => typeof word === 'string');
  return shorten(words.length > 0 ? words.join(' ') : `fields ${Object.keys(fields).slice(0, 8).join(', ')}`);
}

/** Where an event itself says that it comes from. */
function placesOf({ eventSourceARN, s3, resources, account }: Fields): unknown[] {
  const bucket = fieldsOf(fieldsOf(s3)?.['bucket']);
  const [resource] = Array.isArray(resources) ? (resources as unknown[]) : [];
  const places = [eventSourceARN, bucket?.['arn'] ?? bucket?.['name'], resource];
  return places.some((place) => typeof place === 'string') ? places : [account];
}

function via({ from }: Way, ...places: unknown[]): string[] {
  const more = places.filter((place): place is string => typeof place === 'string' && place !== '');
  return [...from, ...more.map(shorten)].slice(0, MOST_PLACES);
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
