import { type Key, LedgerFailed, type ListOptions } from './port.ts';

// What DynamoDB takes holds for every store, so that nothing works at home that fails on AWS.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const MOST_PARTITION_BYTES = 2_048;
const MOST_REST_BYTES = 1_024;
const MOST_ENTRY_BYTES = 400 * 1_024;
/** The names of a row's columns and its numbers, generously. */
const ROW_BYTES = 128;

/** Refuses a key that is empty, too long, or no text that every store gives back as it was. */
export function checkKey({ partition, rest }: Key): void {
  checkPart('partition', partition, MOST_PARTITION_BYTES);
  checkPart('rest', rest, MOST_REST_BYTES);
}

/** The same for a partition and the places in it where a list begins. */
export function checkListing(partition: string, { since, after, most, now }: ListOptions): void {
  checkPart('partition', partition, MOST_PARTITION_BYTES);
  for (const rest of [since, after]) if (rest !== undefined) checkPart('rest', rest, MOST_REST_BYTES);
  checkWhole({ most, now });
  if (most < 1) throw new RangeError('a list of the ledger has to have an entry');
}

function checkPart(part: string, text: string, mostBytes: number): void {
  const fault =
    text === '' ? 'is empty'
    : Buffer.byteLength(text) > mostBytes ? `has more than ${mostBytes} bytes`
    : !text.isWellFormed() || text.includes('\0') ? 'holds half a character or U+0000'
    : undefined;
  if (fault !== undefined) throw new LedgerFailed('refused', `the ${part} of a key of the ledger ${fault}`);
}

/**
 * A value as the JSON text that stands in a store; undefined for no value. Throws LedgerFailed where key, owner and value
 * are more than an entry may have: 400 KB.
 */
export function toText({ partition, rest }: Key, value: unknown, owner = ''): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  const bytes = [partition, rest, owner, text ?? ''].reduce((sum, part) => sum + Buffer.byteLength(part), ROW_BYTES);
  if (bytes > MOST_ENTRY_BYTES) throw new LedgerFailed('too-large', `an entry of the ledger has ${bytes} bytes, and ${MOST_ENTRY_BYTES} at most`);
  return text;
}

/** The value behind a text of `toText`. Throws LedgerFailed where somebody else wrote it. */
export function toValue(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(); // the parser's own error would repeat the text
  }
}

/** What stands in the store was not written by a ledger. */
export function unreadable(): LedgerFailed {
  return new LedgerFailed('refused', 'an entry of the ledger cannot be read: something else writes to its table');
}

/** Moments and numbers of starts are whole: anything else is a bug of the caller. */
export function checkWhole(numbers: Record<string, number>): void {
  for (const [name, number] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(number)) throw new RangeError(`${name} of an entry of the ledger has to be a whole number`);
  }
}
