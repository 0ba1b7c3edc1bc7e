import type { KillRequest } from '../../lib/core/request.ts';
import { createExecutions, type Executions } from '../../lib/executions/client.ts';
import { nameExecution } from '../../lib/kill/execution-name.ts';
import type { KillPayload } from '../../lib/kill/payload.ts';
import { startAll, type Started, type Wish } from '../../lib/kill/start-all.ts';
import { createLog } from '../../lib/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import { type LambdaFront, startLambdaFront } from './lambda-front.ts';

export const KILL_FUNCTION = 'mrs-killswitch-test-kill:durable';
export const MINUTE_MS = 60_000;

/** How an execution ends: with that outcome, by an error, or not at all. */
export type Ending = { outcome: string } | 'FAILED' | 'never';

/** startAll in front of the whole Lambda API, with a function behind it that ends as told and kills nothing. */
export type StartStage = {
  clock: VirtualClock;
  backend: DurableBackend;
  lambda: LambdaFront;
  executions: Executions;
  lines: string[];
  /** Asked for each execution when it runs; at first all are `killed`. */
  ending: (payload: KillPayload) => Ending;
  /** One delivery. */
  deliver(wishes: readonly Wish[], policy?: Policy): Promise<Started[]>;
  /** Names of all executions there are, oldest first. */
  names(): string[];
  close(): Promise<void>;
};

export async function startStage(): Promise<StartStage> {
  const clock = virtualClock(NOON);
  const backend = createDurableBackend({ clock, executionTimeoutSec: 7_200 });
  const lambda = await startLambdaFront(backend);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test',
  });
  backend.register('mrs-killswitch-test-kill', async (event) => {
    const [own] = (event as { InitialExecutionState: { Operations: { ExecutionDetails: { InputPayload: string } }[] } }).InitialExecutionState.Operations;
    const ending = stage.ending(JSON.parse(own?.ExecutionDetails.InputPayload ?? '') as KillPayload);
    if (ending === 'never') return new Promise(() => undefined);
    if (ending === 'FAILED') return { Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'scripted' } };
    return { Status: 'SUCCEEDED', Result: JSON.stringify({ kill_id: 'kill-1', ...ending }) };
  });

  const lines: string[] = [];
  const log = createLog({ level: 'debug', now: clock.now, write: (line) => void lines.push(line) });
  let ids = 0;
  const stage: StartStage = {
    clock,
    backend,
    lambda,
    executions: createExecutions(KILL_FUNCTION),
    lines,
    ending: () => ({ outcome: 'killed' }),
    deliver: (wishes, policy = aPolicy()) =>
      startAll(
        {
          policy,
          executions: stage.executions,
          killFunction: KILL_FUNCTION,
          clock: { now: clock.now, sleep: async () => undefined, random: () => 0 },
          log,
          createId: () => `attempt-${++ids}`,
        },
        wishes,
      ),
    names: () => backend.list({ oldestFirst: true }).map(({ name }) => name),
    async close() {
      backend.close();
      await lambda.close();
    },
  };
  return stage;
}

/** The wish of an alert for the job of aRequest, but for the given fields. */
export function anAlert(deliveryKey: string, fields: Partial<KillRequest> = {}): Wish {
  return { deliveryKey, request: aRequest({ trigger: 'alerts', requestedBy: 'generic alert MrsJobStuck', ...fields }) };
}

/** `count` wishes of alerts, `a-1`, `a-2` and so on. */
export function alerts(count: number, prefix = 'a', fields: Partial<KillRequest> = {}): Wish[] {
  return Array.from({ length: count }, (_, index) => anAlert(`${prefix}-${index + 1}`, fields));
}

/** What each wish came to, and how often: `{ accepted: 3, duplicate: 1 }`. */
export function tally(started: readonly Started[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of started) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** The first name of a wish's execution. */
export function nameOf({ request, deliveryKey }: Wish, policy = aPolicy()): string {
  return nameExecution(policy, KILL_FUNCTION, request, deliveryKey);
}
