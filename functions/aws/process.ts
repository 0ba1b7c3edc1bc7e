import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../lib/core/time.ts';
import { openSend } from '../../lib/http/send.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import { createProcessLog } from '../../lib/log/log.ts';
import { Secret } from '../../lib/settings/secret.ts';
import type { Outside } from './compose.ts';
import { createLambdaCall, createLambdaEngine, invokeLater } from './lambda-engine.ts';
import { createParameterStore } from './parameter-store.ts';

/** The real clock and the real chance. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};

/** What a deployed function finds around it: its environment, the clock on the wall, Lambda, the parameter store, and the policy in its package. */
export function outsideOfLambda(shippedPolicy: URL): Outside {
  const { env } = process;
  const callLambda = createLambdaCall();
  return {
    env,
    clock: systemClock,
    createId: randomUUID,
    // Not console.log: in Lambda that puts words before the JSON.
    log: createProcessLog(env, { now: Date.now, write: (line) => void process.stdout.write(`${line}\n`) }),
    openSend,
    readParameters: createParameterStore(),
    openEngine: (killFunction) => createLambdaEngine(callLambda, killFunction),
    openLedger: (table) => openDynamoLedger(env, table),
    invokeSelf: (payload) => invokeLater(callLambda, env['AWS_LAMBDA_FUNCTION_NAME'] ?? '', payload),
    shippedPolicy,
  };
}

const LEDGER_TIMEOUT_MS = 2_000;

/** The ledger's table in DynamoDB, region, keys and endpoint as Lambda's environment says. */
export function openDynamoLedger(env: Record<string, string | undefined>, table: string): Ledger {
  const region = env['AWS_REGION'] ?? '';
  const endpoint = env['AWS_ENDPOINT_URL_DYNAMODB'] || `https://dynamodb.${region}.amazonaws.com/`;
  return createDynamoLedger({
    send: openSend([endpoint]),
    clock: systemClock,
    credentials: async () => ({
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: new Secret(env['AWS_SECRET_ACCESS_KEY'] ?? ''),
      ...(env['AWS_SESSION_TOKEN'] ? { sessionToken: new Secret(env['AWS_SESSION_TOKEN']) } : {}),
    }),
    region,
    endpoint: new URL(endpoint),
    table,
    timeoutMs: LEDGER_TIMEOUT_MS,
  });
}
