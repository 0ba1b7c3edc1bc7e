import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../lib/core/time.ts';
import { openSend } from '../../lib/http/send.ts';
import type { Outside } from '../../lib/house/compose.ts';
import type { FunctionName } from '../../lib/settings/calls-mrs.ts';
import { createProcessLog } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { connectAws } from './connect-aws.ts';
import { openDynamoLedger } from './dynamo-ledger.ts';
import { createLambdaCall } from './lambda-call.ts';
import { createLambdaEngine, invokeLater } from './lambda-engine.ts';
import { createParameterStore } from './parameter-store.ts';

/** The real clock and the real chance. */
export const systemClock: Clock = {
  now: Date.now,
  wall: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}),
  random: Math.random,
};

/** What a deployed function of that name finds around it: its environment, the clock on the wall, Lambda, the parameter store, and the policy in its package, unless POLICY_FILE names another, as the local start does. */
export function outsideOfLambda(functionName: FunctionName, shippedPolicy: URL): Outside {
  const { env } = process;
  const callLambda = createLambdaCall(() => connectAws(env, systemClock, 'lambda'));
  return {
    home: 'aws',
    functionName,
    env,
    clock: systemClock,
    createId: () => crypto.randomUUID(),
    // Not console.log: in Lambda that puts words before the JSON.
    log: createProcessLog(env, { now: Date.now, write: (line) => void process.stdout.write(`${line}\n`) }),
    openSend,
    readParameters: createParameterStore(() => connectAws(env, systemClock, 'ssm')),
    openEngine: (killFunction) => createLambdaEngine(callLambda, killFunction, systemClock),
    openLedger: (table) => openDynamoLedger(env, systemClock, table),
    invokeSelf: (payload) => invokeLater(callLambda, env['AWS_LAMBDA_FUNCTION_NAME'] ?? '', payload),
    readPolicy: () => loadPolicy(env['POLICY_FILE'] || shippedPolicy),
  };
}
