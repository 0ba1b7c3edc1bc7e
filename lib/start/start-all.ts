import { isPick, type Requested } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { createLimit } from '../http/limit.ts';
import { tryThrice } from '../kill/moves.ts';
import { executionName } from '../kill/history-entries.ts';
import { startBegan } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { countStarts } from '../log/metrics.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { type Engine, EngineFailed, type KillPayload } from './engine.ts';
import { isLimited, type OverLimit, overDelivery, overRunning, type Planned, type RunningJobs } from './limits.ts';
import { nameExecution } from './names.ts';
import { onePickEach } from './one-pick.ts';
import type { JudgeParts, Repeat } from './restart.ts';
import { tellOnceAnHour } from './tell-once-an-hour.ts';

/** One request and what makes its delivery unique; the key comes from authenticated bytes only. */
export type Wish = { request: Requested; deliveryKey: string };

/** What became of a wish. `failed`: it could not be started and may be sent again. */
export type Started =
  | { outcome: 'accepted' }
  /** `killId` and `reason`: of a pick whose choice holds. */
  | { outcome: 'duplicate'; killId?: string; reason?: string }
  | { outcome: 'refused'; rule: OverLimit['rule']; reason: string }
  | { outcome: 'failed'; reason: string };

export type Starter = JudgeParts & {
  policy: Policy;
  clusters: readonly Cluster[];
  engine: Engine;
  /** Qualified name of the durable function. */
  killFunction: string;
  clock: Clock;
  log: Log;
  createId: () => string;
  /** How long starts are tried that the engine has no room for; whoever waits for the answer waits for them. Default 8 s. */
  startForMs?: number;
};

/** Starts, or questions about repeats. */
const AT_ONCE = 10;
const START_FOR_MS = 8_000;
/** How long the ledger is asked about repeats: the caller waits for its answer. */
const ASK_FOR_MS = 5_000;
/** How long after its start an execution is waited for that another delivery may have started: most begin within a second. */
const BEGINS_WITHIN_MS = 3_000;
const ASK_AGAIN_MS = 1_000;

/**
 * The only door to the durable function for every trigger but REST. Starts first, and only a name that is taken asks the ledger
 * what became of it: a repeat is a `duplicate`, unless it is an alert that may start anew. Over a limit nothing new of the delivery
 * starts. One wish that fails does not stop the others. Results stand in the order of the wishes. `running` is for those who chose
 * the jobs themselves.
 */
export async function startAll(parts: Starter, wishes: readonly Wish[], running: RunningJobs = {}): Promise<Started[]> {
  const started = await startWithinLimits(parts, wishes, running);
  for (const [index, { request }] of wishes.entries()) countStarts(parts.log, request.trigger, started.slice(index, index + 1));
  return started;
}

async function startWithinLimits(parts: Starter, wishes: readonly Wish[], running: RunningJobs): Promise<Started[]> {
  const planned = wishes.map(({ request, deliveryKey }) => ({ request, name: nameExecution(parts.policy, parts.killFunction, request, deliveryKey) }));
  const isFirst = planned.map(({ name }, index) => planned.findIndex((other) => other.name === name) === index);
  const once = planned.filter((_, index) => isFirst[index]);
  const kills = once.filter(({ request }) => isLimited(request));
  const overJobs = overRunning(parts.policy.limits, kills, running);
  const over: Held | undefined = overJobs ? { ...overJobs, repeats: new Set() } : await findOverDelivery(parts, kills);
  if (over && 'rule' in over) await tellOnceAnHour(parts, over.rule, over);
  const limit = createLimit(AT_ONCE);
  const until = parts.clock.now() + (parts.startForMs ?? START_FOR_MS);
  const started = await Promise.all(
    planned.map(async (one, index): Promise<Started> => {
      if (!isFirst[index]) return { outcome: 'duplicate' }; // twice in one delivery
      if (over === undefined || !isLimited(one.request)) return limit(() => startOrRepeat(parts, one, until));
      if ('outcome' in over) return over;
      return over.repeats.has(one.name) ? { outcome: 'duplicate' } : { outcome: 'refused', rule: over.rule, reason: over.reason };
    }),
  );
  return onePickEach(parts, planned, started);
}

