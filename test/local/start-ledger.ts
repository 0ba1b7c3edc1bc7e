import { connectDynamo } from '../../functions/aws/dynamo-ledger.ts';
import { systemClock } from '../../functions/aws/process.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { tryLedger } from '../../tools/try-ledger.ts';
import { createTable, startDynalite } from '../ledger/dynalite.ts';
import { StartRefused } from './start-refused.ts';

type Env = Record<string, string | undefined>;

/** The ledger as the handlers reach it: environment for them, and its end. */
export type LedgerParts = { environment: Record<string, string>; stop(): Promise<void> };

/**
 * Starts DynamoDB's API in memory and makes the table there; `env` has region and keys. Where AWS_ENDPOINT_URL_DYNAMODB is
 * given, that one is used and none is started; on this machine a table that is missing there is made, elsewhere never. Throws
 * StartRefused where the table cannot be used, and SettingsInvalid.
 */
export async function startLedgerParts(env: Env, table: string): Promise<LedgerParts> {
  const given = env['AWS_ENDPOINT_URL_DYNAMODB'];
  const started = given ? undefined : await startDynalite();
  const environment = { LEDGER_TABLE: table, AWS_ENDPOINT_URL_DYNAMODB: given || (started?.url ?? '') };
  const stop = async (): Promise<void> => started?.close();
  try {
    const connection = connectDynamo({ ...env, ...environment }, systemClock, table);
    // https may be AWS itself.
    if (connection.endpoint.protocol === 'http:') await createTable(connection);
    await tryLedger(createDynamoLedger(connection), systemClock.now());
  } catch (error) {
    await stop();
    if (!(error instanceof LedgerFailed)) throw error;
    const what = error.retryable ? `AWS_ENDPOINT_URL_DYNAMODB: ${error.message}; see that it runs there, or take the setting away` : `${table}: ${error.message}`;
    throw new StartRefused(what, { cause: error });
  }
  return { environment, stop };
}
