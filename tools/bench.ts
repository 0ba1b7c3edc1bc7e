// npm run bench: what is fast enough, beside a named peer, as ratios of medians in one run.
import { benchSigning } from './bench/sign.ts';

benchSigning();
