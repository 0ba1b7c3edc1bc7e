import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SECRETS_OF } from '../../lib/settings/secrets-of.ts';
import { LAMBDA_RIGHTS } from '../stage/lambda-rights.ts';
import { FUNCTIONS } from './packaged.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');

/** Each test file that the page names, with the titles that follow it: `[file](../file) "title", and "title"`. */
const named = [...page.matchAll(/\[(test\/[\w./-]+)\]\(\.\.\/([\w./-]+)\)((?:(?:,)? ?(?:and )?"[^"]+")*)/g)].map(([, file = '', link = '', titles = '']) => ({
  file, link, titles: [...titles.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
}));

describe('the threat model', () => {
  it('names tests', () => {
    expect(named.length).toBeGreaterThan(20);
    expect(named.flatMap(({ titles }) => titles).length).toBe(page.match(/"[^"\n]+"/g)?.filter((quoted) => quoted !== '"At worst"').length);
  });

  it.each(named)('$file is there, with the titles that the page has of it', ({ file, link, titles }) => {
    expect(link).toBe(file);
    const source = readFileSync(join(ROOT, file), 'utf8');
    for (const title of titles) expect(source.includes(`'${title}'`) || source.includes(`"${title}"`) || source.includes(`\`${title}\``) ? title : `no test "${title}" in ${file}`).toBe(title);
  });

  it.each(FUNCTIONS)('says of %s what it gets and calls', (name) => {
    const [, secrets = '', calls = ''] = new RegExp(`^\\| \`${name}\` \\| (?:yes|no) \\| (.*) \\| (.*) \\|$`, 'm').exec(page) ?? [];
    const words = SECRETS_OF[name].map((secret) => (secret.startsWith('HW_') ? 'MRS' : `\`${secret}\``));
    expect(secrets.split(', ')).toEqual([...new Set(words)]);
    const rights = Object.entries(LAMBDA_RIGHTS[name] ?? {}).map(([called, actions]) => `${called}: ${actions.join(', ')}`);
    expect(calls.split('; ')).toEqual(rights.length > 0 ? rights : ['none']);
  });
});
