import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { policyJsonSchema } from '../../tools/policy-json-schema.ts';

// A file of its own: what is compared with the definition in another process would notice no mutant of it.
it('policy.schema.json says of each key what the definition says: form, description, default, examples', () => {
  const committed = readFileSync(new URL('../../policy.schema.json', import.meta.url), 'utf8');
  expect(`${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`).toBe(committed);
});
