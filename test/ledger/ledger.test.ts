import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { isFullSize } from '../support/full-size.ts';
import { openDynalite } from './dynalite.ts';
import { ledgerSuite } from './suite.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z

ledgerSuite('SQLite', async () => {
  const store = memoryStore();
  return { ledger: createSqliteLedger(store), now: NOW, close: async () => store.close() };
});

ledgerSuite('dynalite', async () => ({ ...(await openDynalite()), now: NOW }), isFullSize ? 100 : 20); // each of them is asked again by DynamoDB's rules: the work grows with the square
