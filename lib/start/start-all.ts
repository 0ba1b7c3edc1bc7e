import type { Clock } from '../core/time.ts';
import type { Policy } from '../policy/policy.ts';
import { isPick, type Requested } from '../core/request.ts';
import { createLimit } from '../http/limit.ts';
import type { Log } from '../log/log.ts';
import { countStarts } from '../log/metrics.ts';
import { type Engine, EngineFailed, type Execution, type KillPayload } from './engine.ts';
import { findLimit, isLimited, type OverLimit, type Planned, type RunningJobs } from './limits.ts';
import { nameExecution, nameNotice } from './names.ts';
import { findRestart } from './restart.ts';

/** One request and what makes its delivery unique; the key comes from authenticated bytes only. */
export type Wish = { request: Requested; deliveryKey: string };

/** What became of a wish. `failed`: it could not be started and may be sent again. */
export type Started =
  | { outcome: 'accepted' }
  | { outcome: 'duplicate' }
  | { outcome: 'refused'; rule: OverLimit['rule']; reason: string }
  | { outcome: 'failed'; reason: string };

export type Starter = {
  policy: Policy;
  policyHash: string;
  engine: Engine;
  /** Qualified name of the durable function. */
  killFunction: string;
  clock: Clock;
  log: Log;
  createId: () => string;
};

const STARTS_AT_ONCE = 10;
const HOUR_MS = 3_600_000;
const RETENTION_MS = 14 * 24 * HOUR_MS;
const RETENTION_PAGES = 5;

/**
 * The only door to the durable function for every trigger but REST. Starts each wish once: a repeat is a `duplicate`, unless it is
 * an alert whose execution came to a bad end. Over a limit nothing of the delivery starts. One wish that fails does not stop
 * the others. Results stand in the order of the wishes. `running` is for those who chose the jobs themselves.
 */
export async function startAll(parts: Starter, wishes: readonly Wish[], running: RunningJobs = {}): Promise<Started[]> {
  const started = await startWithinLimits(parts, wishes, running);
  for (const [index, { request }] of wishes.entries()) countStarts(parts.log, request.trigger, started.slice(index, index + 1));
  return started;
}

async function startWithinLimits(parts: Starter, wishes: readonly Wish[], running: RunningJobs): Promise<Started[]> {
  let known: Known;
  try {
    known = wishes.some(({ request }) => isLimited(request)) ? await readHistory(parts) : new Map();
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    parts.log.error('limits could not be checked; nothing of this delivery was started', { error });
    return wishes.map(() => ({ outcome: 'failed', reason: 'the limits could not be checked' }));
  }
  const limit = createLimit(STARTS_AT_ONCE);
  const taken = new Set<string>();
  const plan = await Promise.all(wishes.map((wish) => planStart(parts, wish, known, taken, limit)));
  const planned = plan.flatMap((one) => ('name' in one ? [one] : []));
  const over = findLimit(parts.policy, planned, running, namesOfLastHour(parts, known));
  if (over) await tellOnceAnHour(parts, over);
  return Promise.all(
    plan.map(async (one): Promise<Started> => {
      if ('outcome' in one) return one;
      return over ? { outcome: 'refused', ...over } : limit(() => startOne(parts, one));
    }),
  );
}

type Known = ReadonlyMap<string, Execution>;

/** What a wish would start under which name, or the end that it has before: a repeat, or one that cannot be told. */
async function planStart(
  parts: Starter,
  { request, deliveryKey }: Wish,
  known: Known,
  taken: Set<string>,
  limit: <T>(task: () => Promise<T>) => Promise<T>,
): Promise<Planned | Started> {
  const name = nameExecution(parts.policy, parts.killFunction, request, deliveryKey);
  if (taken.has(name)) return { outcome: 'duplicate' }; // twice in one delivery
  taken.add(name);
  if (!known.has(name)) return { request, name };
  if (request.trigger !== 'alerts') return { outcome: 'duplicate' };
  try {
    const restart = await limit(() => findRestart(parts, name, known));
    return restart === undefined ? { outcome: 'duplicate' } : { request, name: restart };
  } catch (error) {
    return failedStart(parts, request, error);
  }
}

/** Another delivery may have been faster meanwhile: then this one is its repeat. */
async function startOne(parts: Starter, { request, name }: Planned): Promise<Started> {
  const attempt = parts.createId();
  const payload: KillPayload = isPick(request) ? { kind: 'pick', request, attempt } : { kind: 'kill', request, attempt };
  try {
    return { outcome: (await parts.engine.start(name, JSON.stringify(payload))) === 'started' ? 'accepted' : 'duplicate' };
  } catch (error) {
    return failedStart(parts, request, error);
  }
}

function failedStart(parts: Starter, { killId }: Planned['request'], error: unknown): Started {
  if (!(error instanceof EngineFailed)) throw error;
  parts.log.error('a kill could not be started', { kill_id: killId, error });
  return { outcome: 'failed', reason: 'it could not be started' };
}

/** The executions that Lambda still knows, by name. */
async function readHistory(parts: Starter): Promise<Known> {
  const known = new Map<string, Execution>();
  const startedAfter = new Date(parts.clock.now() - RETENTION_MS);
  for await (const execution of parts.engine.list({ startedAfter, mostPages: RETENTION_PAGES })) known.set(execution.name, execution);
  return known;
}

function namesOfLastHour({ clock }: Starter, known: Known): string[] {
  const since = clock.now() - HOUR_MS;
  return [...known.values()].filter(({ startedAt }) => startedAt.getTime() > since).map(({ name }) => name);
}

/** Says in the channel that a limit was hit. The hour is in the name, so that a second notice within it is a duplicate. */
async function tellOnceAnHour(parts: Starter, { rule, reason }: OverLimit): Promise<void> {
  const hour = new Date(parts.clock.now()).toISOString().slice(0, 13).replace(/\D/g, '');
  const payload: KillPayload = { kind: 'notice', text: `Refused: ${rule}. ${reason}`, attempt: parts.createId() };
  try {
    await parts.engine.start(nameNotice(parts.killFunction, rule, hour), JSON.stringify(payload));
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    parts.log.error('the channel could not be told of a limit', { rule, error }); // the caller is told in any case
  }
}
