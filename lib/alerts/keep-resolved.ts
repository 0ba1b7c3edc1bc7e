import { tryThrice } from '../kill/moves.ts';
import { type Resolved, resolvedKey, RUN_KEPT_MS } from '../ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Starter } from '../start/start-all.ts';
import type { Judged } from './judge-alert.ts';

const RESOLVED_FOR_MS = 5_000;
/** As many as the ledger writes in one call. */
const WRITTEN_AT_ONCE = 25;

/** A kill that waits for its moment asks the ledger whether its alert is resolved. What cannot be written is `failed`: the sender has to say it again. */
export async function keepResolved({ starter: { ledger, clock }, log }: { starter: Pick<Starter, 'ledger' | 'clock'>; log: Log }, judged: Judged[]): Promise<Judged[]> {
  const now = clock.now();
  const value: Resolved = { at: now };
  const occurrences = new Set(judged.flatMap(({ resolved }) => resolved ?? []));
  const entries = [...occurrences].map((occurrence): PutEntry => ({ key: resolvedKey(occurrence), value, until: now + RUN_KEPT_MS }));
  const deadline = now + RESOLVED_FOR_MS;
  const calls = Array.from({ length: Math.ceil(entries.length / WRITTEN_AT_ONCE) }, (_, call) => entries.slice(call * WRITTEN_AT_ONCE, (call + 1) * WRITTEN_AT_ONCE));
  try {
    await Promise.all(calls.map((some) => tryThrice(clock, deadline, () => ledger.put(some, { deadline }))));
    return judged;
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('the ledger did not take that alerts are resolved; the sender is asked to send them again', { error, alerts: occurrences.size });
    return judged.map((one) => (one.resolved === undefined ? one : { result: { ...one.result, outcome: 'failed', reason: 'the ledger did not take that it is resolved' } }));
  }
}
