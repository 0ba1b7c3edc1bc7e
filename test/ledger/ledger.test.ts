import { DatabaseSync } from 'node:sqlite';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { openDynalite } from './dynalite.ts';
import { ledgerSuite } from './suite.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z

ledgerSuite('SQLite', async () => {
  const database = new DatabaseSync(':memory:');
  return { ledger: createSqliteLedger(database), now: NOW, close: async () => database.close() };
});

ledgerSuite('dynalite', async () => ({ ...(await openDynalite()), now: NOW }));
