// npm run docs: writes what the alert sources, the policy's schema and the settings say of themselves into the READMEs, docs/ and
// openapi.yml, between the marks there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './docs/documents.ts';
import { fillRegions } from './docs/regions.ts';

const ROOT = join(import.meta.dirname, '..');

for (const { file, regions } of documents(ROOT)) {
  const path = join(ROOT, file);
  const before = readFileSync(path, 'utf8');
  const after = fillRegions(before, regions);
  if (after !== before) writeFileSync(path, after);
  console.log(`${file} ${after === before ? 'is as the sources have it' : 'was written anew'}`);
}
