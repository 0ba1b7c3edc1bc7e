// npm run bench: what is fast enough, beside named peers, as ratios of what was measured turn by turn.
import { runCommand } from './command-line.ts';
import { bench } from './bench/bench.ts';

await runCommand(() => bench(process.argv.slice(2), (line) => void process.stdout.write(`${line}\n`)));
