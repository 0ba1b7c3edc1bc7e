import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const text = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** In the order of https://keepachangelog.com/en/1.1.0/ */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

const [head = '', ...sections] = text.replace(/^\[[^\]]+\]: .*\n?/gm, '').split(/^## /m);
const releases = sections.map((section) => {
  const [title = '', ...kinds] = section.split(/^### /m);
  const [, name = '', date] = /^\[([^\]]+)\](?: - (.+))?\s*$/.exec(title) ?? [];
  return { title: title.trim(), name, date, kinds: kinds.map((kind) => ({ kind: kind.split('\n')[0] ?? '', lines: kind.split('\n').slice(1).filter((line) => line !== '') })) };
});
const released = releases.filter(({ name }) => name !== 'Unreleased');
const links = new Map([...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, name = '', url = '']) => [name, url]));

const numbersOf = (name: string): number[] => name.split('.').map(Number);
function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left.map((number, at) => number - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

describe('CHANGELOG.md keeps the form of Keep a Changelog 1.1.0', () => {
  it('says so', () => {
    expect(head).toMatch(/^# Changelog\n/);
    expect(head).toContain('https://keepachangelog.com/en/1.1.0/');
  });

  it('has what is unreleased first, then versions with their dates, newest first', () => {
    expect(releases.map(({ name }) => name).slice(1)).not.toContain('Unreleased');
    for (const { title } of released) expect(title).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
    for (const { date = '' } of released) expect(new Date(`${date}T00:00:00Z`).toISOString()).toContain(date);
    expect(released.map(({ name }) => name)).toEqual(released.map(({ name }) => name).toSorted((a, b) => compare(b, a)));
  });

  it('sorts changes by their known kinds, each once and not empty, a list item for each change', () => {
    for (const { kinds } of releases) {
      const names = kinds.map(({ kind }) => kind);
      expect(names).toEqual(KINDS.filter((kind) => names.includes(kind)));
      for (const { lines } of kinds) {
        expect(lines[0]).toMatch(/^- /);
        expect(lines.filter((line) => !/^(?:- |  )\S/.test(line))).toEqual([]);
      }
    }
  });

  it('links each version, and nothing else', () => {
    expect([...links.keys()].toSorted()).toEqual(releases.map(({ name }) => name).toSorted());
    for (const url of links.values()) expect(url).toMatch(/^https:\/\/github\.com\/mrs-killswitch\/mrs-killswitch\/(?:compare|releases\/tag)\//);
  });

  it('knows the version of package.json: the newest one, or still unreleased', () => {
    const [newest] = released;
    const isUnreleased = releases[0]?.name === 'Unreleased' && compare(version, newest?.name ?? '') > 0;
    expect(isUnreleased ? newest?.name : version).toBe(newest?.name);
  });
});
