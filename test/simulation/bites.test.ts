import { describe, expect, it } from '@jest/globals';
import { findBite } from './bites.ts';
import { BROKEN_PARTS } from './broken-parts.ts';

/** What a change of the house moves out of its story is looked for in so many. */
const MOST_SEEDS = 60;
const quick = BROKEN_PARTS.filter(({ isQuick }) => isQuick);

describe('the simulation notices (npm run stress -- --bites plays them all)', () => {
  it.each(quick.map((part) => [part.breaks, part.by, part] as const))('%s: by %s', async (_rule, _by, part) => {
    expect(await findBite(part, MOST_SEEDS)).toEqual(expect.any(Number));
  }, 120_000);
});
