import { describe, expect, it } from '@jest/globals';
import { checkKey, checkListing, checkWhole, toText, toValue } from '../../lib/ledger/entry-text.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';

const OPTIONS = { now: 1, most: 1 };
const refused = (text: string) => new LedgerFailed('refused', `the ${text}`);

describe('a key of the ledger', () => {
  it.each([
    ['', 'x', 'partition of a key of the ledger is empty'],
    ['x', '', 'rest of a key of the ledger is empty'],
    ['x'.repeat(2_049), 'x', 'partition of a key of the ledger has more than 2048 bytes'],
    ['é'.repeat(1_025), 'x', 'partition of a key of the ledger has more than 2048 bytes'],
    ['x', 'x'.repeat(1_025), 'rest of a key of the ledger has more than 1024 bytes'],
    ['\ud800', 'x', 'partition of a key of the ledger holds half a character or U+0000'],
    ['x', 'x\0', 'rest of a key of the ledger holds half a character or U+0000'],
  ])('is refused, and it is said what is wrong: %#', (partition, rest, message) => {
    expect(() => checkKey({ partition, rest })).toThrow(refused(message));
    expect(() => checkListing(partition, { ...OPTIONS, since: rest })).toThrow(refused(message));
    expect(() => checkListing(partition, { ...OPTIONS, after: rest })).toThrow(refused(message));
  });

  it('may be as long as each store takes it', () => {
    checkKey({ partition: 'x'.repeat(2_048), rest: 'é'.repeat(512) });
    checkListing('x', OPTIONS);
  });
});

it('a list has an entry or more, and its numbers are whole', () => {
  expect(() => checkListing('x', { ...OPTIONS, most: 0 })).toThrow(new RangeError('a list of the ledger has to have an entry'));
  expect(() => checkListing('x', { ...OPTIONS, most: 1.5 })).toThrow(new RangeError('most of an entry of the ledger has to be a whole number'));
  expect(() => checkListing('x', { ...OPTIONS, now: Number.NaN })).toThrow(new RangeError('now of an entry of the ledger has to be a whole number'));
  expect(() => checkWhole({ start: 1, until: 2 ** 53 })).toThrow(new RangeError('until of an entry of the ledger has to be a whole number'));
});

describe('a value of the ledger', () => {
  it('is JSON, and none is none', () => {
    expect([toText({ partition: 'p', rest: 'r' }, { a: [1] }), toText({ partition: 'p', rest: 'r' }, undefined)]).toEqual(['{"a":[1]}', undefined]);
    expect([toValue('{"a":[1]}'), toValue(undefined)]).toEqual([{ a: [1] }, undefined]);
    expect(() => toValue('{"a-secret')).toThrow(new LedgerFailed('refused', 'an entry of the ledger cannot be read: something else writes to its table'));
  });

  it('is 400 KB at most, with its key, its owner and its columns', () => {
    const key = { partition: 'é', rest: 'rest' };
    const longest = 'x'.repeat(409_600 - 128 - 2 - 4 - 2);
    expect(toText(key, longest)).toHaveLength(longest.length + 2);
    expect(() => toText(key, longest, 'o')).toThrow(new LedgerFailed('too-large', 'an entry of the ledger has 409601 bytes, and 409600 at most'));
    expect(() => toText({ ...key, rest: 'rest2' }, longest)).toThrow(LedgerFailed);
  });
});
