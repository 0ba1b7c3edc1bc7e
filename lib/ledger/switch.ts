import { switchKey } from './keys.ts';
import type { CallAt, Ledger } from './port.ts';

/** Until when (epoch ms) `/mrs pause` holds, for who only tells of it; undefined while it does not. Throws LedgerFailed. */
export async function pausedUntil(ledger: Ledger, call: CallAt): Promise<number | undefined> {
  const [entry] = await ledger.get([switchKey], call);
  return entry?.until;
}
