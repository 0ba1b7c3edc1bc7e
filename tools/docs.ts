// npm run docs: writes what the alert sources, the policy's schema, the settings and the table of faults say of themselves into the READMEs, docs/ and
// openapi.yml, between the marks there.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArgs, runCommand } from './command-line.ts';
import { documents } from './docs/documents.ts';
import { fillRegions } from './docs/regions.ts';

const HELP = `Usage: npm run docs

Writes what the sources say of themselves into the documents, between the marks there. What is right stays as it is.

Options:
  --help

Exit code: 0 the documents are right now, 1 they could not be written.

Examples:
  npm run docs
`;

const ROOT = join(import.meta.dirname, '..');

function main(): number {
  if (readArgs(process.argv.slice(2), { name: 'npm run docs', options: {} }) === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  for (const { file, regions } of documents(ROOT)) {
    const path = join(ROOT, file);
    const before = readFileSync(path, 'utf8');
    const after = fillRegions(before, regions);
    if (after !== before) writeFileSync(path, after);
    console.log(`${file} ${after === before ? 'is as the sources have it' : 'was written anew'}`);
  }
  return 0;
}

await runCommand(main);
