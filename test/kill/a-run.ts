import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import type { End } from '../../lib/core/end.ts';
import { type Trouble, UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { View } from '../../lib/core/report.ts';
import type { KillRequest, MessageRef, Target } from '../../lib/core/request.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import { readBrake } from '../../lib/kill/brake.ts';
import { movesAtOnce } from '../../lib/kill/moves.ts';
import type { Answered, Pace, Run } from '../../lib/kill/parts.ts';
import { runRequest } from '../../lib/kill/run.ts';
import type { StartId } from '../../lib/kill/start-id.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { createLog } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aJob, aPolicy, aRequest, NOON } from '../core/a-job.ts';
import type { LogLine } from '../stage/stage.ts';
import { type WatchedLedger, watchLedger } from '../stage/watched-ledger.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';
import { ANALYTICS, DEV } from './mrs-of-simulator.ts';

export const ID: StartId = { name: 'alerts-live-1', start: 1 };
export const KEPT_UNTIL = NOON + 9 * 86_400_000;

/** What MRS answers to the n-th POST, from 1: it takes it, refuses it, or says nothing. */
type OnPost = (post: number) => 'taken' | Trouble;
export type RunPlan = {
  id?: StartId;
  policy?: Partial<Policy>;
  pace?: Partial<Pace>;
  ask?: (question: { who: string; reason: string }) => Answered;
  /** As a caller who gets the End as the answer. */
  isSilent?: boolean;
  /** What stands in the ledger when it begins. */
  stands?: PutEntry[];
  job?: Job;
  onPost?: OnPost;
  /** When the job ends by itself, ms after noon. */
  endsAtMs?: number;
  onShow?: (view: View) => void | Promise<unknown>;
};

/** A run whose moves are done at once, over a ledger in memory and an MRS with one job, on a clock that stands but for its own sleeps. */
export type PlayedRun = {
  parts: Run;
  clock: SteppingClock;
  ledger: WatchedLedger;
  /** Of each POST, ms after noon. */
  posts: number[];
  /** What happened, in order: moves by their name, GETs and POSTs. */
  trail: string[];
  targets: Target[];
  /** For how long (s) each step may be tried again. */
  budgets: Record<string, number | undefined>;
  /** With what patience the job was read, each time. */
  reads: CallBudget[];
  shown: { view: View; card: MessageRef | undefined }[];
  lines: LogLine[];
  play: (request?: Partial<KillRequest>) => Promise<End>;
  /** The entries of a partition: what stands under each rest. */
  stored: (partition: string) => Promise<Record<string, unknown>>;
};

export async function aRun(plan: RunPlan = {}): Promise<PlayedRun> {
  const { id = ID, job = aJob(), onPost = () => 'taken' } = plan;
  const clock = createSteppingClock(NOON);
  const ledger = watchLedger(createSqliteLedger(memoryStore()));
  if (plan.stands) for (let from = 0; from < plan.stands.length; from += 25) await ledger.put(plan.stands.slice(from, from + 25));
  ledger.calls.length = 0;
  const [posts, trail, targets, shown, lines]: [number[], string[], Target[], PlayedRun['shown'], LogLine[]] = [[], [], [], [], []];
  const budgets: PlayedRun['budgets'] = {};
  const reads: CallBudget[] = [];
  let isKilled = false;
  const now = (): Job => {
    if (isKilled) return { ...job, job_state: 'KILLED', job_result: 'KILLED' };
    return clock.now() >= NOON + (plan.endsAtMs ?? Infinity) ? { ...job, job_state: 'FINISHED', job_result: 'SUCCEEDED' } : job;
  };
  const mrs = {
    async job(_cluster: unknown, _jobId: string, budget: CallBudget) {
      reads.push(budget);
      trail.push('GET');
      return now();
    },
    async kill(_cluster: unknown, _jobId: string, _signal: unknown, isWanted: () => Promise<boolean>) {
      if (!(await isWanted())) return false;
      trail.push('POST');
      posts.push(clock.now() - NOON);
      const answer = onPost(posts.length);
      if (answer !== 'taken') throw new UpstreamFailed(answer);
      isKilled = true;
      return true;
    },
  };
  const atOnce = movesAtOnce(clock, { waitUntil: Infinity, repeatUntil: Infinity });
  const noted = (name: string): void => void trail.push(name);
  const read = { readPaused: () => false, ledger, clock };
  const { ask } = plan;
  const parts: Run = {
    id, clock, ledger, policy: aPolicy(plan.policy), policyHash: 'hash', clusters: [ANALYTICS, DEV],
    mrs: mrs as unknown as Run['mrs'],
    log: createLog({ level: 'debug', now: clock.now, write: (line) => void (line.startsWith('{"_aws"') || lines.push(JSON.parse(line) as LogLine)) }),
    moves: {
      ...atOnce,
      step(name, move, retryForSec) {
        noted(name);
        budgets[name] = retryForSec;
        return atOnce.step(name, move, retryForSec);
      },
      stepOnce: (name, move) => (noted(name), atOnce.stepOnce(name, move)),
      wait: (name, seconds) => (noted(`${name} ${seconds}`), atOnce.wait(name, seconds)),
      repeat: (name, ...rest) => (noted(name), atOnce.repeat(name, ...rest)),
    },
    pace: {
      takesOver: true, expiresAfterMs: 15 * 60_000, lookCountsForMs: 0, lookForMs: 60_000, mostPosts: 3, settles: true, holdsForMs: 3_600_000,
      followIntervalSec: 2, followTimeoutSec: 1_800, ifStillAlive: 'still-running', ...plan.pace,
    },
    async look(target) {
      targets.push(target);
      return { found: 'one', cluster: ANALYTICS, job: now() };
    },
    readBrake: (request, jobId) => readBrake(read, request, jobId, 0),
    ...(ask && { ask: async (_request, _job, question) => ask(question) }),
    ...(!plan.isSilent && {
      async show(_request, view, card) {
        await plan.onShow?.(view);
        shown.push({ view: structuredClone(view), card });
        return card ?? { channel: 'C1', ts: String(shown.length) };
      },
    }),
  };
  return {
    parts, clock, ledger, posts, trail, targets, budgets, reads, shown, lines,
    play: (request = {}) => runRequest(parts, aRequest({ trigger: 'alerts', ...request })),
    async stored(partition) {
      const { entries } = await ledger.list(partition, { now: clock.now(), most: 200 });
      return Object.fromEntries(entries.map(({ key: { rest }, value, owner }) => [rest, value ?? owner]));
    },
  };
}

/** An entry as a run leaves it. */
export function entryOf(key: PutEntry['key'], value: unknown): PutEntry {
  return { key, value, until: KEPT_UNTIL };
}
