import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { anchorsOf, cellsOf, linksOf, PAGES, ROOT, tablesOf, textOf } from './pages.ts';

const isOutside = (link: string): boolean => /^[a-z]+:/.test(link);

/** The file in the checkout that a link of a page means, and the anchor in it. */
function follow(page: string, link: string): { file: string; anchor: string | undefined } {
  const [path = '', anchor] = link.split('#');
  return { file: path === '' ? page : posix.join(posix.dirname(page), path), anchor };
}

describe('the links of the documents', () => {
  it.each(PAGES)('of %s lead to files and headings that are there', (page) => {
    const broken = linksOf(page).filter((link) => {
      if (isOutside(link)) return !link.startsWith('https://');
      const { file, anchor } = follow(page, link);
      return !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('reach every page from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached) {
      for (const link of linksOf(page)) {
        const { file } = follow(page, link);
        if (!isOutside(link) && PAGES.includes(file)) reached.add(file);
      }
    }
    expect(PAGES.filter((page) => !reached.has(page))).toEqual([]);
  });
});

describe('the form of the documents', () => {
  it.each(PAGES)('is whole: each table of %s has a head, and each row as many cells', (page) => {
    const isBad = ([head = '', rule = '', ...rows]: string[]): boolean => !/^\|(?:-+:?\|)+$/.test(rule) || [head, ...rows].some((row) => cellsOf(row).length !== cellsOf(rule).length);
    const bad = tablesOf(page).filter(isBad);
    expect(bad.map(([head]) => head)).toEqual([]);
  });
});

describe('the README', () => {
  it('has 1,500 words at most', () => {
    expect(textOf('README.md').trim().split(/\s+/).length).toBeLessThanOrEqual(1_500);
  });

  it('begins with what it is, in a few lines, and what to do on call', () => {
    const [first = '', second = ''] = textOf('README.md').split(/^## /m);
    expect(first.trim().split('\n').length).toBeLessThanOrEqual(8);
    expect(second).toMatch(/^On call\n/);
    for (const word of ['/mrs pause', 'PAUSED', '/mrs why', 'hcloud MRS StopJob', 'yarn application -kill', 'own-home.md']) expect(second).toContain(word);
  });

  it('says of its pictures what is on them', () => {
    expect([...textOf('README.md').matchAll(/!\[([^\]]*)\]/g)].filter(([, said = '']) => said.length < 30)).toEqual([]);
  });
});
