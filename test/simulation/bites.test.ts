import { describe, expect, it } from '@jest/globals';
import { thinned } from '../support/full-size.ts';
import { findBite } from './bites.ts';
import { BROKEN_PARTS } from './broken-parts.ts';
import { RULES } from './promises.ts';

/** What a change of the house moves out of its story is looked for in so many. */
const MOST_SEEDS = 60;
/** What no part of ours can break: the engine ends what goes on for too long, and a story that breaks off is none of the house. */
const OF_OTHERS = ['a start that never ends', 'the simulation itself'];
const quick = thinned(BROKEN_PARTS.filter(({ isQuick }) => isQuick), 2);

it('breaks every rule once at least, so that each is shown to be looked at', () => {
  const broken = new Set<string>(BROKEN_PARTS.map(({ breaks }) => breaks));
  expect(RULES.filter((rule) => !broken.has(rule))).toEqual(OF_OTHERS);
});

describe('the simulation notices (npm run stress -- --bites plays them all)', () => {
  it.each(quick.map((part) => [part.breaks, part.by, part] as const))('%s: by %s', async (_rule, _by, part) => {
    expect(await findBite(part, MOST_SEEDS)).toEqual(expect.any(Number));
  }, 120_000);
});
