import type { Forget } from '../store/tidy.ts';
import type { Store } from '../store/store.ts';

/** Kept a day longer than it counts, as DynamoDB may too; the contract allows two. */
const KEPT_AFTER_MS = 24 * 3_600_000;

/** Forgets entries of the ledger that nobody reads any more. The ledger's table has to be there. */
export function createForgetOver(store: Store): Forget {
  store.database.exec('CREATE INDEX IF NOT EXISTS ledger_until ON ledger (until)');
  const remove = store.database.prepare('DELETE FROM ledger WHERE rowid IN (SELECT rowid FROM ledger WHERE until < :before ORDER BY until LIMIT :most)');
  return (now, most) => store.write(() => Number(remove.run({ before: now - KEPT_AFTER_MS, most }).changes));
}
