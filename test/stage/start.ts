import type { Policy } from '../../lib/policy/policy.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import type { End } from '../../lib/core/end.ts';
import { endEntry, endUntil } from '../../lib/kill/history-entries.ts';
import { openEntries } from '../../lib/kill/remember.ts';
import { startEnd } from '../../lib/ledger/keys.ts';
import type { Engine, KillPayload } from '../../lib/start/engine.ts';
import { nameExecution } from '../../lib/start/names.ts';
import { createRecent, type Recent } from '../../lib/start/recent.ts';
import { startAll, type Started, type Wish } from '../../lib/start/start-all.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { KILL_FUNCTION, type Stage, startStage } from './stage.ts';

export { KILL_FUNCTION } from './stage.ts';
export const MINUTE_MS = 60_000;

/** How an execution ends: with that End, by an error without one, or not at all. */
export type Ending = Partial<End> | 'FAILED' | 'never';

/** startAll in front of the whole Lambda API, with a function behind it that ends as told, leaves that in the ledger, and kills nothing. */
export type StartStage = Stage & {
  engine: Engine;
  /** Asked for each execution when it runs; at first all are `killed`. */
  ending: (payload: KillPayload) => Ending;
  /** One delivery, to a process that knows of none before, or of those in `recent`. */
  deliver(wishes: readonly Wish[], policy?: Policy, policyHash?: string, recent?: Recent): Promise<Started[]>;
  /** Executions do not begin until what it returns is called. */
  holdBegin(): () => void;
  /** Names of all executions there are, oldest first. */
  names(): string[];
};

export async function startStartStage(): Promise<StartStage> {
  const base = await startStage({ policy: `clusters: { analytics: { id: ${ANALYTICS_ID} } }`, durable: { executionTimeoutSec: 7_200 } }, NOON);
  base.delayNotices(); // the function here is no run of ours: nobody closes what it leaves
  const { backend } = base;
  let ids = 0;
  let held: Promise<void> | undefined;
  backend.register('mrs-killswitch-test-kill', async (event) => {
    if (held) await held;
    const [own] = (event as { InitialExecutionState: { Operations: { ExecutionDetails: { InputPayload: string } }[] } }).InitialExecutionState.Operations;
    const payload = JSON.parse(own?.ExecutionDetails.InputPayload ?? '') as KillPayload;
    const ending = stage.ending(payload);
    if (payload.kind === 'kill' || payload.kind === 'pick') await remember(payload, ending);
    if (ending === 'never') return new Promise(() => undefined);
    if (ending === 'FAILED') return { Status: 'FAILED', Error: { ErrorType: 'Error', ErrorMessage: 'scripted' } };
    return { Status: 'SUCCEEDED', Result: JSON.stringify({ kill_id: 'kill-1', ...ending }) };
  });
  const { engine, starter } = base.load();
  /** What a run leaves in the ledger: that it began, and its End where it came to one. */
  async function remember({ name, start, request }: KillPayload & { kind: 'kill' | 'pick' }, ending: Ending): Promise<void> {
    const began = base.clock.now();
    const at = { began, since: began };
    await base.ledger.put(openEntries({ name, start }, request, at));
    if (typeof ending === 'string') return;
    const end: End = { outcome: 'killed', reason: 'scripted', ...ending };
    const value = endEntry({ policyHash: starter.policyHash, clusters: [], clock: base.clock }, request, end, at);
    await base.ledger.claim(startEnd(name, start), { owner: name, start, until: endUntil(began), value }, { now: began });
  }
  const stage: StartStage = {
    ...base,
    engine,
    ending: () => ({ outcome: 'killed' }),
    holdBegin() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async deliver(wishes, policy = aPolicy(), policyHash = starter.policyHash, recent = createRecent()) {
      const started = await startAll({ ...starter, policy, policyHash, recent, createId: () => `attempt-${++ids}` }, wishes);
      // What was started begins while the answer is on its way, also where no call to Lambda takes its time.
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => void setImmediate(resolve));
      return started;
    },
    names: () => backend.list({ oldestFirst: true }).map(({ name }) => name),
  };
  return stage;
}

/** The wish of an alert for a job of its own, but for the given fields. */
export function anAlert(deliveryKey: string, fields: Partial<KillRequest> = {}): Wish {
  return { deliveryKey, request: aRequest({ trigger: 'alerts', requestedBy: 'generic alert MrsJobStuck', target: aJobNamed(deliveryKey), ...fields }) };
}

/** What a wish means: each has a job of its own. */
export function aJobNamed(name: string): KillRequest['target'] {
  return { cluster: 'analytics', job: { by: 'name', name } };
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
