import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Clock } from '../../lib/core/time.ts';
import { isSafeProtocol } from '../../lib/http/guard.ts';
import { openSend } from '../../lib/http/send.ts';
import type { DynamoConnection } from '../../lib/ledger/dynamodb-call.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import { Secret } from '../../lib/settings/secret.ts';

type Env = Record<string, string | undefined>;

const TIMEOUT_MS = 2_000;

/** The ledger's table in DynamoDB, region, keys and endpoint as Lambda's environment says. Throws SettingsInvalid. */
export function openDynamoLedger(env: Env, clock: Clock, table: string): Ledger {
  return createDynamoLedger(connectDynamo(env, clock, table));
}

/** The way to that table. Keys are read anew at each try. Throws SettingsInvalid where the endpoint is none. */
export function connectDynamo(env: Env, clock: Clock, table: string): DynamoConnection {
  const region = env['AWS_REGION'] ?? '';
  const endpoint = readDynamoEndpoint(env, region);
  return {
    send: openSend([endpoint.origin]),
    clock,
    credentials: async () => ({
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: new Secret(env['AWS_SECRET_ACCESS_KEY'] ?? ''),
      ...(env['AWS_SESSION_TOKEN'] ? { sessionToken: new Secret(env['AWS_SESSION_TOKEN']) } : {}),
    }),
    region,
    endpoint,
    table,
    timeoutMs: TIMEOUT_MS,
  };
}

/** https://docs.aws.amazon.com/general/latest/gr/ddb.html */
function readDynamoEndpoint(env: Env, region: string): URL {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const endpoint = URL.parse(env['AWS_ENDPOINT_URL_DYNAMODB'] || `https://dynamodb.${region}.${domain}/`);
  if (endpoint !== null && isSafeProtocol(endpoint)) return endpoint;
  throw new SettingsInvalid([{ name: 'AWS_ENDPOINT_URL_DYNAMODB', problem: 'has to be a URL: https, or http on this machine' }]);
}
