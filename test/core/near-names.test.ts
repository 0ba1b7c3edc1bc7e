import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asTyped, countTypos, createNearNames, nearestWord, replacedIn } from '../../lib/core/near-names.ts';

function nearest(typed: string, ...names: string[]): string[] {
  const near = createNearNames(typed);
  for (const name of names) near.see(name);
  return near.nearest();
}

describe('near names', () => {
  it.each<[string, string[], string[]]>([
    ['nightly-etl', ['nightly_etl', 'billing', 'nightly-elt'], ['nightly_etl', 'nightly-elt']],
    ['Nightly-ETL', ['nightly-etl'], ['nightly-etl']],
    ['f75\u2014etl', ['f75--etl', 'f75-etl', 'other'], ['f75--etl', 'f75-etl']],
    ['f75\u2013etl', ['f75--etl', 'other'], ['f75--etl']],
    ['http://etl.sh/', ['etl.sh'], ['etl.sh']],
    ['etl', ['nightly-etl-long', 'etl-2', 'eta'], ['eta', 'etl-2', 'nightly-etl-long']],
    ['ab', ['abcdef', 'ac'], ['ac']],
    ['x', ['y', ''], ['y']],
    ['etl', ['etl', 'etl'], []],
    ['job', ['job1', 'job2', 'job3', 'job4', 'jo'], ['job1', 'job2', 'job3']],
    ['nightly', ['x'.repeat(1_000), 'nightly'.repeat(100)], []],
    ['job', ['jo'], ['jo']],
    ['etk', ['etl', 'etl'], ['etl']],
    ['nightly', ['nightly12', 'nightly34', 'nightly56', 'nightly7'], ['nightly7', 'nightly12', 'nightly34']],
    ['nightly', ['nightly1', 'nightly2', 'nightly34', 'nightly5'], ['nightly1', 'nightly2', 'nightly5']],
    // Of what was typed only the first 128 letters count.
    [`${'x'.repeat(127)}ab`, [`${'x'.repeat(126)}ab`, `${'x'.repeat(127)}a`], [`${'x'.repeat(127)}a`, `${'x'.repeat(126)}ab`]],
  ])('to %j among %j are %j', (typed, names, expected) => {
    expect(nearest(typed, ...names)).toEqual(expected);
  });

  it('are three at most, of those seen, and never the name itself', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.array(fc.string({ maxLength: 20 }), { maxLength: 30 }), (typed, names) => {
        const near = nearest(typed, ...names);
        expect(near.length).toBeLessThanOrEqual(3);
        expect(names).toEqual(expect.arrayContaining(near));
        expect(near).not.toContain(typed);
      }),
    );
  });

  it('do not depend on how many there are: a hundred thousand names take a moment', () => {
    const near = createNearNames('nightly-etl');
    for (let number = 0; number < 100_000; number++) near.see(`somebody-elses-job-${number}`);
    near.see('nightly-elt');
    expect(near.nearest()).toEqual(['nightly-elt']);
  });
});

describe('what was typed', () => {
  it.each([
    ['f75\u2014etl', 'f75--etl', ['a long dash']],
    ['f75\u2013etl', 'f75-etl', ['a long dash']],
    ['see https://etl.sh/', 'see https://etl.sh/', []],
    ['ana\u2019s \u201cjob\u201d', 'ana\'s "job"', ['a curly quote']],
    ['https://etl.sh/', 'etl.sh', ['a link']],
    ['mailto:etl@prod.example', 'etl@prod.example', ['a link']],
    ['etl\u2026', 'etl...', ['three dots in one character']],
    ['etl\u200b-1', 'etl-1', ['an invisible character']],
    ['etl\u00a01', 'etl 1', ['a space of another width']],
    ['nightly-etl', 'nightly-etl', []],
    ['ジョブ-ü🦀', 'ジョブ-ü🦀', []],
  ])('%j was %j: %j', (name, typed, replaced) => {
    expect(asTyped(name)).toBe(typed);
    expect(replacedIn(name)).toEqual(replaced);
  });
});

it('typos are letters replaced, added or left out', () => {
  expect([countTypos('kill', 'kill'), countTypos('kil', 'kill'), countTypos('klil', 'kill'), countTypos('', 'kill'), countTypos('🦀', 'x')]).toEqual([0, 1, 2, 4, 1]);
});

describe('the nearest word', () => {
  it.each([
    ['kil', ['kill', 'ask', 'notify'], 'kill'],
    ['olderthan', ['name', 'olderThan'], 'olderThan'],
    ['nmae', ['user', 'name'], 'name'],
    ['dve', ['prod', 'dev'], 'dev'],
    ['kil', ['kills', 'kill'], 'kill'],
    ['x'.repeat(131), ['x'.repeat(128)], 'x'.repeat(128)],
    ['stop', ['kill', 'ask', 'notify'], undefined],
    ['a', ['b', 'c'], undefined],
    ['', ['a'], undefined],
    ['x'.repeat(10_000), ['xx'], undefined],
  ])('%s of %j is %s', (typed, words, near) => {
    expect(nearestWord(typed, words)).toBe(near);
  });
});
