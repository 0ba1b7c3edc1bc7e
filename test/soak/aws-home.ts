import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, settingsFor, startProgram } from '../home/serve/process.ts';
import { connect, createTable, startDynalite, TABLE } from '../ledger/dynalite.ts';
import { error, type Fault as TableFault, startFaultFront, throttled } from '../ledger/fault-front.ts';
import { realClock } from '../local/clock.ts';
import { createDurableBackend } from '../local/durable-backend.ts';
import { PUBLISHED_QUOTAS } from '../local/quotas.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { type LambdaFault, startLambdaFront } from '../stage/lambda-front.ts';
import { KILL_FUNCTION, WARN_FUNCTION } from '../stage/stage.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { spoiler, spoilSimulator } from './faults.ts';
import { ASK_SEC, POLICY, type Soaked, type SoakOptions } from './soaked.ts';

/** As serverless.yml has them. */
const KILL_CONCURRENCY = 20;
const KILL_LIFE_SEC = 36_000;
/** Half of what a function has: a heap that is far from its limit is hardly swept, and looks as if it grew. */
const HEAP_MIB = 256;

/** The functions of the AWS home in a process of their own, as they are deployed; Lambda with its quotas and DynamoDB's API stand in this one. */
export async function startAwsHome({ random, faults, hangsUp }: SoakOptions): Promise<Soaked> {
  const simulator = await startSimulator({ killDelayMs: 700, slack: { botToken: 'xoxb-token-of-this-test' } });
  const [outside, ofLambda, ofTable] = [spoiler(random, faults), spoiler(random, faults), spoiler(random, faults)];
  spoilSimulator(simulator, outside.choose, hangsUp);
  const table = await startDynalite();
  await createTable(connect(table.url));
  const tableFaults: TableFault[] = [throttled, error(500, 'InternalServerError'), ...(hangsUp ? [{ cut: true } as const, { silent: 'after' } as const] : [])];
  const front = await startFaultFront(table.url, (): TableFault | undefined => {
    front.seen.length = 0; // a long run would keep them all
    return ofTable.choose(tableFaults);
  });

  let open = 0;
  const url = (): Promise<string> => process.url;
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    const answer = await fetch(`${await url()}/invoke/${name}`, { method: 'POST', body: JSON.stringify(event) });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  const backend = createDurableBackend({
    clock: realClock(),
    mostInvocations: KILL_CONCURRENCY,
    executionTimeoutSec: KILL_LIFE_SEC,
    onFunctionFailure: () => undefined,
    onStatusChange(event) {
      open += event.detail.status === 'RUNNING' ? 1 : -1;
      if (['FAILED', 'TIMED_OUT', 'STOPPED'].includes(event.detail.status)) void invoke('events', event).catch(() => undefined);
    },
  });
  backend.register(KILL_FUNCTION.replace(':durable', ''), (event) => invoke('kill', event), { client: 'http' });
  const lambda = await startLambdaFront(backend, { now: Date.now });
  lambda.limit(PUBLISHED_QUOTAS);
  const lambdaFaults: LambdaFault[] = [{ status: 429, type: 'TooManyRequestsException' }, { status: 500, type: 'ServiceException' }, ...(hangsUp ? (['hang-up', 'after-effect'] as const) : [])];
  lambda.script = () => {
    lambda.calls.length = 0;
    return ofLambda.choose(lambdaFaults);
  };

  const { folder, remove } = makeFolder(POLICY);
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(parsePolicy(POLICY, { hasBotToken: true, file: 'policy.yml' })));
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test', AWS_ENDPOINT_URL_LAMBDA: lambda.url, AWS_ENDPOINT_URL_DYNAMODB: front.url };
  const process = startProgram('test/soak/functions-process.ts', folder, { ...settingsFor(simulator), ...aws, KILL_FUNCTION, WARN_FUNCTION, LEDGER_TABLE: TABLE, POLICY_FILE: policyFile, ASK_TIMEOUT_SEC: String(ASK_SEC), FOLLOW_TIMEOUT_SEC: '120', NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` });
  return {
    url: await url(),
    simulator,
    process,
    spoilt: { 'MRS, IAM and Slack': outside.counted, Lambda: ofLambda.counted, DynamoDB: ofTable.counted },
    countOpen: () => open,
    async close() {
      backend.close();
      await process.end('SIGTERM');
      await Promise.all([lambda.close(), front.close(), simulator.close()]);
      await table.close();
      remove();
    },
  };
}
