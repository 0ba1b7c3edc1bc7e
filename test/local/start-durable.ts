import { realClock } from './clock.ts';
import { createDurableBackend } from './durable-backend.ts';
import { startLambdaServer } from './lambda-server.ts';
import type { StatusEvent } from './status-event.ts';

type Env = Record<string, string | undefined>;

/** Region and keys for what stands in for AWS; signed with, and looked at by nobody. */
export function localAws(env: Env): Record<'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string> {
  return {
    AWS_REGION: env['AWS_REGION'] || 'eu-west-1',
    AWS_ACCESS_KEY_ID: env['AWS_ACCESS_KEY_ID'] || 'local',
    AWS_SECRET_ACCESS_KEY: env['AWS_SECRET_ACCESS_KEY'] || 'local',
  };
}

/** Qualified names, and how long an execution of functions/warn may live. */
export type DurableFunctions = { killFunction: string; warnFunction: string; warningLifeSec: number };

/** As serverless.yml has it. */
const KILL_LIFE_SEC = 36_000;

/** The durable backend as the handlers reach it: environment for them, and its end. */
export type DurableParts = { environment: Record<string, string>; stop(): Promise<void> };

/**
 * Starts the durable backend on a free port and runs functions/kill and functions/warn in this process, against it and through the
 * AWS SDK, as in Lambda. `settings` are the handlers' own, which these two read from this process's environment. Where
 * AWS_ENDPOINT_URL_LAMBDA is given, that backend is used and none is started.
 */
export async function startDurableParts(env: Env, settings: Record<string, string>, durable: DurableFunctions): Promise<DurableParts> {
  const aws = localAws(env);
  const given = env['AWS_ENDPOINT_URL_LAMBDA'];
  if (given) return { environment: { ...aws, AWS_ENDPOINT_URL_LAMBDA: given }, stop: async () => undefined };
  const killName = unqualified(durable.killFunction);
  const backend = createDurableBackend({
    clock: realClock(),
    onStatusChange: (event) => void tellEvents(env, killName, event),
  });
  const server = await startLambdaServer(backend);
  const environment = {
    ...aws,
    AWS_ENDPOINT_URL_LAMBDA: server.url,
  };
  Object.assign(process.env, settings, environment, { KILL_FUNCTION: durable.killFunction, WARN_FUNCTION: durable.warnFunction });
  // Not at the top: they read the environment when they are loaded.
  const [kill, warn] = await Promise.all([import('../../functions/kill.ts'), import('../../functions/warn.ts')]);
  backend.register(killName, kill.handler, { client: 'http', executionTimeoutSec: KILL_LIFE_SEC });
  backend.register(unqualified(durable.warnFunction), warn.handler, { client: 'http', executionTimeoutSec: durable.warningLifeSec });
  // What functions/slack hands over to itself comes here too, and goes on to where that function runs.
  const slackFunction = killName.replace(/-kill$/, '-slack');
  backend.registerPlain(slackFunction, (event) => invokeOffline(env, slackFunction, event));
  return {
    environment,
    async stop() {
      backend.close();
      await server.close();
    },
  };
}

function unqualified(functionName: string): string {
  return functionName.replace(/:[^:]+$/, '');
}

/** What the EventBridge rule of serverless.yml does: bad ends go to functions/events, on serverless-offline's invoke server. */
async function tellEvents(env: Env, killFunctionName: string, event: StatusEvent): Promise<void> {
  if (!['FAILED', 'TIMED_OUT', 'STOPPED'].includes(event.detail.status)) return;
  await invokeOffline(env, killFunctionName.replace(/-kill$/, '-events'), event);
}

/** Invokes a function on serverless-offline's own invoke server, without waiting for its end. */
async function invokeOffline(env: Env, functionName: string, event: unknown): Promise<void> {
  const url = `http://127.0.0.1:${env['LAMBDA_PORT'] || '3002'}/2015-03-31/functions/${functionName}/invocations`;
  const answer = await fetch(url, { method: 'POST', headers: { 'x-amz-invocation-type': 'Event' }, body: JSON.stringify(event) });
  if (!answer.ok) process.stderr.write(`${functionName} could not be invoked: HTTP ${answer.status}\n`);
}
