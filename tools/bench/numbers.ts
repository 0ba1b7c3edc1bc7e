/** The median of some values, and the quartiles around it. */
export type Spread = { low: number; median: number; high: number };

/** Median and quartiles, between neighbours where they fall between two values. NaN where there are none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => {
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    return below + ((sorted[Math.ceil(place)] ?? Number.NaN) - below) * (place - Math.floor(place));
  };
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}

/**
 * Ours beside the peer's of the same round: the differences, and the ratio that their median stands for. A machine that is slow for a
 * while is slow for both, so that a difference of pairs says more than one of medians.
 */
export function compare(ours: readonly number[], peers: readonly number[]): { difference: Spread; ratio: number } {
  const difference = spreadOf(ours.map((value, round) => value - (peers[round] ?? Number.NaN)));
  const peer = spreadOf(peers).median;
  return { difference, ratio: (peer + difference.median) / peer };
}
