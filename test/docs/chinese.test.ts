import { describe, expect, it } from '@jest/globals';
import { blocksOf, cellsOf, linksOf, spansIn, tablesOf, textOf, withoutBlocks } from './pages.ts';

const ENGLISH = 'README.md';
const CHINESE = 'README.zh-CN.md';

/** What is the same in both languages: `read` says it of each, so that a test shows the place where they part. */
function expectSame(read: (page: string) => unknown): void {
  expect(read(CHINESE)).toEqual(read(ENGLISH));
}

/** The sections of a page, each with its heading. A translation puts words in another order, so what is compared within one is sorted. */
const sectionsOf = (page: string): string[] => withoutBlocks(textOf(page)).split(/^(?=#{1,6} )/m);

describe('the README in Chinese says what the English one says', () => {
  it('in sections of the same number and level', () => {
    expectSame((page) => sectionsOf(page).map((section) => /^#*/.exec(section)?.[0]));
    const [first = '', ...others] = sectionsOf(CHINESE).map((section) => section.split('\n')[0] ?? '');
    expect(first).toBe('# mrs-killswitch');
    expect(others.filter((heading) => !/\p{Script=Han}/u.test(heading))).toEqual([]);
  });

  it('with the same code blocks, byte for byte', () => {
    expect(blocksOf(ENGLISH).length).toBeGreaterThan(4);
    expectSame((page) => blocksOf(page).map(({ language, text }) => ({ language, text })));
  });

  it('with the same code in the lines of each section', () => {
    expectSame((page) => sectionsOf(page).map((section) => spansIn(section).toSorted()));
  });

  it('with as many points and steps in each section', () => {
    expectSame((page) => sectionsOf(page).map((section) => [...section.matchAll(/^ *(-|\d+\.) /gm)].map(([, mark]) => mark)));
  });

  it('in tables of the same shape, with the same code in each cell', () => {
    expect(tablesOf(ENGLISH).length).toBeGreaterThan(3);
    expectSame((page) => tablesOf(page).map((lines) => lines.map((line) => cellsOf(line).map((cell) => spansIn(cell).toSorted()))));
    expectSame((page) => tablesOf(page).map((lines) => lines.map((line) => cellsOf(line).map((cell) => cell === ''))));
  });

  it('with the same links and pictures, in the same order, but for the link to each other', () => {
    const others = (page: string): string[] => linksOf(page).filter((link) => link !== ENGLISH && link !== CHINESE);
    expect(others(ENGLISH).length).toBeGreaterThan(40);
    expectSame(others);
    expect([ENGLISH, CHINESE].map((page) => linksOf(page)[0])).toEqual([CHINESE, ENGLISH]);
    expectSame((page) => [...textOf(page).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, file]) => file));
  });

  it('and is no longer', () => {
    expect(textOf(CHINESE).length).toBeLessThanOrEqual(textOf(ENGLISH).length);
  });

  it('and tells its readers at the top that the other pages are in English', () => {
    expect(textOf(CHINESE).split('\n')[2]).toMatch(/^\[English\]\(README\.md\) · docs 目录下的页面是英文的/);
  });
});
