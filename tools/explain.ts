// npm run explain: what would happen to a job, or what an alert would lead to, by which rule of policy.yml. Offline.
import { loadEnvFiles } from './env-files.ts';
import { explain } from './explain/explain.ts';

loadEnvFiles(undefined);
process.exitCode = await explain(process.argv.slice(2), { env: process.env, now: Date.now, print: console.log, printError: console.error });
