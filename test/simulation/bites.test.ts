import { describe, expect, it } from '@jest/globals';
import { BROKEN_PARTS } from './broken-parts.ts';
import { play } from './simulation.ts';

/** What a change of the house moves out of its story is looked for in so many more. */
const MORE_SEEDS = 60;

describe('the simulation notices', () => {
  it.each(BROKEN_PARTS.map((part) => [part.breaks, part.by, part] as const))('%s: by %s', async (rule, _by, { alter, setting, seed: first = 1 }) => {
    const noticed = new Set<string>();
    for (let seed = first; seed <= first + MORE_SEEDS && !noticed.has(rule); seed++) {
      const { faults } = await play(seed, { alter, ...(setting && { setting }) });
      for (const fault of faults) noticed.add(fault.rule);
    }
    expect([...noticed]).toContain(rule);
  }, 120_000);
});
