import type { BrokenPart } from './broken-parts.ts';
import { play } from './simulation.ts';

/** Plays stories from the part's first one on, `most` at most, until the promise that it breaks is seen broken. The seed of that one, or undefined. */
export async function findBite({ breaks, alter, setting, seed: first = 1 }: BrokenPart, most: number): Promise<number | undefined> {
  for (let seed = first; seed < first + most; seed++) {
    const { faults } = await play(seed, { alter, ...(setting && { setting }) });
    if (faults.some(({ rule }) => rule === breaks)) return seed;
  }
  return undefined;
}
