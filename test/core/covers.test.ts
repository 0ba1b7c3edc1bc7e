import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coversGlob } from '../../lib/core/covers.ts';
import { matchesGlob } from '../../lib/core/glob.ts';
import { runs } from '../support/full-size.ts';

describe('a glob covers another one', () => {
  it.each([
    ['*', 'etl_dev'],
    ['*', 'svc-*'],
    ['*', '?'],
    ['etl_dev', 'etl_dev'],
    ['svc-*', 'svc-*'],
    ['svc-*', 'svc-etl'],
    ['svc-*', 'svc-etl-*'],
    ['*-prod', 'svc-*-prod'],
    ['s*-*', 'svc-etl-*'],
    ['a*b*c', 'a-b-b-c'],
    ['*?', '?*'],
    ['?*?', '??*'],
    ['a?*', 'a*b'],
    ['**', '*'],
    ['job-?', 'job-🦀'],
  ])('%j covers %j', (glob, other) => {
    expect(coversGlob(glob, other)).toBe(true);
  });

  it.each([
    ['etl_dev', '*'],
    ['svc-etl-*', 'svc-*'],
    ['svc-*', 'svc*'],
    ['?', '*'],
    ['?*', '*'],
    ['?', '??'],
    ['a?', 'a*'],
    ['*-prod', '*-prod-*'],
    ['ab*ba', 'aba'],
    ['Etl*', 'etl-x'],
    ['a*?b', 'ab*'],
  ])('%j does not cover %j', (glob, other) => {
    expect(coversGlob(glob, other)).toBe(false);
  });

  // Every word of up to eight of a letter that the globs name and one that they do not.
  const WORDS = Array.from({ length: 9 }, (_, length) => Array.from({ length: 2 ** length }, (_word, bits) => bits.toString(2).padStart(length, '0').slice(0, length).replaceAll('0', 'a').replaceAll('1', 'x'))).flat();

  it('where all words that the other one fits are among its own, and only there', () => {
    const short = fc.string({ unit: fc.constantFrom('a', '*', '?'), maxLength: 4 });
    fc.assert(
      fc.property(short, short, (glob, other) => coversGlob(glob, other) === WORDS.every((word) => !matchesGlob(other, word) || matchesGlob(glob, word))),
      { numRuns: runs(2_000) },
    );
  });

  it('and then fits every word that is made by filling the other one', () => {
    const unit = fc.constantFrom('a', 'b', '-', '*', '?', '🦀');
    const filling = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '-', 'z'), maxLength: 3 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), fc.string({ unit, maxLength: 8 }), filling, (glob, other, parts) => {
        let at = 0;
        const word = other.replaceAll(/[*?]/g, (sign) => (sign === '?' ? 'z' : (parts[at++ % parts.length] ?? '')));
        return matchesGlob(other, word) && (!coversGlob(glob, other) || matchesGlob(glob, word));
      }),
      { numRuns: runs(5_000) },
    );
  });

  it('comes to an end on hostile ones', () => {
    expect(coversGlob(`${'*a?'.repeat(15)}b`, '*a'.repeat(15))).toBe(false);
    expect(coversGlob('*a'.repeat(30), '*a'.repeat(40))).toBe(true);
    expect(coversGlob('?'.repeat(200), `${'?'.repeat(199)}*`)).toBe(false);
    expect(coversGlob('*', '*?'.repeat(200))).toBe(true);
  });
});
