import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { audit } from './audit.ts';
import { ALLOWED_LICENCES, judgeLicences } from './licences.ts';
import { makeBillOfMaterials } from './sbom.ts';
import { readShipped } from './shipped.ts';

const BILL = 'build/sbom.cdx.json';

const HELP: Record<string, string> = {
  licences: `npm run licences

Lists the licences of all packages that a release has in it, and says which is not allowed. Works without a network.
Allowed: ${ALLOWED_LICENCES.join(', ')}.
Exit code: 0 all are allowed, 1 one is not.`,
  audit: `npm run audit

Asks the registry for known holes in the packages that a release has in it (npm audit --omit=dev).
Exit code: 0 none is known, 1 there are some, 2 not checked: the registry gave no report.`,
  sbom: `npm run sbom

Writes the bill of materials of a release to ${BILL}, in CycloneDX's format, by npm sbom: every package that is in it, with version,
licence and checksum. Works without a network.
Exit code: 0 it is written, 1 it is not.`,
};

type World = { root: string; print: (text: string) => void };

/** Does what the command line says (licences, audit or sbom) for the project in `root`; the exit code, as the help has it. Throws where npm itself fails. */
export async function dependencies(args: readonly string[], { root, print }: World): Promise<number> {
  const [command = '', ...more] = args;
  const help = HELP[command];
  if (more.includes('--help') || more.includes('-h')) {
    print(help ?? '');
    return 0;
  }
  if (help === undefined || more.length > 0) {
    print(`${[command, ...more].join(' ')}: there is licences, audit and sbom, each without more words: npm run licences -- --help`);
    return 1;
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
