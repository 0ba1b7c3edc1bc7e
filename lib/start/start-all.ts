import { isPick, type Requested, TRIGGERS } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { createLimit } from '../http/limit.ts';
import { executionName } from '../kill/start-id.ts';
import type { Log } from '../log/log.ts';
import { countStarts } from '../log/metrics.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { type Engine, EngineFailed, type KillPayload } from './engine.ts';
import { isLimited, type OverLimit, overDelivery, overRunning, type Planned, type RunningJobs } from './limits.ts';
import { nameExecution } from './names.ts';
import type { Recent } from './recent.ts';
import type { Held } from './repeats.ts';
import type { JudgeParts, Repeat } from './restart.ts';

/** One request and what makes its delivery unique; the key comes from authenticated bytes only. */
export type Wish = { request: Requested; deliveryKey: string };

/** What became of a wish. `failed`: it could not be started and may be sent again. */
export type Started =
  | { outcome: 'accepted' }
  /** `killId` and `reason`: of a pick whose choice holds. */
  | { outcome: 'duplicate'; killId?: string; reason?: string }
  | { outcome: 'refused'; rule: OverLimit['rule']; reason: string }
  | { outcome: 'failed'; reason: string; /** Nothing more is taken for now. */ isFull?: true };

export type Starter = JudgeParts & {
  policy: Policy;
  clusters: readonly Cluster[];
  engine: Engine;
  /** Of functions/warn; left out where no rule warns. */
  warnEngine?: Engine | undefined;
  /** Qualified name of functions/kill: what it starts is named by it. */
  killFunction: string;
  clock: Clock;
  log: Log;
  createId: () => string;
  recent: Recent;
  /** How long starts are tried that the engine has no room for; whoever waits for the answer waits for them. Default 8 s. */
  startForMs?: number;
};

const STARTS_AT_ONCE = 10;
const START_FOR_MS = 8_000;

/**
 * The only door to the durable function for every trigger but REST. Starts first, and only a name that is taken asks the ledger
 * what became of it: a repeat is a `duplicate`, unless it is an alert that may start anew. Over a limit nothing new of the delivery
 * starts. One wish that fails does not stop the others. Results stand in the order of the wishes. `running` is for those who chose
 * the jobs themselves.
 */
export async function startAll(parts: Starter, wishes: readonly Wish[], running: RunningJobs = {}): Promise<Started[]> {
  const started = await startWithinLimits(parts, wishes, running);
  for (const trigger of TRIGGERS) countStarts(parts.log, trigger, started.filter((_, index) => wishes[index]?.request.trigger === trigger));
  return started;
}

async function startWithinLimits(parts: Starter, wishes: readonly Wish[], running: RunningJobs): Promise<Started[]> {
  const planned = wishes.map(({ request, deliveryKey }) => ({ request, name: nameExecution(parts.policy, parts.killFunction, request, deliveryKey) }));
  const places = new Map(planned.map(({ name }, index) => [name, index] as const).toReversed());
  const isNew = planned.map(({ name }, index) => places.get(name) === index && !parts.recent.has(name, parts.clock.now()));
  const once = planned.filter((_, index) => isNew[index]);
  const kills = once.filter(({ request }) => isLimited(request));
  const overJobs = overRunning(parts.policy.limits, kills, running);
  const over: Held | undefined = overJobs ? { ...overJobs, repeats: new Set() } : overDelivery(parts.policy.limits, kills) && (await (await import('./repeats.ts')).findOverDelivery(parts, kills));
  if (over && 'rule' in over) await (await import('./tell-once-an-hour.ts')).tellOnceAnHour(parts, over.rule, over);
  const limit = createLimit(parts.engine.startsAtOnce ?? STARTS_AT_ONCE);
  const until = parts.clock.now() + (parts.startForMs ?? START_FOR_MS);
  const first = await Promise.all(
    planned.map(async (one, index): Promise<Started | 'exists'> => {
      if (!isNew[index]) return { outcome: 'duplicate' }; // twice in one delivery, or started a moment ago
      if (over === undefined || !isLimited(one.request)) return limit(() => orFailed(parts, one, () => startOne(parts, one, 1, until)));
      if ('outcome' in over) return over;
      return over.repeats.has(one.name) ? { outcome: 'duplicate' } : { outcome: 'refused', rule: over.rule, reason: over.reason };
    }),
  );
  const taken = planned.filter(({ request }, index) => first[index] === 'exists' && mayStartAnew(request));
  const repeats: ReadonlyMap<string, Repeat> = taken.length > 0 ? await (await import('./repeats.ts')).judgeAll(parts, taken) : new Map(); // most starts are no repeats
  const started = await Promise.all(
    planned.map(async (one, index): Promise<Started> => {
      const start = first[index] as Started | 'exists';
      return start === 'exists' ? limit(() => orFailed(parts, one, () => startAnew(parts, one, repeats.get(one.name), until))) : start;
    }),
  );
  return planned.some(({ request }) => isPick(request)) ? (await import('./one-pick.ts')).onePickEach(parts, planned, started) : started;
}

/** Of what was started before an alert may start anew; what a pick chose, or a warning handed on to, is meant anew by that alone. */
function mayStartAnew({ trigger, pickedBy, warning }: Requested): boolean {
  return trigger === 'alerts' && pickedBy === undefined && warning === undefined;
}

/** Another delivery was faster, or this is a repeat. */
async function startAnew(parts: Starter, one: Planned, repeat: Repeat | undefined, until: number): Promise<Started> {
  if (repeat?.do === 'close') await (await import('./dead-starts.ts')).closeDead(parts, { name: one.name, ...repeat });
  const start = repeat?.do === 'start' ? await startOne(parts, one, repeat.start, until) : 'exists';
  return start === 'exists' ? { outcome: 'duplicate' } : start;
}

/** A start that the engine does not take ends alone, and may be asked for again. */
async function orFailed<Start>({ log }: Starter, { request }: Planned, start: () => Promise<Start>): Promise<Start | Extract<Started, { outcome: 'failed' }>> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    log.error('a kill could not be started', { kill_id: request.killId, error });
    return { outcome: 'failed', reason: error.isFull ? 'it could not be started: too many requests are open' : 'it could not be started', ...(error.isFull && { isFull: true }) };
  }
}

async function startOne({ engine, warnEngine, clock, recent, createId }: Starter, { request, name }: Planned, start: number, until: number): Promise<Extract<Started, { outcome: 'accepted' }> | 'exists'> {
  const common = { name, start, attempt: createId() };
  const payload: KillPayload = isPick(request) ? { kind: 'pick', request, ...common } : { kind: request.warns ? 'warn' : 'kill', request, ...common };
  const startedAt = clock.now();
  const runner = request.warns ? warnEngine : engine;
  if (runner === undefined) throw new EngineFailed('WARN_FUNCTION is not set');
  if ((await runner.start(executionName({ name, start }), JSON.stringify(payload), until)) === 'exists') return 'exists';
  if (request.trigger === 'alerts') recent.add(name, startedAt); // who sends alerts sends them again, often twice at once
  return { outcome: 'accepted' };
}
