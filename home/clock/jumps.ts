/** Where the time jumped forward: from this moment to that (epoch ms), and what lies between never ran. */
export type Jump = { from: number; to: number };

const MOST_KEPT = 20;
/** Longer than any warning stands, and any question. */
const KEPT_MS = 60 * 86_400_000;

/** Those worth remembering, with a new one: the newest last. */
export function addJump(jumps: readonly Jump[], jump: Jump): Jump[] {
  return [...jumps.filter(({ to }) => to > jump.to - KEPT_MS), jump].slice(-MOST_KEPT);
}

/** How much (ms) of the time between two moments never ran. */
export function skippedBetween(jumps: readonly Jump[], since: number, until: number): number {
  return jumps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, until) - Math.max(from, since)), 0);
}
