/** Chance that a seed decides: the same seed draws the same numbers in the same order. */
export type Chance = {
  /** 0 ≤ x < 1. */
  random: () => number;
  /** True with that probability. */
  happens: (probability: number) => boolean;
  /** A whole number from `least` to `most`, both included. */
  whole: (least: number, most: number) => number;
  one: <T>(of: readonly T[]) => T;
};

/** mulberry32: small, fast, and good enough for dice. https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 */
export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed, 2_654_435_761) >>> 0 || 1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return {
    random,
    happens: (probability) => random() < probability,
    whole,
    one: <T>(of: readonly T[]) => of[whole(0, of.length - 1)] as T,
  };
}
