import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');
export const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The documents that people read, by their path in the checkout. */
export const PAGES = [...globSync('*.md', { cwd: ROOT }), ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
/** Those in English that are no list of changes: their examples are tried. */
export const EXPLAINING = PAGES.filter((page) => !page.endsWith('.zh-CN.md') && page !== 'CHANGELOG.md');

/** A code block: its language ('' where none is named) and its text without the indent that it stands in. */
export type Block = { page: string; language: string; text: string };

/** The code blocks of a page, in their order. */
export function blocksOf(page: string, language?: string): Block[] {
  const blocks = [...textOf(page).matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(([, indent = '', named = '', text = '']) => ({
    page,
    language: named,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
  return language === undefined ? blocks : blocks.filter((block) => block.language === language);
}

/** What stands in back-ticks within the lines of a page. */
export function spansOf(page: string): string[] {
  return spansIn(withoutBlocks(textOf(page)));
}

/** What stands in back-ticks in a text without code blocks. */
export function spansIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** The tables of a page, each as its lines: the head, the rule below it, the rows. */
export function tablesOf(page: string): string[][] {
  return withoutBlocks(textOf(page)).split('\n').reduce<string[][]>((found, line, at, lines) => {
    if (!line.startsWith('|')) return found;
    if (lines[at - 1]?.startsWith('|')) found.at(-1)?.push(line);
    else found.push([line]);
    return found;
  }, []);
}

/** The cells of a line of a table. */
export function cellsOf(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

/** Where the links and pictures of a page lead; code is none. */
export function linksOf(page: string): string[] {
  return [...withoutBlocks(textOf(page)).replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors that GitHub makes of the headings of a page. */
export function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(textOf(page)).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => {
    const slug = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

/** A text without its code blocks. */
export function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)```[^]*?^\1```$/gm, '');
}
