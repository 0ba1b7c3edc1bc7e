// npm run explain: what would happen to a job, or what an alert would lead to, by which rule of policy.yml. Offline.
import { runCommand } from './command-line.ts';
import { loadEnvFiles } from './env-files.ts';
import { explain } from './explain/explain.ts';

await runCommand(() => {
  loadEnvFiles(undefined);
  return explain(process.argv.slice(2), { env: process.env, now: Date.now, print: (text) => void process.stdout.write(`${text}\n`), printError: console.error });
});
