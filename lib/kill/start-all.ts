import type { Clock } from '../core/clock.ts';
import type { Policy } from '../core/policy.ts';
import { isPick, type KillRequest, type PickRequest } from '../core/request.ts';
import type { Execution, Executions } from '../executions/client.ts';
import { LambdaFailed } from '../executions/lambda-send.ts';
import { createLimit } from '../http/limit.ts';
import type { Log } from '../log.ts';
import { countStarts } from '../metrics.ts';
import { nameExecution, nameNotice, namesOfRestarts } from './execution-name.ts';
import { findLimit, findRestartLimit, type OverLimit, type RunningJobs } from './limits.ts';
import type { KillPayload, KillResult } from './payload.ts';

/** One request and what makes its delivery unique; the key comes from authenticated bytes only. */
export type Wish = { request: KillRequest | PickRequest; deliveryKey: string };

/** What became of a wish. `failed`: it could not be started and may be sent again. */
export type Started =
  | { outcome: 'accepted' }
  | { outcome: 'duplicate' }
  | { outcome: 'refused'; rule: OverLimit['rule']; reason: string }
  | { outcome: 'failed'; reason: string };

export type Starter = {
  policy: Policy;
  executions: Executions;
  /** Qualified name of the durable function. */
  killFunction: string;
  clock: Clock;
  log: Log;
  createId: () => string;
};

const STARTS_AT_ONCE = 10;
const RETENTION_MS = 14 * 24 * 3_600_000;
const RETENTION_PAGES = 5;
const RESTART_AFTER_MS = 15 * 60_000;

/**
 * The only door to the durable function for every trigger but REST. Starts each wish once: a repeat is a `duplicate`, unless it is
 * an alert whose execution came to a bad end. Over a limit nothing of the delivery starts. One wish that fails does not stop
 * the others. Results stand in the order of the wishes. `running` is for those who chose the jobs themselves.
 */
export async function startAll(by: Starter, wishes: readonly Wish[], running: RunningJobs = {}): Promise<Started[]> {
  const started = await startWithinLimits(by, wishes, running);
  for (const [index, { request }] of wishes.entries()) countStarts(by.log, request.trigger, started.slice(index, index + 1));
  return started;
}

async function startWithinLimits(by: Starter, wishes: readonly Wish[], running: RunningJobs): Promise<Started[]> {
  const named = wishes.map((wish) => ({ ...wish, name: nameExecution(by.policy, by.killFunction, wish.request, wish.deliveryKey) }));
  const history = onceAsked(() => readHistory(by));
  let over: OverLimit | undefined;
  try {
    over = await findLimit(by, named, running, history);
  } catch (error) {
    if (!(error instanceof LambdaFailed)) throw error;
    by.log.error('limits could not be checked; nothing of this delivery was started', { error });
    return wishes.map(() => ({ outcome: 'failed', reason: 'the limits could not be checked' }));
  }
  if (over) {
    await tellOnceAnHour(by, over);
    const { rule, reason } = over;
    return named.map(({ name }) => (over.repeats.has(name) ? { outcome: 'duplicate' } : { outcome: 'refused', rule, reason }));
  }
  const limit = createLimit(STARTS_AT_ONCE);
  const taken = new Set<string>();
  return Promise.all(
    named.map(async ({ request, name }): Promise<Started> => {
      if (taken.has(name)) return { outcome: 'duplicate' }; // twice in one delivery
      taken.add(name);
      return limit(() => startOne(by, request, name, history));
    }),
  );
}

async function startOne(by: Starter, request: KillRequest | PickRequest, name: string, history: () => Promise<Map<string, Execution>>): Promise<Started> {
  const attempt = by.createId();
  const payload: KillPayload = isPick(request) ? { kind: 'pick', request, attempt } : { kind: 'kill', request, attempt };
  try {
    if ((await by.executions.start(name, JSON.stringify(payload))) === 'started') return { outcome: 'accepted' };
    if (request.trigger !== 'alerts') return { outcome: 'duplicate' };
    return await startAnew(by, request, name, JSON.stringify(payload), history);
  } catch (error) {
    if (!(error instanceof LambdaFailed)) throw error;
    by.log.error('a kill could not be started', { kill_id: request.killId, error });
    return { outcome: 'failed', reason: 'it could not be started' };
  }
}

/** A repeat of an alert whose latest execution ended badly, more than 15 minutes ago, starts under the next free name. */
async function startAnew(by: Starter, request: KillRequest | PickRequest, name: string, payload: string, history: () => Promise<Map<string, Execution>>): Promise<Started> {
  const known = await history();
  let latest = known.get(name);
  for (const next of namesOfRestarts(name)) {
    const started = known.get(next);
    if (started) {
      latest = started;
      continue;
    }
    if (latest === undefined || by.clock.now() - latest.startedAt.getTime() < RESTART_AFTER_MS) break;
    if (!(await endedBadly(by, latest))) break;
    const over = findRestartLimit(by, { request, name: next }, known);
    if (over) {
      await tellOnceAnHour(by, over);
      return { outcome: 'refused', rule: over.rule, reason: over.reason };
    }
    known.set(next, { arn: '', name: next, status: 'RUNNING', startedAt: new Date(by.clock.now()) }); // counts for the rest of this delivery
    return { outcome: (await by.executions.start(next, payload)) === 'started' ? 'accepted' : 'duplicate' };
  }
  return { outcome: 'duplicate' };
}

async function endedBadly(by: Starter, { arn, status }: Execution): Promise<boolean> {
  switch (status) {
    case 'FAILED':
    case 'TIMED_OUT':
      return true;
    case 'RUNNING':
    case 'STOPPED': // by an operator, who had a reason
      return false;
    case 'SUCCEEDED': {
      const { result = '{}' } = await by.executions.get(arn);
      const { outcome } = JSON.parse(result) as Partial<KillResult>;
      return outcome === 'failed' || outcome === 'expired';
    }
  }
}

/** The executions that Lambda still knows, by name. */
async function readHistory(by: Starter): Promise<Map<string, Execution>> {
  const known = new Map<string, Execution>();
  const startedAfter = new Date(by.clock.now() - RETENTION_MS);
  for await (const execution of by.executions.list({ startedAfter, mostPages: RETENTION_PAGES })) known.set(execution.name, execution);
  return known;
}

/** Says in the channel that a limit was hit. The hour is in the name, so that a second notice within it is a duplicate. */
async function tellOnceAnHour(by: Starter, { rule, reason }: OverLimit): Promise<void> {
  const hour = new Date(by.clock.now()).toISOString().slice(0, 13).replace(/\D/g, '');
  const payload: KillPayload = { kind: 'notice', text: `Refused: ${rule}. ${reason}`, attempt: by.createId() };
  try {
    await by.executions.start(nameNotice(by.killFunction, rule, hour), JSON.stringify(payload));
  } catch (error) {
    if (!(error instanceof LambdaFailed)) throw error;
    by.log.error('the channel could not be told of a limit', { rule, error }); // the caller is told in any case
  }
}

function onceAsked<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}
