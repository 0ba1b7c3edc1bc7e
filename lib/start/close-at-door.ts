import type { End } from '../core/end.ts';
import type { Clock } from '../core/time.ts';
import type { Closed } from '../core/request.ts';
import { recordEnd } from '../kill/close.ts';
import { tryThrice } from '../kill/moves.ts';
import { endEntry, endUntil, historyEntries, runUntil } from '../kill/history-entries.ts';
import { AtDoor, doorKey } from '../ledger/keys.ts';
import { type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { nameAtDoor } from './names.ts';

/** What ending a request at the door needs. `closeBy` (epoch ms): all of a delivery is written by then, or not at all. */
export type Doorkeeper = { ledger: Ledger; clock: Clock; log: Log; policyHash: string; killFunction: string; closeBy?: number };

export type CloseAtDoor = typeof closeAtDoor;

const CLOSE_FOR_MS = 2_000;

/**
 * The end of a request that goes no further than a door, as of every other: audit line, metric, and its copies in the history. It has
 * a name like a start, by which its repeats are known: they leave nothing new. Where the ledger cannot be used the refusal keeps its
 * answer, and the log says that its End could not be written. Resolves to whether it was new, as far as is known.
 */
export async function closeAtDoor(keeper: Doorkeeper, request: Closed, deliveryKey: string, end: End): Promise<boolean> {
  const { ledger, clock, log, killFunction } = keeper;
  const name = nameAtDoor(killFunction, request.trigger, deliveryKey);
  const now = clock.now();
  const deadline = keeper.closeBy ?? now + CLOSE_FOR_MS;
  try {
    if (now > deadline) throw new LedgerFailed('unavailable', 'no time was left for the ledger');
    const value: AtDoor = { at: now, outcome: end.outcome === 'ignored' ? 'ignored' : 'refused', rule: end.rule ?? end.outcome, killId: request.killId };
    const claim = () => ledger.claim(doorKey(name), { owner: name, start: 1, until: runUntil(now), value }, { now, deadline });
    const claimed = await tryThrice(clock, deadline, claim);
    const stands = AtDoor.safeParse(claimed.value).data;
    if (stands !== undefined && stands.killId !== request.killId) return false; // it ended before: a repeat is only counted
    const began = request.receivedAt;
    const entry = endEntry({ ...keeper, clusters: [] }, request, end, { since: began, began });
    await tryThrice(clock, deadline, () => ledger.put(historyEntries({ name, start: 1 }, request, began, '1', entry, endUntil(now)), { deadline }));
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('the end of a request at the door could not be written', { kill_id: request.killId, error });
  }
  recordEnd(keeper, request, end, name);
  return true;
}
