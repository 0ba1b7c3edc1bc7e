// A process that has the store for itself for a moment, as a reader has that makes it whole after its owner's death.
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const [file = '', forMs = '0'] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec("PRAGMA locking_mode = EXCLUSIVE; INSERT INTO meta VALUES ('held', 1)");
process.stdout.write(`${JSON.stringify({ owned: process.pid })}\n`);
await sleep(Number(forMs));
database.close();
