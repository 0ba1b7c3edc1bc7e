import { describe, it } from '@jest/globals';

/**
 * Whether the tests play everything that they could: `FULL=1`, which `npm run stress -- --full` sets. Without it, those that take
 * long play a part of each kind. Such a test file imports this one; that is how the command finds it.
 */
export const isFullSize = process.env['FULL'] === '1';

/** Every nth of `items` from the first on, and the last one; all of them at full size. */
export function thinned<Item>(items: readonly Item[], every: number): Item[] {
  return items.filter((_, index) => isFullSize || index % every === 0 || index === items.length - 1);
}

/** So many runs of a property, whose seeds are others each time: a quarter, all of them at full size. */
export const runs = (whole: number): number => (isFullSize ? whole : Math.ceil(whole / 4));

/** For what takes long and changes seldom: played at full size only. */
export const describeAtFullSize = isFullSize ? describe : describe.skip;
export const itAtFullSize = isFullSize ? it : it.skip;
