import type { Policy } from '../../lib/policy/policy.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import type { Engine, KillPayload } from '../../lib/start/engine.ts';
import { nameExecution } from '../../lib/start/names.ts';
import { startAll, type Started, type Wish } from '../../lib/start/start-all.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { KILL_FUNCTION, type Stage, startStage } from './stage.ts';

export { KILL_FUNCTION } from './stage.ts';
export const MINUTE_MS = 60_000;

/** How an execution ends: with that outcome, by an error, or not at all. */
export type Ending = { outcome: string } | 'FAILED' | 'never';

/** startAll in front of the whole Lambda API, with a function behind it that ends as told and kills nothing. */
export type StartStage = Stage & {
  engine: Engine;
  /** Asked for each execution when it runs; at first all are `killed`. */
  ending: (payload: KillPayload) => Ending;
  /** One delivery. */
  deliver(wishes: readonly Wish[], policy?: Policy): Promise<Started[]>;
  /** Names of all executions there are, oldest first. */
  names(): string[];
};

export async function startStartStage(): Promise<StartStage> {
  const base = await startStage({ policy: `clusters: { analytics: { id: ${ANALYTICS_ID} } }`, durable: { executionTimeoutSec: 7_200 } }, NOON);
  const { backend } = base;
  let ids = 0;
  backend.register('mrs-killswitch-test-kill', async (event) => {
    const [own] = (event as { InitialExecutionState: { Operations: { ExecutionDetails: { InputPayload: string } }[] } }).InitialExecutionState.Operations;
    const ending = stage.ending(JSON.parse(own?.ExecutionDetails.InputPayload ?? '') as KillPayload);
    if (ending === 'never') return new Promise(() => undefined);
    if (ending === 'FAILED') return { Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'scripted' } };
    return { Status: 'SUCCEEDED', Result: JSON.stringify({ kill_id: 'kill-1', ...ending }) };
  });
  const { engine, starter } = base.load();
  const stage: StartStage = {
    ...base,
    engine,
    ending: () => ({ outcome: 'killed' }),
    deliver: (wishes, policy = aPolicy()) => startAll({ ...starter, policy, createId: () => `attempt-${++ids}` }, wishes),
    names: () => backend.list({ oldestFirst: true }).map(({ name }) => name),
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
