import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../lib/core/glob.ts';
import { runs } from '../support/full-size.ts';

describe('a glob', () => {
  it.each([
    ['billing-*', 'billing-daily'],
    ['billing-*', 'billing-'],
    ['*', ''],
    ['*', 'anything at all'],
    ['**', 'x'],
    ['*-prod', 'etl-prod'],
    ['a*b*c', 'a-b-b-c'],
    ['?', 'x'],
    ['a?c', 'abc'],
    ['*?', 'x'],
    ['', ''],
  ])('%j fits %j', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(true);
  });

  it.each([
    ['the beginning only', 'billing', 'billing-daily'],
    ['the end only', 'daily', 'billing-daily'],
    ['the middle only', 'b', 'abc'],
    ['too short a text', 'billing-?', 'billing-'],
    ['too long a text', 'billing-?', 'billing-xy'],
    ['another case', 'billing-*', 'Billing-daily'],
    ['an empty text where one letter is wanted', '?', ''],
    ['any text where none is wanted', '', 'x'],
    ['overlapping ends', 'ab*ba', 'aba'],
  ])('has to fit the whole value, exactly: not %s', (_, glob, text) => {
    expect(matchesGlob(glob, text)).toBe(false);
  });

  it.each([
    ['a slash', 'obs:*.jar', 'obs://bucket/a/b.jar'],
    ['a leading dot', '*', '.hidden'],
    ['a dot before the rest', '*.jar', '.jar'],
    ['a line break', 'a*b', 'a\n\r\u2028b'],
    ['NUL', 'a*b', 'a\0b'],
  ])('lets * stand for %s too', (_, glob, text) => {
    expect(matchesGlob(glob, text)).toBe(true);
  });

  it.each(['/', '.', '\n', '\0', '*', '?'])('lets ? stand for %j too', (letter) => {
    expect(matchesGlob('a?b', `a${letter}b`)).toBe(true);
  });

  it('counts a letter outside the basic plane as one', () => {
    expect(matchesGlob('job-?', 'job-🦀')).toBe(true);
    expect(matchesGlob('job-??', 'job-🦀')).toBe(false);
  });

  it.each([
    ['{a,b}', 'a'],
    ['[ab]', 'a'],
    ['!a', 'b'],
    ['+(a)', 'a'],
    ['a|b', 'a'],
    ['.*', 'xyz'],
    ['\\*', '*'],
    ['a.c', 'abc'],
    ['^a$', 'a'],
  ])('knows no other signs: %j means itself and not %j', (glob, text) => {
    expect(matchesGlob(glob, text)).toBe(false);
    expect(matchesGlob(glob, glob)).toBe(true);
  });

  it('agrees with a plain table of all prefixes, whatever the input', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '/', '🦀'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/', '🦀'), maxLength: 10 });
    fc.assert(fc.property(glob, text, (g, t) => matchesGlob(g, t) === fitsByTable(Array.from(g), Array.from(t))), { numRuns: runs(2_000) });
  });

  it('fits every text that fills its gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.string(), (parts, filling) => {
        const literal = parts.map((part) => part.replaceAll(/[*?]/g, '_'));
        return matchesGlob(literal.join('*'), literal.join(filling));
      }),
    );
  });

  // A backtracking matcher needs more steps for each of these than there are atoms; whoever finishes at all is not one.
  it.each([
    ['many stars, and the end is missing', `${'*a'.repeat(50)}*b`, 'a'.repeat(10_000)],
    ['nothing but stars', `${'*'.repeat(10_000)}b`, 'a'.repeat(10_000)],
    ['a star before a long literal', `*${'a'.repeat(5_000)}b`, 'a'.repeat(10_000)],
    ['stars and question marks', `${'*?'.repeat(5_000)}b`, 'a'.repeat(10_000)],
    ['a text of a million letters', '*a*a*a*b', 'a'.repeat(1_000_000)],
  ])('comes to an end on hostile input: %s', (_, glob, text) => {
    expect(matchesGlob(glob, text)).toBe(false);
    expect(matchesGlob(glob, `${text}b`)).toBe(true);
  });
});

/** Row by row: fits[t] says whether the glob read so far fits the first t letters. */
function fitsByTable(glob: string[], text: string[]): boolean {
  let fits = [true, ...text.map(() => false)];
  for (const sign of glob) {
    const next = [sign === '*' && fits[0] === true];
    for (const [index, letter] of text.entries()) {
      const isOne = fits[index] === true && (sign === '?' || sign === letter);
      next.push(sign === '*' ? fits[index + 1] === true || next[index] === true : isOne);
    }
    fits = next;
  }
  return fits.at(-1) === true;
}
