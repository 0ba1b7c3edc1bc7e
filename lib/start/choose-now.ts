import { chooseJobs, type Choosing, leftOutText, type Standing } from '../core/choose.ts';
import { decide } from '../core/decide.ts';
import { isDryRun } from '../core/dry-run.ts';
import { type End, refusedEnd } from '../core/end.ts';
import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { type KillRequest, type PickRequest, targetText } from '../core/request.ts';
import { createLimit } from '../http/limit.ts';
import { type BrakeParts, readBrake, readKeep } from '../kill/brake.ts';
import { noLedgerEnd } from '../kill/close.ts';
import { EXPIRES_AFTER_MS, expiredEnd, unreadableEnd } from '../kill/examine.ts';
import { isDying, killedBefore, readFirstPosts } from '../kill/first-post.ts';
import { TOLD } from '../kill/no.ts';
import { ifRetryable, whilePassing } from '../kill/while-passing.ts';
import { jobSeen } from '../kill/history-entries.ts';
import { type JobSeen, No, noKey } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Policy } from '../policy/policy.ts';
import { overPercent } from './limits.ts';

/** What choosing needs. */
export type Chooser = BrakeParts & { policy: Policy; clusters: readonly Cluster[]; mrs: Mrs };

// An invocation has 120 s: where all of them take long it begins anew, which harms nothing, since nothing is written here.
const BRAKE_FOR_MS = 60_000;
const LIST_FOR_MS = 60_000;
const READ_FOR_MS = 20_000;
const READS_AT_ONCE = 10;

/**
 * Lists the jobs of a cluster and chooses those that a pick means now; the end where there are none, or something forbids it. What
 * was submitted after the news began (or after `since`, when we first heard of it), what is protected, kept, or was said no to, and
 * the re-run of what was killed within the hour are left out.
 */
export async function chooseNow(parts: Chooser, request: PickRequest, cluster: Cluster, since: number): Promise<{ jobs: JobSeen[]; leftOut: string } | { end: End }> {
  const { policy, clock } = parts;
  const { pick, submittedBefore = since } = request.target;
  const now = clock.now();
  if (now > request.receivedAt + EXPIRES_AFTER_MS) return { end: expiredEnd() };
  const brake = await readBrake(parts, { ...request, pickedBy: undefined }, undefined, BRAKE_FOR_MS);
  if (brake) return { end: refusedEnd(brake.rule, brake.reason) };
  let active: Job[];
  try {
    active = (await Array.fromAsync(parts.mrs.activeJobs(cluster, { retryForMs: LIST_FOR_MS }))).flat();
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { end: unreadableEnd(error.trouble) };
  }
  try {
    const limit = createLimit(READS_AT_ONCE);
    const choosing = await chooseJobs(pick, active, new Date(clock.wall()), (job) => limit(() => standingOf(parts, request, cluster, job, Math.min(submittedBefore, since))));
    const leftOut = leftOutText(choosing);
    const chosen = choosing.jobs.length;
    if (chosen === 0) return { end: { outcome: 'not-found', reason: noneText(request, cluster.name, choosing) + (leftOut && `; ${leftOut}`) } };
    const running = active.filter(({ job_state: state }) => state === 'RUNNING').length;
    const over = overPercent(policy.limits, cluster.name, chosen, running);
    if (over) return { end: refusedEnd(over.rule, over.reason) };
    return { jobs: choosing.jobs.map((job) => jobSeen(parts.clusters, job)), leftOut };
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    return { end: noLedgerEnd(error) };
  }
}

/** Why none was chosen: none fits, or those that do take up the places as they are. */
function noneText({ target }: PickRequest, cluster: string, { takesPlace: taken }: Choosing): string {
  if (taken === 0) return `no job of ${cluster} fits: ${targetText(target)}`;
  const who = taken === 1 ? '1 job counts already: it' : `${taken} jobs count already: each`;
  return `no further job of ${cluster} is picked: ${who} is being killed, is being asked about, or people were told of it (${targetText(target)})`;
}

/** Throws LedgerFailed. */
async function standingOf({ policy, ledger, clock }: Chooser, request: PickRequest, cluster: Cluster, job: Job, before: number): Promise<Standing> {
  const now = clock.now();
  if (job.submitted_time <= 0 || job.submitted_time >= before) return { leftOut: 'newer than the alert' };
  const decision = decide(policy, killOf(request, cluster, job.job_id, ''), job, { now: new Date(clock.wall()) });
  if (decision.verdict === 'refuse') return { leftOut: `refused by ${decision.rule}` };
  const read = <T>(call: () => Promise<T>) => whilePassing(clock, now + READ_FOR_MS, ifRetryable, call);
  const [posts, [no], kept] = await Promise.all([
    read(() => readFirstPosts(ledger, cluster.id, job.job_name, now)),
    request.rule ? read(() => ledger.get([noKey(request.rule as NonNullable<PickRequest['rule']>, job.job_id, isDryRun(policy, request))], { now })) : [undefined],
    read(() => readKeep(ledger, job.job_id, { now })),
  ]);
  if (killedBefore(posts, job) !== undefined) return { leftOut: 'started again after a kill' };
  if (isDying(posts, job)) return 'takes-place'; // also where this rule left it alone, and another one kills it
  const said = No.safeParse(no?.value).data;
  // Who was told of it still has its card: telling them of the next one instead would go on and on.
  if (said && said.what !== TOLD) return { leftOut: 'left alone by this rule' };
  if (kept) return { leftOut: 'kept' };
  return no === undefined ? 'free' : 'takes-place';
}

/** The kill that a pick means for one job. */
export function killOf({ target, ...request }: PickRequest, cluster: Cluster, jobId: string, killId: string): KillRequest {
  const { order: _order, count: _count, cooldownMs: _cooldown, ...selector } = target.pick;
  return { ...request, killId, onlyIf: selector, target: { cluster: cluster.name, job: { by: 'mrs-id', id: jobId } } };
}
