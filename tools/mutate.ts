// npm run mutate: breaks the code on purpose, one place at a time, and names the breaks that no test notices.
import { runCommand } from './command-line.ts';
import { mutate } from './mutate/mutate.ts';

await runCommand(() => mutate(process.argv.slice(2), (line) => void process.stdout.write(`${line}\n`)));
