import { describe, expect, it } from '@jest/globals';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { takePlace } from '../../lib/ledger/places.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const held = (...places: [owner: string, ago: number][]): string => JSON.stringify(places.map(([owner, ago]) => ({ owner, at: NOW - ago })));
const take = (text: string | undefined, most = 2) => takePlace(text, 'me', { most, windowMs: 100 }, NOW);

describe('a place in a window', () => {
  it.each<[what: string, text: string | undefined, after: string, until: number]>([
    ['the first of all', undefined, held(['me', 0]), NOW + 100],
    ['beside another', held(['a', 40]), held(['a', 40], ['me', 0]), NOW + 100],
    ['where the time of another is just over', held(['a', 100], ['b', 99]), held(['b', 99], ['me', 0]), NOW + 100],
    ['anew, where it is ours: from now on', held(['me', 40], ['a', 30]), held(['a', 30], ['me', 0]), NOW + 100],
    ['anew, though others have more than all', held(['me', 40], ['a', 30], ['b', 20]), held(['a', 30], ['b', 20], ['me', 0]), NOW + 100],
    ['of ours that is later than a clock that is behind', held(['me', -7]), held(['me', -7]), NOW + 107],
    ['beside another that is later than a clock that is behind', held(['a', -7]), held(['a', -7], ['me', 0]), NOW + 107],
  ])('is taken: %s', (_what, text, after, until) => {
    expect(take(text)).toEqual({ place: { taken: true }, text: after, until });
  });

  it.each<[what: string, text: string, most: number, nextAt: number]>([
    ['all are held', held(['a', 40], ['b', 30]), 2, NOW + 60],
    ['all are held, in another order', held(['b', 30], ['a', 40]), 2, NOW + 60],
    ['more are held than there are by now', held(['c', 10], ['b', 30], ['a', 40]), 2, NOW + 70],
    ['the only one is held', held(['a', 99]), 1, NOW + 1],
  ])('is not taken, and the next moment is known: %s', (_what, text, most, nextAt) => {
    expect(take(text, most)).toEqual({ place: { taken: false, nextAt } });
  });

  it.each([0, -1, Number.NaN])('is never one of %d', (most) => {
    expect(() => take(undefined, most)).toThrow(new RangeError('a window has to have a place'));
  });

  it.each(['{}', '[{"owner":"a"}]', '[{"at":1}]', '[1]', '{'])('is not taken where somebody else wrote %s', (text) => {
    expect(() => take(text)).toThrow(LedgerFailed);
    expect(() => take(text)).toThrow('an entry of the ledger cannot be read: something else writes to its table');
  });
});