type Held = (OverLimit & { repeats: ReadonlySet<string> }) | { outcome: 'failed'; reason: string };

/**
 * Only where there are more kills than a delivery may bring, the ledger is asked which of them are repeats. An alert that it does
 * not know may have been started by a delivery of a moment ago and not have begun: it is asked for again for a while, and counts as
 * new if it is unknown then.
 */
async function findOverDelivery(parts: Starter, kills: readonly Planned[]): Promise<Held | undefined> {
  const { policy: { limits }, clock, log } = parts;
  const repeats = new Set<string>();
  let unknown = kills;
  if (overDelivery(limits, kills) === undefined) return undefined;
  try {
    for (const until = clock.now() + BEGINS_WITHIN_MS; ; await clock.sleep(ASK_AGAIN_MS)) {
      unknown = await findRepeats(parts, unknown, repeats);
      const over = overDelivery(limits, kills.filter(({ name }) => !repeats.has(name)));
      if (over === undefined) return undefined;
      if (clock.now() >= until || !unknown.some(({ request }) => request.trigger === 'alerts')) return { ...over, repeats };
    }
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('the limits could not be checked; nothing of this delivery was started', { error });
    return { outcome: 'failed', reason: 'the limits could not be checked' };
  }
}

/** Adds to `repeats` what began and does not start anew; gives what the ledger does not know yet. */
async function findRepeats(parts: Starter, asked: readonly Planned[], repeats: Set<string>): Promise<Planned[]> {
  const { ledger, clock } = parts;
  const ask = () => ledger.get(asked.map(({ name }) => startBegan(name, 1)), { now: clock.now() });
  const begun = await tryThrice(clock, clock.now() + ASK_FOR_MS, ask);
  const limit = createLimit(AT_ONCE);
  const known = asked.filter((_, index) => begun[index] !== undefined);
  const isRepeat = await Promise.all(known.map(({ request, name }) => limit(async () => request.trigger !== 'alerts' || (await judge(parts, name)).do !== 'start')));
  for (const [index, { name }] of known.entries()) if (isRepeat[index]) repeats.add(name);
  return asked.filter((_, index) => begun[index] === undefined);
}

/** Another delivery may have been faster, or this is a repeat: of an alert it may start anew. */
async function startOrRepeat(parts: Starter, { request, name }: Planned, until: number): Promise<Started> {
  try {
    if ((await startOne(parts, request, name, 1, until)) === 'started') return { outcome: 'accepted' };
    // What a pick chose is meant anew by the pick alone.
    if (request.trigger !== 'alerts' || request.pickedBy !== undefined) return { outcome: 'duplicate' };
    const repeat = await judge(parts, name);
    if (repeat.do === 'close') await (await import('./dead-starts.ts')).closeDead(parts, { name, ...repeat });
    if (repeat.do !== 'start') return { outcome: 'duplicate' };
    return { outcome: (await startOne(parts, request, name, repeat.start, until)) === 'started' ? 'accepted' : 'duplicate' };
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    parts.log.error('a kill could not be started', { kill_id: request.killId, error });
    return { outcome: 'failed', reason: 'it could not be started' };
  }
}

function startOne({ engine, createId }: Starter, request: Requested, name: string, start: number, until: number): Promise<'started' | 'exists'> {
  const common = { name, start, attempt: createId() };
  const payload: KillPayload = isPick(request) ? { kind: 'pick', request, ...common } : { kind: 'kill', request, ...common };
  return engine.start(executionName({ name, start }), JSON.stringify(payload), until);
}

/** Never trouble for a repeat: where the ledger does not say, the next one asks again. */
async function judge(parts: Starter, name: string): Promise<Repeat> {
  const { clock, log } = parts;
  try {
    const { judgeRepeat } = await import('./restart.ts'); // most starts are no repeats, and need not load it
    const now = clock.now();
    return await tryThrice(clock, now + ASK_FOR_MS, () => judgeRepeat(parts, name, now));
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.warn('the ledger could not be asked about a repeat', { name, error });
    return { do: 'nothing' };
  }
}
