// npm run deaths -- --times <n>: kills the own home at random moments under load, and judges what became of all that it had taken on.
import { runCommand } from './command-line.ts';
import { deaths } from './deaths/deaths.ts';

await runCommand(() => deaths(process.argv.slice(2), (line) => void process.stdout.write(`${line}\n`)));
