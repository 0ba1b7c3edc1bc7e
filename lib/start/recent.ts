/** After so long nothing of a request can have been tried and be tried anew: what ended without a try waits that long, all else longer. */
export const ANEW_AFTER_MS = 5 * 60_000;

const MOST_NAMES = 10_000;

/** What this process started a moment ago, by name: a repeat of it is one, and nobody has to be asked. */
export type Recent = { add(name: string, startedAt: number): void; has(name: string, now: number): boolean };

export function createRecent(): Recent {
  const startedAt = new Map<string, number>();
  return {
    add(name, at) {
      if (startedAt.size >= MOST_NAMES) startedAt.clear();
      startedAt.set(name, at);
    },
    has: (name, now) => now - (startedAt.get(name) ?? -Infinity) < ANEW_AFTER_MS,
  };
}
