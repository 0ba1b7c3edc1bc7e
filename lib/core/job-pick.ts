import type { Selector } from './selector.ts';

/** Which of the jobs that fit a pick means; the words of `order:` in policy.yml. */
export const PICK_ORDERS = ['longest-running', 'newest'] as const;

/** A pick chooses nothing else for so long after it chose, unless its rule says otherwise. */
export const COOLDOWN_MS = 15 * 60_000;

/** Which of the jobs that fit are meant: so many of them, in this order; nothing else is chosen in the cluster for `cooldownMs`. */
export type JobPick = Selector & { order: (typeof PICK_ORDERS)[number]; count: number; cooldownMs?: number | undefined };
