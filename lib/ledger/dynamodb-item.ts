import * as z from 'zod/mini';
import { toValue, unreadable } from './entry-text.ts';
import type { Entry, Key } from './port.ts';

/** A number as DynamoDB's protocol has it: a text. */
const NUMBER = z.object({ N: z.pipe(z.pipe(z.string(), z.transform(Number)), z.number()) });

/**
 * One row: `til` is its last moment in ms, by which we judge; `tilSec` the same in seconds, by which the table deletes it,
 * within days. `own` and `nth` are owner and start of a claim, `val` is JSON text. None of these names is reserved.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
const ITEM = z.object({
  pk: z.object({ S: z.string() }),
  sk: z.object({ S: z.string() }),
  til: NUMBER,
  own: z.optional(z.object({ S: z.string() })),
  nth: z.optional(NUMBER),
  val: z.optional(z.object({ S: z.string() })),
});

export type Row = { entry: Entry; text: string | undefined };

/** Values of text and number as DynamoDB's protocol has them. */
export const S = (text: string): { S: string } => ({ S: text });
export const N = (number: number): { N: string } => ({ N: String(number) });

export function toKey({ partition, rest }: Key): { pk: { S: string }; sk: { S: string } } {
  return { pk: S(partition), sk: S(rest) };
}

export function toSeconds(until: number): number {
  return Math.ceil(until / 1_000);
}

/** A row as it is put: without an owner. */
export function toItem(key: Key, until: number, text: string | undefined): Record<string, unknown> {
  return { ...toKey(key), til: N(until), tilSec: N(toSeconds(until)), ...(text === undefined ? {} : { val: S(text) }) };
}

/** An item that was read. Throws LedgerFailed where it is not one of ours. */
export function readItem(item: unknown): Row {
  const read = ITEM.safeParse(item);
  if (!read.success) throw unreadable();
  const { pk, sk, til, own, nth, val } = read.data;
  const entry = { key: { partition: pk.S, rest: sk.S }, until: til.N, value: toValue(val?.S), ...(own && { owner: own.S }), ...(nth && { start: nth.N }) };
  return { entry, text: val?.S };
}
