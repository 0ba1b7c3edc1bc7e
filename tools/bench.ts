// npm run bench: what is fast enough, beside named peers, as ratios of what was measured turn by turn.
import { bench } from './bench/bench.ts';

process.exitCode = await bench(process.argv.slice(2), (line) => void process.stdout.write(`${line}\n`));
