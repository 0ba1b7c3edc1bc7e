import type { Simulator } from '../../test/simulator/simulator.ts';

/** What a step of the demo works with. */
export type Stage = { url: string; simulator: Simulator; apiToken: string };

/** One step: what is tried, what it has to end in, and what it ended in. */
export type Step = { title: string; expected: string; play: (stage: Stage) => Promise<string> };
