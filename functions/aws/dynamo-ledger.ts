import type { Clock } from '../../lib/core/time.ts';
import type { DynamoConnection } from '../../lib/ledger/dynamodb-call.ts';
import { openLater } from '../../lib/ledger/open-later.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import { connectAws } from './connect-aws.ts';

type Env = Record<string, string | undefined>;

const TIMEOUT_MS = 2_000;

/** The ledger's table in DynamoDB, region, keys and endpoint as Lambda's environment says. Throws SettingsInvalid. */
export function openDynamoLedger(env: Env, clock: Clock, table: string): Ledger {
  const connection = connectDynamo(env, clock, table);
  return openLater(async () => (await import('../../lib/ledger/dynamodb.ts')).createDynamoLedger(connection));
}

/** The way to that table. Throws SettingsInvalid where the endpoint is none. */
export function connectDynamo(env: Env, clock: Clock, table: string): DynamoConnection {
  return { ...connectAws(env, clock, 'dynamodb'), clock, table, timeoutMs: TIMEOUT_MS };
}
