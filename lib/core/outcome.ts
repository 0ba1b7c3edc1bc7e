/** How a request ends. Every request ends with exactly one of these. */
export const OUTCOMES = [
  'killed',
  'finished-first',
  'already-over',
  'would-kill',
  'refused',
  'declined',
  'expired',
  'not-found',
  'ambiguous',
  'still-running',
  'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a trigger is told of each start. `accepted` also answers a REST kill that MRS took but nobody waited for. */
export const STARTS = ['accepted', 'duplicate', 'refused', 'ignored', 'notified'] as const;
export type Start = (typeof STARTS)[number];
