import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Reading } from '../../lib/alerts/sources.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/alerts');

/** A saved body and what has to come of it: the reading, or a 400 that begins with the name of the field `error`. */
export type Fixture = { name: string; body: Buffer; expected: Reading | { error: string } };

/** The sources that have a folder of fixtures. */
export function listFixtureFolders(): string[] {
  return readdirSync(FOLDER).toSorted();
}

/** All fixtures of a source. Throws where a body has no expectation, or an expectation no body. */
export function readFixtures(source: string): Fixture[] {
  const files = globSync('*.json', { cwd: join(FOLDER, source) });
  const names = files.filter((file) => !file.endsWith('.expected.json')).map((file) => basename(file, '.json')).toSorted();
  if (files.length !== 2 * names.length) throw new Error(`every body of ${source} needs its .expected.json, and the other way round`);
  return names.map((name) => ({
    name,
    body: readFileSync(join(FOLDER, source, `${name}.json`)),
    expected: JSON.parse(readFileSync(join(FOLDER, source, `${name}.expected.json`), 'utf8')) as Fixture['expected'],
  }));
}
