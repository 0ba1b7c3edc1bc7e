// A small home for the test of the tests: answers each request when its store has taken a row, with the durability that it is told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { createStore } from '../../../home/store/store.ts';

const [file = '', synchronous = 'FULL'] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; CREATE TABLE rows (value TEXT)`);
const store = createStore(database);
const insert = database.prepare("INSERT INTO rows VALUES ('x')");
const server = createServer((_request, answer) => {
  void store.write(() => insert.run()).then(() => answer.writeHead(202).end());
});
server.listen(0, '127.0.0.1', () => void process.stdout.write(`${JSON.stringify({ owned: (server.address() as AddressInfo).port })}\n`));
