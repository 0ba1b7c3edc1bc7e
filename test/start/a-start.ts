import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import type { Job } from '../../lib/core/job.ts';
import type { Show, View } from '../../lib/core/report.ts';
import type { MessageRef, PickRequest } from '../../lib/core/request.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import { movesAtOnce } from '../../lib/kill/moves.ts';
import type { StartId } from '../../lib/kill/start-id.ts';
import type { EndEntry } from '../../lib/ledger/keys.ts';
import type { Key, PutEntry } from '../../lib/ledger/port.ts';
import { createLog } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { Engine, KillPayload } from '../../lib/start/engine.ts';
import type { Picker } from '../../lib/start/pick.ts';
import { createRecent } from '../../lib/start/recent.ts';
import { aPolicy, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS, DEV } from '../kill/mrs-of-simulator.ts';
import type { LogLine } from '../stage/stage.ts';
import { type WatchedLedger, watchLedger } from '../stage/watched-ledger.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

export const ID: StartId = { name: 'alerts-dry-1', start: 1 };
export const MINUTE_MS = 60_000;

export type StartPlan = {
  id?: StartId;
  policy?: Partial<Policy>;
  jobs?: Job[];
  /** What stands in the ledger when it begins. */
  stands?: PutEntry[];
  isPaused?: boolean;
  /** What the engine says to a start under a name; it throws what is an error. */
  onStart?: (name: string) => 'started' | 'exists' | Error;
  /** Why MRS does not list its jobs. */
  onList?: () => Error;
};

/** Everything that the door, a pick and the end of another work with: moves done at once, a ledger in memory, a clock that stands but for its own sleeps. */
export type PlayedStart = {
  parts: Picker & { show: Show };
  clock: SteppingClock;
  ledger: WatchedLedger;
  /** What the engine was asked to start, in order. */
  started: { name: string; payload: KillPayload; until: number | undefined }[];
  /** For how long (s) each step may be tried again, in their order. */
  budgets: [name: string, seconds: number | undefined][];
  shown: { view: View; card: MessageRef | undefined }[];
  lines: LogLine[];
  /** With what patience the jobs were listed. */
  lists: CallBudget[];
  engine: Engine;
  /** The entries of a partition, with their owners and until when they stand. */
  list: (partition: string) => Promise<{ rest: string; value: unknown; owner?: string | undefined; until: number }[]>;
  stands: (key: Key) => Promise<{ owner?: string | undefined; start?: number | undefined; value: unknown; until: number } | undefined>;
};

export async function aStart(plan: StartPlan = {}): Promise<PlayedStart> {
  const { id = ID, jobs = [], onStart = () => 'started' } = plan;
  const clock = createSteppingClock(NOON);
  const ledger = watchLedger(createSqliteLedger(memoryStore()));
  if (plan.stands) await ledger.put(plan.stands);
  ledger.calls.length = 0;
  const [started, budgets, shown, lines, lists]: [PlayedStart['started'], PlayedStart['budgets'], PlayedStart['shown'], LogLine[], CallBudget[]] = [[], [], [], [], []];
  const log = createLog({ level: 'debug', now: clock.now, write: (line) => void (line.startsWith('{"_aws"') || lines.push(JSON.parse(line) as LogLine)) });
  const policy = aPolicy({ clusters: { analytics: { id: ANALYTICS.id }, dev: { id: DEV.id } }, ...plan.policy });
  const engine: Engine = {
    async start(name, payload, until) {
      started.push({ name, payload: JSON.parse(payload) as KillPayload, until });
      const answer = onStart(name);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    inputOf: async () => '',
    answer: async () => 'taken',
  };
  let ids = 0;
  const createId = (): string => `id-${++ids}`;
  const readPaused = () => plan.isPaused === true;
  const atOnce = movesAtOnce(clock, { waitUntil: Infinity, repeatUntil: Infinity });
  const common = { policy, policyHash: 'hash', clusters: [ANALYTICS, DEV], ledger, clock, log, readPaused };
  const parts = {
    ...common, id,
    mrs: {
      async *activeJobs({ name }: { name: string }, budget: CallBudget) {
        lists.push(budget);
        if (plan.onList) throw plan.onList();
        yield jobs.filter(({ cluster }) => cluster === name);
      },
    } as unknown as Picker['mrs'],
    moves: {
      ...atOnce,
      step(name, move, retryForSec) {
        budgets.push([name, retryForSec]);
        return atOnce.step(name, move, retryForSec);
      },
    },
    starter: { ...common, engine, killFunction: 'svc-test-kill:durable', createId, recent: createRecent(), settings: { askTimeoutSec: 900 } },
    async show(_request, view, card) {
      shown.push({ view: structuredClone(view), card });
      return card ?? { channel: 'C1', ts: String(shown.length) };
    },
  } satisfies Picker;
  return {
    parts, clock, ledger, started, budgets, shown, lines, lists, engine,
    async list(partition) {
      const { entries } = await ledger.list(partition, { now: clock.now(), most: 200 });
      return entries.map(({ key: { rest }, value, owner, until }) => ({ rest, value, until, ...(owner !== undefined && { owner }) }));
    },
    stands: async (key) => (await ledger.get([key], { now: clock.now() }))[0],
  };
}

/** An alert's wish that a rule picks, but for the given fields. */
export function aPick({ pick, target, ...fields }: Partial<Omit<PickRequest, 'target'>> & { pick?: Partial<PickRequest['target']['pick']>; target?: Partial<PickRequest['target']> } = {}): PickRequest {
  const { target: _target, ...request } = aRequest({ trigger: 'alerts', policyRule: 'alerts.1', rule: { content: 'c-1', askAgainMs: 24 * HOUR_MS } });
  return { ...request, ...fields, target: { cluster: 'analytics', content: 'c-1', pick: { queue: 'adhoc', order: 'longest-running', count: 1, ...pick }, ...target } };
}

/** An entry as long as a request is remembered. */
export function entryOf(key: Key, value: unknown): PutEntry {
  return { key, value, until: NOON + 14 * 24 * HOUR_MS };
}

/** What the ledger has of an end: that a job was killed at noon, but for the given fields. */
export function endAs(fields: Partial<EndEntry>): EndEntry {
  return { at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, ended: NOON, policyHash: 'hash', outcome: 'killed', reason: '', ...fields };
}
