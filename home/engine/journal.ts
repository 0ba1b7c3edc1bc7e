import type { Store } from '../store/store.ts';
import type { Operation } from './operations.ts';

// By rowid in the order in which they came: replay needs the EXECUTION first and a child after its parent.
const TABLE = `
CREATE TABLE IF NOT EXISTS operations (execution TEXT NOT NULL, id TEXT NOT NULL, operation TEXT NOT NULL, isNews INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS operations_of ON operations (execution, id);
CREATE INDEX IF NOT EXISTS operations_news ON operations (execution) WHERE isNews = 1;`;

/** What the executions did: their operations, each as it stands. Plain statements, for the store's `write`, but those that only read. */
export type Journal = ReturnType<typeof openJournal>;

/** Opens the table, made where it is missing. */
export function openJournal({ database }: Store) {
  database.exec(TABLE);
  const statements = {
    one: database.prepare('SELECT operation FROM operations WHERE execution = ? AND id = ?'),
    all: database.prepare('SELECT operation FROM operations WHERE execution = ? ORDER BY rowid'),
    put: database.prepare(`INSERT INTO operations VALUES (:execution, :id, :operation, :isNews)
      ON CONFLICT (execution, id) DO UPDATE SET operation = excluded.operation, isNews = excluded.isNews`),
    count: database.prepare('SELECT count(*) AS operations FROM operations WHERE execution = ?'),
    news: database.prepare('SELECT operation FROM operations WHERE execution = ? AND isNews = 1 ORDER BY rowid'),
    noNews: database.prepare('UPDATE operations SET isNews = 0 WHERE execution = ? AND isNews = 1'),
    drop: database.prepare('DELETE FROM operations WHERE execution = ?'),
  };
  const read = (row: Record<string, unknown>): Operation => JSON.parse(String(row['operation'])) as Operation;
  return {
    find(execution: string, id: string): Operation | undefined {
      const row = statements.one.get(execution, id);
      return row && read(row);
    },
    all: (execution: string): Operation[] => statements.all.all(execution).map(read),
    count: (execution: string): number => Number(statements.count.get(execution)?.['operations']),
    /** `isNews`: changed from outside, and the code was not told yet. */
    put: (execution: string, operation: Operation, isNews: boolean): void =>
      void statements.put.run({ execution, id: operation.Id ?? '', operation: JSON.stringify(operation), isNews: Number(isNews) }),
    news: (execution: string): Operation[] => statements.news.all(execution).map(read),
    /** The code is told of all of it now. */
    clearNews: (execution: string): void => void statements.noNews.run(execution),
    drop: (execution: string): void => void statements.drop.run(execution),
  };
}
