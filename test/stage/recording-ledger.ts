import { createRequire } from 'node:module';
import type { Ledger } from '../../lib/ledger/port.ts';

export type LedgerCall = keyof Ledger;
export type Recorded = { call: LedgerCall; partition: string };

/** A ledger that notes each call and the partitions it goes to, then does what `ledger` does. */
export function recordCalls(ledger: Ledger): { ledger: Ledger; calls: Recorded[] } {
  const calls: Recorded[] = [];
  const note = (call: LedgerCall, ...partitions: string[]): void => void calls.push(...partitions.map((partition) => ({ call, partition })));
  const recording: Ledger = {
    claim(key, ...rest) {
      note('claim', key.partition);
      return ledger.claim(key, ...rest);
    },
    release(key, ...rest) {
      note('release', key.partition);
      return ledger.release(key, ...rest);
    },
    take(key, ...rest) {
      note('take', key.partition);
      return ledger.take(key, ...rest);
    },
    put(entries, ...rest) {
      note('put', ...entries.map(({ key }) => key.partition));
      return ledger.put(entries, ...rest);
    },
    get(keys, ...rest) {
      note('get', ...keys.map(({ partition }) => partition));
      return ledger.get(keys, ...rest);
    },
    list(partition, options) {
      note('list', partition);
      return ledger.list(partition, options);
    },
  };
  return { ledger: recording, calls };
}

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
