import { it } from '@jest/globals';
import { systemClock } from '../../functions/aws/process.ts';
import { createAwsSigner } from '../../lib/aws/sign-aws.ts';
import { createGuard } from '../../lib/http/guard.ts';
import { createSend } from '../../lib/http/send.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Call, Ledger } from '../../lib/ledger/port.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { ledgerSuite } from './suite.ts';

const { CONFORMANCE_TABLE: table, CONFORMANCE_REGION: region, CONFORMANCE_ENDPOINT: url, ...env } = process.env;

/** A megabyte at once is more than a partition takes in a second: what is throttled goes on for two minutes. */
function patient(ledger: Ledger): Ledger {
  const longer = <T extends Call>(call: T): T => ({ ...call, deadline: Date.now() + 120_000 });
  return {
    claim: (key, wish, call) => ledger.claim(key, wish, longer(call)),
    release: (key, owner, start, call = {}) => ledger.release(key, owner, start, longer(call)),
    take: (key, owner, window, call) => ledger.take(key, owner, window, longer(call)),
    put: (entries, call = {}) => ledger.put(entries, longer(call)),
    get: (keys, call) => ledger.get(keys, longer(call)),
    list: (partition, options) => ledger.list(partition, longer(options)),
  };
}

if (table === undefined || region === undefined || url === undefined) {
  it.skip('runs against a deployed table by npm run conformance -- --aws <stage>', () => undefined);
} else {
  const sessionToken = env['AWS_SESSION_TOKEN'];
  const keys = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: new Secret(env['AWS_SECRET_ACCESS_KEY'] ?? ''),
    ...(sessionToken && { sessionToken: new Secret(sessionToken) }),
  };
  ledgerSuite('DynamoDB', async () => ({
    ledger: patient(createDynamoLedger({
      send: createSend(createGuard([url])), clock: systemClock, sign: createAwsSigner(), credentials: async () => keys, region, endpoint: new URL(url), table, timeoutMs: 30_000,
    })),
    now: Date.now(), // what is over is deleted by the table itself, one day
    close: async () => undefined,
  }));
}
