import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readArgs, WrongUsage } from '../command-line.ts';
import { audit } from './audit.ts';
import { ALLOWED_LICENCES, judgeLicences } from './licences.ts';
import { makeBillOfMaterials } from './sbom.ts';
import { readShipped } from './shipped.ts';

const BILL = 'build/sbom.cdx.json';

const HELP: Record<string, string> = {
  licences: `Usage: npm run licences

Lists the licences of all packages that a release has in it, and says which is not allowed. Works without a network.
Allowed: ${ALLOWED_LICENCES.join(', ')}.

Options:
  --help

Exit code: 0 all are allowed, 1 one is not.

Examples:
  npm run licences`,
  audit: `Usage: npm run audit

Asks the registry for known holes in the packages that a release has in it (npm audit --omit=dev).

Options:
  --help

Exit code: 0 none is known, 1 there are some, 2 not checked: the registry gave no report.

Examples:
  npm run audit`,
  sbom: `Usage: npm run sbom

Writes the bill of materials of a release to ${BILL}, in CycloneDX's format, by npm sbom: every package that is in it, with version,
licence and checksum. Works without a network.

Options:
  --help

Exit code: 0 it is written, 1 it is not.

Examples:
  npm run sbom`,
};

type World = { root: string; print: (text: string) => void };

/** Does what the command line says (licences, audit or sbom) for the project in `root`; the exit code, as the help has it. Throws WrongUsage, and where npm itself fails. */
export async function dependencies(args: readonly string[], { root, print }: World): Promise<number> {
  const [command = '', ...more] = args;
  const help = HELP[command];
  if (help === undefined) throw new WrongUsage('There is npm run licences, npm run audit and npm run sbom.');
  if (readArgs(more, { name: `npm run ${command}`, options: {} }) === 'help') {
    print(help);
    return 0;
  }
  switch (command) {
    case 'licences': {
      const { lines, isAllowed } = judgeLicences(readShipped(root).packages);
      print(lines.join('\n'));
      return isAllowed ? 0 : 1;
    }
    case 'audit': {
      const { lines, code } = await audit(root);
      print(lines.join('\n'));
      return code;
    }
    default: {
      const { text, count } = await makeBillOfMaterials(readShipped(root));
      mkdirSync(dirname(join(root, BILL)), { recursive: true });
      writeFileSync(join(root, BILL), text);
      print(`${BILL} lists ${count} packages.`);
      return 0;
    }
  }
}
