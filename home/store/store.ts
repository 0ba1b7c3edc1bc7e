import type { DatabaseSync } from 'node:sqlite';
import { isDamage } from './sqlite-trouble.ts';

/** One SQLite database whose writes go to disk together: all of one turn of the loop in one commit. */
export type Store = {
  database: DatabaseSync;
  /**
   * Does `work` (statements only, nothing awaited) in the transaction of this turn. Resolves with what it returned once that is
   * committed. What it throws undoes its own statements and no others; where the commit fails, all of the turn reject.
   */
  write<T>(work: () => T): Promise<T>;
  /** The same for who needs what `work` returned before it is on disk, and tells nobody until `written`. Throws what `work` throws. */
  writeNow<T>(work: () => T): { value: T; written: Promise<void> };
  /** Reads. Where this turn has written, the answer waits for the commit: nobody is told what a crash could take back. */
  read<T>(work: () => T): Promise<T>;
  /** Within `work`: runs `after` once it is committed, and never if it is not. */
  afterCommit(after: () => void): void;
  /** Why it did not take what it was given last; undefined where it did. A full disk and its like may get better. */
  trouble(): unknown;
  /** Told of what was met beside its own calls: a damaged page is damage to all of it. */
  note(error: unknown): void;
  /** Commits what waits, without waiting for the end of the turn. */
  flush(): void;
  /** The same, and closes the database; no further call. */
  close(): void;
};

type Turn = { written: Promise<void>; resolve: () => void; reject: (error: unknown) => void; after: (() => void)[] };

/**
 * Makes the store over a database, whose durability its owner has set (`synchronous=FULL` for a file). `defer` says when a turn is
 * over: default, when the loop has taken all that was ready. `onDamage` is told once, where a page was met that is not what was
 * written: from then on nothing is read or written any more. https://sqlite.org/lang_savepoint.html
 */
export function createStore(database: DatabaseSync, defer: (commit: () => void) => void = (commit) => void setImmediate(commit), onDamage: () => void = () => undefined): Store {
  let turn: Turn | undefined;
  let depth = 0;
  let trouble: unknown;
  let damage: unknown;

  function look(error: unknown): void {
    if (damage !== undefined || !isDamage(error)) return;
    damage = error;
    trouble = error;
    onDamage();
  }

  function refuseDamaged(): void {
    if (damage !== undefined) throw damage;
  }

  function begin(): Turn {
    refuseDamaged();
    if (turn !== undefined) return turn;
    try {
      database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      trouble = error;
      look(error);
      throw error;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined); // who waits for it hears of it
    const begun: Turn = { written: promise, resolve, reject, after: [] };
    turn = begun;
    defer(() => turn === begun && commit());
    return begun;
  }

  function commit(): void {
    const done = turn;
    if (done === undefined) return;
    try {
      refuseDamaged();
      database.exec('COMMIT');
    } catch (error) {
      return giveUp(error);
    }
    turn = undefined;
    trouble = undefined;
    done.resolve();
    for (const after of done.after) after();
  }

  function giveUp(error: unknown): void {
    const lost = turn;
    trouble = error;
    look(error);
    turn = undefined;
    if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
    lost?.reject(error);
  }

  function readNow<T>(work: () => T): T {
    try {
      refuseDamaged();
      return work();
    } catch (error) {
      look(error);
      throw error;
    }
  }

  const store: Store = {
    database,
    writeNow<T>(work: () => T) {
      const own = begin();
      const before = own.after.length;
      const savepoint = `s${depth}`;
      depth++;
      try {
        database.exec(`SAVEPOINT ${savepoint}`);
        const value = work();
        database.exec(`RELEASE ${savepoint}`);
        return { value, written: own.written };
      } catch (error) {
        own.after.length = before;
        look(error);
        // A full disk and its like have taken the whole transaction back already. https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        if (!database.isOpen || !database.isTransaction) giveUp(error);
        else database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
        throw error;
      } finally {
        depth--;
      }
    },
    async write(work) {
      const { value, written } = store.writeNow(work);
      await written;
      return value;
    },
    async read(work) {
      const value = readNow(work);
      if (turn !== undefined) await turn.written;
      return value;
    },
    afterCommit(after) {
      if (turn === undefined) throw new Error('there is nothing to be committed');
      turn.after.push(after);
    },
    trouble: () => trouble,
    note: look,
    flush: commit,
    close() {
      commit();
      database.close();
    },
  };
  return store;
}
