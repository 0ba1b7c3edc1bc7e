// npm run stress -- --seeds <n>: plays the whole product in as many simulated worlds, and names the seeds in which a promise was broken.
import { runCommand } from './command-line.ts';
import { stress } from './stress/stress.ts';

await runCommand(() => stress(process.argv.slice(2), (line) => void process.stdout.write(`${line}\n`)));
