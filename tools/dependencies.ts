// npm run licences, audit and sbom: what of other people is in a release.
import { join } from 'node:path';
import { dependencies } from './dependencies/dependencies.ts';

process.exitCode = await dependencies(process.argv.slice(2), { root: join(import.meta.dirname, '..'), print: console.log });
