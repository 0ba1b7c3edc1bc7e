import { createRequire } from 'node:module';
import type { Ledger } from '../../lib/ledger/port.ts';

/** A call of the port. */
export type LedgerCall = keyof Ledger;

type Rights = Record<string, Record<string, LedgerCall[]>>;

/** Of each function the partitions, `*` being any rest, and the calls that its role lets it make there: the table behind the roles. */
export const LEDGER_RIGHTS = createRequire(import.meta.url)('../../serverless/ledger-rights.cjs') as Rights;

/** Whether the role of a function lets it make this call on this partition. */
export function isGranted(functionName: string, call: LedgerCall, partition: string): boolean {
  const rights = LEDGER_RIGHTS[functionName];
  if (rights === undefined) throw new RangeError(`there is no function ${functionName}`);
  return Object.entries(rights).some(([pattern, calls]) => calls.includes(call) && isLike(pattern, partition));
}

/** As IAM's StringLike compares. Only the last character of a pattern is a wildcard here. */
export function isLike(pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
