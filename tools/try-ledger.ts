import type { Ledger } from '../lib/ledger/port.ts';

/** No entry of the ledger has it. */
const NO_KEY = { partition: 'test', rest: 'never there' };

/** Reads from the ledger what is never there, in both ways: a table that is missing, of another shape or closed to us throws LedgerFailed. */
export async function tryLedger(ledger: Ledger, now: number): Promise<void> {
  await ledger.get([NO_KEY], { now });
  await ledger.list(NO_KEY.partition, { now, most: 1, since: NO_KEY.rest });
}
