/** What a rule says of keeps, and how much of `keepAtMost` was used before (ms). Without `keepAtMostMs` it is as long as one keep. */
export type KeepLimits = { keepMs: number; keepAtMostMs?: number | undefined; usedMs: number };

/** How long a click on Keep holds (ms, from the click), and whether nothing was left of `keepAtMost`, so that only an approver may. */
export function nextKeep({ keepMs, keepAtMostMs = keepMs, usedMs }: KeepLimits): { forMs: number; isUsedUp: boolean } {
  const leftMs = keepAtMostMs - usedMs;
  return leftMs > 0 ? { forMs: Math.min(keepMs, leftMs), isUsedUp: false } : { forMs: keepMs, isUsedUp: true };
}
