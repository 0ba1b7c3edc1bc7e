import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { AlertSource } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { SECRETS_OF } from '../../lib/settings/secrets-of.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { documents } from '../../tools/docs/documents.ts';
import { fillRegions } from '../../tools/docs/regions.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

describe('what the sources say of themselves', () => {
  it.each(documents(ROOT))('stands in $file as they say it; otherwise npm run docs writes it', ({ file, regions }) => {
    expect(fillRegions(textOf(file), regions)).toBe(textOf(file));
  });

  it.each(Object.entries<AlertSource>(ALERT_SOURCES))('names settings that exist and are deployed: %s', (_, source) => {
    const { provider } = parse(textOf('serverless.yml'), { logLevel: 'silent' }) as { provider: { environment: Record<string, string> } };
    expect(source.settings.length).toBeGreaterThan(0);
    for (const name of source.settings) {
      expect(Object.keys(Variables.shape)).toContain(name);
      expect([...Object.keys(provider.environment), ...SECRETS_OF.alerts]).toContain(name);
    }
  });
});

describe('marks', () => {
  it('are filled with the indent they stand in, whatever stood between them', () => {
    expect(fillRegions('a\n  # sources-x:begin (why)\n  old\n  # sources-x:end\nb', { 'sources-x': 'one:\n\n  two\n' })).toBe('a\n  # sources-x:begin (why)\n  one:\n\n    two\n  # sources-x:end\nb');
  });

  it.each([
    ['no end', '<!-- sources:begin -->\n', { sources: 'x' }, 'the end of sources'],
    ['no begin', '<!-- sources:end -->\n', { sources: 'x' }, 'fits no other'],
    ['another end', '<!-- sources:begin -->\n<!-- sources-jobs:end -->', { sources: 'x', 'sources-jobs': 'x' }, 'fits no other'],
    ['one within another', '<!-- sources:begin -->\n<!-- sources:begin -->', { sources: 'x' }, 'fits no other'],
    ['nothing to write', '<!-- sources:begin -->\n<!-- sources:end -->', {}, 'there is nothing to write'],
    ['no marks at all', 'text', { sources: 'x' }, 'marks are missing: sources'],
  ])('with %s are an error', (_, text, regions, expected) => {
    expect(() => fillRegions(text, regions as Record<string, string>)).toThrow(expected);
  });
});
