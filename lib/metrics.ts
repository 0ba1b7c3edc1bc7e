import type { Log } from './log.ts';
import type { Metric } from './metric-line.ts';

const ONCE: Metric = { value: 1, unit: 'Count' };

/** How a request ended, for counting: `rule` of a refusal, `code` of a failure. */
export type Counted = { outcome: string; rule?: string | undefined; code?: string | undefined };

/** Counts the end of a request: by trigger and outcome, a refusal by its rule, a failure by its code, and how long a kill took. */
export function countEnd(log: Log, trigger: string, { outcome, rule, code }: Counted, tookMs: number): void {
  log.metric({ Ended: ONCE }, { trigger, outcome });
  if (outcome === 'refused') log.metric({ Refused: ONCE }, { trigger, rule: rule ?? 'unknown' });
  if (outcome === 'failed') log.metric({ Failed: ONCE }, { trigger, code: code ?? 'unknown' });
  if (outcome === 'killed') log.metric({ RequestedToKilled: { value: tookMs, unit: 'Milliseconds' } }, { trigger });
}

/** Counts what became of starts: `accepted`, `duplicate`, `refused` by which rule, `failed`. */
export function countStarts(log: Log, trigger: string, starts: readonly Counted[]): void {
  for (const { outcome, rule } of starts) {
    log.metric({ Started: ONCE }, { trigger, outcome });
    if (outcome === 'refused') log.metric({ Refused: ONCE }, { trigger, rule: rule ?? 'unknown' });
  }
}

/** Counts a caller who did not prove who they are; a burst of these raises an alarm. */
export function countUnauthorized(log: Log): void {
  log.metric({ Unauthorized: ONCE }, {});
}
