import type { Clock } from '../core/time.ts';
import { decide, pausedRefusal } from '../core/decide.ts';
import { type End, refusedEnd } from '../core/end.ts';
import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Policy } from '../policy/policy.ts';
import { type KillRequest, type PickRequest, targetText } from '../core/request.ts';
import { pickJobs } from '../core/selector.ts';
import { closeRequest, type Closer, noLedgerEnd } from '../kill/close.ts';
import { EXPIRES_AFTER_MS, expiredEnd, unlistedEnd, unreadableEnd } from '../kill/examine.ts';
import type { Moves } from '../kill/moves.ts';
import { endOfEntry, executionName, runUntil, type StartId, takeOver } from '../kill/remember.ts';
import { startHandedOn } from '../ledger/keys.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { startAll, type Started, type Starter } from './start-all.ts';

/** What a pick works with. */
export type Picker = Closer & {
  policy: Policy;
  clusters: readonly Cluster[];
  mrs: Mrs;
  readPaused: () => boolean | Promise<boolean>;
  clock: Clock;
  moves: Moves;
  id: StartId;
  starter: Starter;
};

/** The jobs picked, with how many run in their cluster. */
type Picked = { jobs: Job[]; runningJobs: number };

const LIST_FOR_MS = 60_000;
const START_FOR_SEC = 5 * 60;
const BEGIN_FOR_SEC = 30 * 60;
const MOST_PUT = 25;

/**
 * One execution that lists the jobs of a cluster, picks, and starts a kill for each job picked: through the same door and under
 * the same limits as every other. Each kill looks, decides and reports by itself; an end here is that none was started.
 */
export async function runPick(parts: Picker, request: PickRequest): Promise<End | undefined> {
  const known = await parts.moves.step('begin', () => takeOver(parts, request), BEGIN_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in known) return closeRequest(parts, request, { id: parts.id, since: request.receivedAt, began: request.receivedAt, cards: [] }, known);
  const end = known.end ? endOfEntry(known.end) : await listAndStart(parts, request);
  return end && closeRequest(parts, request, { ...known, id: parts.id }, end);
}

async function listAndStart(parts: Picker, request: PickRequest): Promise<End | undefined> {
  const listed = await parts.moves.step('list', () => listAndPick(parts, request));
  return 'end' in listed ? listed.end : startPicked(parts, request, listed);
}

async function startPicked(parts: Picker, request: PickRequest, listed: Picked): Promise<End | undefined> {
  const started = await parts.moves.step('start', () => startKills(parts, request, listed), START_FOR_SEC).catch((error: unknown) => error as Error);
  if (started instanceof Error) return { outcome: 'failed', code: 'not_started', reason: `the kills of what was picked could not all be started: ${started.message}` };
  const refusal = started.find((one) => one.outcome === 'refused');
  return refusal && refusedEnd(refusal.rule, refusal.reason);
}

async function listAndPick(parts: Picker, request: PickRequest): Promise<Picked | { end: End }> {
  const { pick, cluster: nameOrId, submittedBefore } = request.target;
  const now = new Date(parts.clock.now());
  if (now.getTime() > request.receivedAt + EXPIRES_AFTER_MS) return { end: expiredEnd() };
  const cluster = findCluster(parts.clusters, nameOrId);
  if (cluster === undefined) return { end: unlistedEnd(nameOrId) };
  if (await parts.readPaused()) return { end: { outcome: 'refused', rule: 'paused', reason: pausedRefusal().reason } };
  let active: Job[];
  try {
    active = await Array.fromAsync(parts.mrs.activeJobs(cluster, { retryForMs: LIST_FOR_MS }));
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { end: unreadableEnd(error.trouble) };
  }
  // What the policy would refuse is not worth a pick: the next one in order is meant then.
  const isKillable = (job: Job): boolean =>
    (submittedBefore === undefined || (job.submitted_time > 0 && job.submitted_time < submittedBefore)) &&
    decide(parts.policy, killOf(request, job, ''), job, { now, paused: false }).verdict !== 'refuse';
  const jobs = pickJobs(pick, active, now, isKillable);
  if (jobs.length === 0) return { end: { outcome: 'not-found', reason: `no job of ${cluster.name} fits: ${targetText(request.target)}` } };
  return { jobs, runningJobs: active.filter(({ job_state: state }) => state === 'RUNNING').length };
}

/** Throws where some could not be started: those that were are duplicates when it is tried again. */
async function startKills({ starter, id, ledger, clock }: Picker, request: PickRequest, { jobs, runningJobs }: Picked): Promise<Started[]> {
  const wishes = jobs.map((job) => ({ request: killOf(request, job, starter.createId()), deliveryKey: `picked by ${executionName(id)}` }));
  const running = Object.fromEntries(jobs.map(({ cluster }) => [cluster, runningJobs]));
  // On record before they are started: what was handed on has no end of its own.
  const now = clock.now();
  const handedOn = jobs.map((job) => ({ key: startHandedOn(id.name, id.start, job.job_id), value: { at: now, to: job.job_id }, until: runUntil(now) }));
  for (let from = 0; from < handedOn.length; from += MOST_PUT) await ledger.put(handedOn.slice(from, from + MOST_PUT));
  const started = await startAll(starter, wishes, running);
  if (started.some(({ outcome }) => outcome === 'failed')) throw new Error('some of the picked kills could not be started');
  return started;
}

function killOf({ target, ...request }: PickRequest, job: Job, killId: string): KillRequest {
  const { order: _order, count: _count, cooldownMs: _cooldown, ...selector } = target.pick;
  return { ...request, killId, onlyIf: selector, target: { cluster: job.cluster, job: { by: 'mrs-id', id: job.job_id } } };
}
