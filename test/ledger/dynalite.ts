import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../functions/aws/process.ts';
import { createAwsSigner } from '../../lib/aws/sign-aws.ts';
import type { Clock } from '../../lib/core/time.ts';
import { createGuard } from '../../lib/http/guard.ts';
import { createSend } from '../../lib/http/send.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { createDynamoCall, type DynamoConnection } from '../../lib/ledger/dynamodb-call.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';

// It brings no types.
const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export type Dynalite = { url: string; close: () => Promise<void> };

/** DynamoDB's API in memory, on a free port of loopback. */
export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export const TABLE = 'mrs-killswitch-test-ledger';
export const SECRET_KEY = 'a-secret-key-of-aws-0123456789';

/** How the tests reach a table at `url`; the keys are made up. */
export function connect(url: string, more: Partial<DynamoConnection> & { clock?: Clock } = {}): DynamoConnection {
  return {
    send: createSend(createGuard([url])),
    clock: systemClock,
    sign: createAwsSigner(),
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret(SECRET_KEY) }),
    region: 'eu-west-1',
    endpoint: new URL(url),
    table: TABLE,
    timeoutMs: 30_000,
    ...more,
  };
}

type Shape = { keys: [name: string, type: 'S' | 'N'][] };

/** Makes a table, with the ledger's keys unless others are given, and waits until it can be used; one that is there stays as it is. */
export async function createTable(connection: DynamoConnection, { keys }: Shape = { keys: [['pk', 'S'], ['sk', 'S']] }): Promise<void> {
  const call = createDynamoCall(connection) as (operation: string, body: object, by: object) => Promise<{ held: boolean; body?: any }>;
  await call('CreateTable', {
    TableName: connection.table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keys.map(([AttributeName], at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
  }, {}).catch((error: unknown) => {
    if (!(error instanceof LedgerFailed) || !error.message.includes('ResourceInUseException')) throw error;
  });
  for (;;) {
    const described = await call('DescribeTable', { TableName: connection.table }, {});
    if (described.body.Table.TableStatus === 'ACTIVE') return;
    await connection.clock.sleep(5);
  }
}

/** A ledger in a fresh table of a dynalite of its own. */
export async function openDynalite(): Promise<{ ledger: Ledger; close: () => Promise<void> }> {
  const server = await startDynalite();
  const connection = connect(server.url);
  await createTable(connection);
  return { ledger: createDynamoLedger(connection), close: server.close };
}
