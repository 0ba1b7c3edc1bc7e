// npm run policy-schema: writes the JSON Schema of policy.yml, for editors, from its one definition.
import { writeFileSync } from 'node:fs';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';
import { policyJsonSchema } from './policy-json-schema.ts';

const HELP = `Usage: npm run policy-schema -- [file]

Writes the JSON Schema (draft 2020-12) of policy.yml as people write it, made from the definition that the check uses.

Options:
  [file]   where to; default policy.schema.json
  --help

Exit code: 0 it was written, 1 it was not.

Examples:
  npm run policy-schema
`;

function main(): number {
  const read = readArgs(process.argv.slice(2), { name: 'npm run policy-schema', options: {}, mostWords: 1 });
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const [target = 'policy.schema.json'] = read.positionals;
  const schema = `${JSON.stringify(policyJsonSchema(), undefined, 2)}\n`;
  try {
    writeFileSync(target, schema);
  } catch (error) {
    throw new WrongUsage(`${target} cannot be written (${(error as NodeJS.ErrnoException).code}): name a file in a folder that is there.`, { cause: error });
  }
  console.log(`${target} written.`);
  return 0;
}

await runCommand(main);
