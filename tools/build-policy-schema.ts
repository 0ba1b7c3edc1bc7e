// npm run policy-schema: writes the JSON Schema of policy.yml, for editors, from its one definition.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { policyJsonSchema } from './policy-json-schema.ts';

const HELP = `npm run policy-schema -- [file]

Writes the JSON Schema (draft 2020-12) of policy.yml as people write it, made from the definition that the check uses.

  [file]   where to; default policy.schema.json
  --help
`;

function main(): number {
  let target: string;
  try {
    const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    target = positionals[0] ?? 'policy.schema.json';
    writeFileSync(target, `${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`);
  } catch (error) {
    console.error(`${(error as Error).message} --help says more.`);
    return 1;
  }
  console.log(`${target} written.`);
  return 0;
}

process.exitCode = main();
