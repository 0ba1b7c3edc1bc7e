import { isUntried } from '../core/end.ts';
import type { EndEntry } from '../ledger/keys.ts';
import { ANEW_AFTER_MS } from './recent.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What was tried and failed is not tried anew before so long after it began, by how often it was tried; then every 12 h. */
const AGAIN_AFTER_MS = [15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS];
/** What an end is for a repeat: a kill was tried and failed, nothing was tried, or it is one that stays. */
export type Kind = 'failed' | 'untried' | 'final';

/**
 * `policyHashNow`: by which policy it would be judged now. `isChosen`: of a job that a pick chose. `isWarning`: where another rule kept the
 * job, or the policy of then only played what goes by the name of a kill, nothing was tried.
 */
export function kindOf({ outcome, rule, code, policyHash }: EndEntry, policyHashNow: string, { isChosen = false, isWarning = false }: { isChosen?: boolean; isWarning?: boolean } = {}): Kind {
  if (isWarning && (rule === 'kept' || (outcome === 'would-kill' && policyHash !== policyHashNow))) return 'untried';
  if (isUntried({ outcome, rule }, isChosen)) return 'untried';
  switch (outcome) {
    case 'failed':
      return code === 'STOPPED' || code === 'unanswered' ? 'final' : 'failed'; // stopped by an operator, who had a reason
    case 'expired':
      return 'failed';
    case 'refused':
      return policyHash !== undefined && policyHash !== policyHashNow ? 'untried' : 'final';
    case 'killed':
    case 'finished-first':
    case 'already-over':
    case 'would-kill':
    case 'declined':
    case 'still-running':
    case 'notified':
    case 'ignored':
    case 'accepted':
    case 'not-found':
    case 'ambiguous':
      return 'final';
  }
}

/** Epoch ms: what ended so is not tried anew before; `tried`: so often it was tried and failed. */
export function againAt(kind: Kind, { ended, began = ended, tried = 1 }: { ended: number; began?: number | undefined; tried?: number }): number {
  const failed = Math.max(ended, began + (AGAIN_AFTER_MS[Math.min(tried, AGAIN_AFTER_MS.length) - 1] ?? 0));
  return { final: Infinity, untried: ended + ANEW_AFTER_MS, failed }[kind];
}
