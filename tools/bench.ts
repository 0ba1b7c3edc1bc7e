// npm run bench: what is fast enough, beside a named peer, as ratios of medians in one run.
import { benchCleanup } from './bench/cleanup.ts';
import { benchCold } from './bench/cold.ts';
import { benchSigning } from './bench/sign.ts';

benchSigning();
await benchCleanup();
await benchCold();
