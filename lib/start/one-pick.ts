import { isPick, type PickRequest } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { tryThrice } from '../kill/moves.ts';
import { type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import type { Planned } from './limits.ts';
import { choiceIn, keyOfOccurrence, keyOfPick, pickedText } from './pick-claim.ts';

type Reader = { policy: Policy; clusters: readonly Cluster[]; ledger: Ledger; clock: Clock; log: Log };

/** Whose pick it is, and what it chose, where that is known. */
type Holding = { killId: string; reason?: string };

/** How long the ledger is asked whose choice holds: the caller waits for its answer. */
const ASK_FOR_MS = 2_000;

/**
 * What a rule picks in a cluster is one decision: of the alerts of one delivery that lead to it the first is accepted, and the
 * others, started too, are duplicates of it; so is an alert that comes while another's choice holds. `planned` and `started` stand
 * in one order.
 */
export async function onePickEach<Start extends { outcome: string }>(parts: Reader, planned: readonly Planned[], started: readonly Start[]): Promise<(Start | ({ outcome: 'duplicate' } & Holding))[]> {
  const holding = new Map<string, Holding>();
  const results: (Start | ({ outcome: 'duplicate' } & Holding))[] = [];
  for (const [index, start] of started.entries()) {
    const { request, name = '' } = planned[index] ?? {};
    if (start.outcome !== 'accepted' || request === undefined || !isPick(request)) {
      results.push(start);
      continue;
    }
    const { partition, rest } = keyOfPick(parts, request);
    const known = holding.get(`${partition} ${rest}`);
    const other = known ?? (await findOther(parts, request, name));
    if (known === undefined) holding.set(`${partition} ${rest}`, other ?? { killId: request.killId });
    results.push(other ? { outcome: 'duplicate', ...other } : start);
  }
  return results;
}

/** Another's choice that holds now, or that was made for this very occurrence; where that cannot be read, the pick itself finds out. */
async function findOther(parts: Reader, request: PickRequest, name: string): Promise<Holding | undefined> {
  const { ledger, clock, log } = parts;
  const now = clock.now();
  const keys = [keyOfPick(parts, request), keyOfOccurrence(parts, request) ?? []].flat();
  try {
    const entries = await tryThrice(clock, now + ASK_FOR_MS, () => ledger.get(keys, { now, deadline: now + ASK_FOR_MS }));
    const chosen = entries.map(choiceIn).find((one) => one !== undefined && one.owner !== name);
    return chosen ? { killId: chosen.killId, reason: pickedText(request, chosen, now) } : undefined;
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.warn('the ledger could not be asked whose pick holds', { kill_id: request.killId, error });
    return undefined;
  }
}
