// npm run licences, audit and sbom: what of other people is in a release.
import { join } from 'node:path';
import { runCommand } from './command-line.ts';
import { dependencies } from './dependencies/dependencies.ts';

await runCommand(() => dependencies(process.argv.slice(2), { root: join(import.meta.dirname, '..'), print: console.log }));
