import { type End, refusedEnd } from '../core/end.ts';
import { type PickRequest, targetText } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import type { Moves } from '../kill/moves.ts';
import { askingOf, endUntil, runUntil } from '../kill/history-entries.ts';
import { executionName, type StartId } from '../kill/start-id.ts';
import { dayKey, type JobSeen, jobKey, type Noted, ruleKey, startHandedOn } from '../ledger/keys.ts';
import type { Ledger, PutEntry } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { killOf } from './choose-now.ts';
import { nameExecution } from './names.ts';
import { startAll, type Starter, type Wish } from './start-all.ts';

/** What starting the children of a pick needs. */
export type Parent = { moves: Moves; ledger: Ledger; clock: Clock; id: StartId; starter: Starter; log: Log };

/** What was chosen in which cluster, what was left out, and when (epoch ms) the pick began. */
type Chosen = { jobs: readonly JobSeen[]; leftOut: string; cluster: Cluster; began: number };

const START_FOR_SEC = 5 * 60;
const NOTE_FOR_SEC = 30 * 60;
const MOST_PUT = 25;

/** Starts a kill for each chosen job; the end where some could not be started. On record before they are: what was handed on has no end of its own. */
export async function startChildren(parts: Parent, request: PickRequest, chosen: Chosen): Promise<End | undefined> {
  const { moves } = parts;
  const started = await moves.step('start', () => startKills(parts, request, chosen), START_FOR_SEC).catch((error: unknown) => error as Error);
  if (started instanceof Error) return { outcome: 'failed', code: 'not_started', reason: `not all kills of the picked jobs could be started: ${started.message}; each one that was started reports its own end` };
  if (typeof started === 'object') return started;
  await moves.step('picked', () => notePicked(parts, request, chosen), NOTE_FOR_SEC).catch(() => undefined);
  return undefined;
}

/** Throws where some could not be started: those that were are duplicates when it is tried again. */
async function startKills({ starter, id, ledger, clock }: Parent, request: PickRequest, { jobs, leftOut, cluster }: Chosen): Promise<'started' | End> {
  const reason = [request.reason, leftOut].filter((part) => part !== '').join('; ');
  const wishes: Wish[] = jobs.map(({ job_id }) => ({
    request: { ...killOf(request, cluster, job_id, starter.createId()), reason, pickedBy: id },
    deliveryKey: `picked by ${executionName(id)}`,
  }));
  const now = clock.now();
  const handedOn = wishes.map((wish, index): PutEntry => {
    const to = nameExecution(starter.policy, starter.killFunction, wish.request, wish.deliveryKey);
    return { key: startHandedOn(id.name, id.start, jobs[index]?.job_id ?? ''), value: { at: now, to }, until: runUntil(now) };
  });
  for (let from = 0; from < handedOn.length; from += MOST_PUT) await ledger.put(handedOn.slice(from, from + MOST_PUT));
  const started = await startAll(starter, wishes);
  if (started.some(({ outcome }) => outcome === 'failed')) throw new Error('the engine did not take them');
  const refusal = started.find((one) => one.outcome === 'refused');
  return refusal ? refusedEnd(refusal.rule, refusal.reason) : 'started';
}

/** Beside the Ends of the history: that it picked, what, and what it left out. */
async function notePicked({ ledger, clock, id, log }: Parent, request: PickRequest, { jobs, leftOut, began }: Chosen): Promise<void> {
  const now = clock.now();
  const name = executionName(id);
  const what = `${targetText(request.target)}: ${jobs.map(({ job_name, job_id }) => job_name || job_id).join(', ')}${leftOut && `; ${leftOut}`}`;
  const { by } = askingOf(request);
  const value: Noted = { at: now, what: 'picked', by, why: what, ...(request.policyRule !== undefined && { policyRule: request.policyRule }) };
  const keys = [
    dayKey(began, name, 'picked'),
    ...(request.rule ? [ruleKey(request.rule, began, name, 'picked')] : []),
    ...jobs.slice(0, MOST_PUT - 2).map(({ job_id }) => jobKey(job_id, began, name, 'picked')),
  ];
  await ledger.put(keys.map((key) => ({ key, value, until: endUntil(now) })));
  log.info('picked', { kill_id: request.killId, rule: request.policyRule, jobs: jobs.map(({ job_id }) => job_id), left_out: leftOut });
}
