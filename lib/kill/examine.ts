import type { Clock } from '../core/time.ts';
import { type Brake, decide } from '../core/decide.ts';
import { dryRunReason } from '../core/dry-run.ts';
import { type End, refusedEnd } from '../core/end.ts';
import { describeTrouble, type Trouble, troubleCode, UpstreamFailed } from '../core/errors.ts';
import { isOver, type Job, jobName } from '../core/job.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Policy } from '../policy/policy.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, Target } from '../core/request.ts';
import { matchesSelector } from '../core/selector.ts';
import { findWarnedRule, isRulesOwn, type RuleNow } from '../core/warned-rule.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { noLedgerEnd } from './close.ts';
import type { Looked } from './look.ts';

/** What looking and deciding needs. */
export type Examiner = {
  policy: Policy;
  /** The listed clusters. */
  clusters: readonly Cluster[];
  /** Finds the job that is meant, in whose name and with what patience the caller knows; throws UpstreamFailed and LedgerFailed. */
  look: (target: Target) => Promise<Looked>;
  /** The brakes, read now, in whose name and with what patience the caller knows. */
  readBrake: (request: KillRequest, jobId: string) => Promise<Brake | undefined>;
  clock: Clock;
};

/** Go on with this job, which was asked for at `seenAt` (epoch ms), or the end of the request. `dryRun`: why the kill is only played. `rule`: of a warned job, as it is now. */
export type Examined = { go: 'on'; cluster: Cluster; job: Job; seenAt: number; dryRun?: string; ask?: Question; rule?: RuleNow } | { go: 'end'; end: End };

/** A request is not killed later than this after it was received; the time that a question took comes on top. */
export const EXPIRES_AFTER_MS = 15 * 60_000;
const MOST_CANDIDATES = 5;

/**
 * Looks at the job that `target` means and decides, both afresh: the one way from a request to "kill this job", before and after
 * a question. Trouble with MRS is an end too; nothing is thrown for it.
 */
export async function examine(parts: Examiner, request: KillRequest, target: Target, expiresAt: number): Promise<Examined> {
  const seenAt = parts.clock.now();
  if (seenAt > expiresAt) return { go: 'end', end: expiredEnd() };
  // What only tells people kills nothing. Where the job's id is known, its brakes are read beside it.
  const readBrake = async (jobId: string): Promise<Brake | undefined> => (request.action === 'notify' ? undefined : parts.readBrake(request, jobId));
  const askedFor = target.job.by === 'mrs-id' ? target.job.id : undefined;
  const early = askedFor === undefined ? undefined : readBrake(askedFor);
  early?.catch(() => undefined); // the look may end it, and then nobody waits for this
  let looked: Looked;
  try {
    looked = await parts.look(target);
  } catch (error) {
    if (error instanceof LedgerFailed) return { go: 'end', end: noLedgerEnd(error) };
    if (!(error instanceof UpstreamFailed)) throw error;
    return { go: 'end', end: unreadableEnd(error.trouble, byHandLine(parts.clusters, target)) };
  }
  switch (looked.found) {
    case 'unlisted':
      return { go: 'end', end: unlistedEnd(looked.cluster) };
    case 'none':
      return { go: 'end', end: { outcome: 'not-found', reason: looked.reason } };
    case 'several':
      return { go: 'end', end: { outcome: 'ambiguous', reason: looked.reason, candidates: looked.jobs.slice(0, MOST_CANDIDATES) } };
    case 'one':
      return decideOn(parts, request, looked, { seenAt: looked.askedAt ?? seenAt, readBrake: () => (early && looked.job.job_id === askedFor ? early : readBrake(looked.job.job_id)) });
  }
}

async function decideOn({ policy, clock }: Examiner, request: KillRequest, { cluster, job }: { cluster: Cluster; job: Job }, { seenAt, readBrake }: { seenAt: number; readBrake: () => Promise<Brake | undefined> }): Promise<Examined> {
  if (isOver(job)) {
    return { go: 'end', end: { outcome: 'already-over', job, reason: alreadyOverText(job) } };
  }
  const now = new Date(clock.wall()); // how old a job is goes by MRS's times
  const { warning, person = '' } = request;
  if (warning?.killNow && !policy.slack.mayKill.includes(person)) {
    return { go: 'end', end: refusedEnd('mayKill', 'who clicked Kill now is not in slack.mayKill of policy.yml any more', job) };
  }
  const isWarned = isRulesOwn(request);
  const rule = isWarned ? findWarnedRule(policy, request, job, now) : undefined;
  if (isWarned ? rule === undefined : request.onlyIf && !matchesSelector(request.onlyIf, job, now)) {
    return { go: 'end', end: refusedEnd('changed', `${jobName(job)} does not fit ${request.policyRule ?? 'its rule'} any more; to kill it all the same, use /mrs kill`, job) };
  }
  const wished = rule ? { ...request, action: rule.action, dryRun: request.dryRun || rule.dryRun } : request;
  const brake = await readBrake();
  const decision = decide(policy, wished, job, { now, brake });
  const dryRun = dryRunReason(policy, wished);
  const found = { go: 'on', cluster, job, seenAt, ...(dryRun !== undefined && { dryRun }), ...(rule && { rule }) } as const;
  switch (decision.verdict) {
    case 'refuse':
      return { go: 'end', end: { outcome: 'refused', rule: decision.rule, reason: decision.reason, job } };
    case 'ask':
      return { ...found, ask: { who: decision.who, reason: decision.reason } };
    case 'allow':
      return found;
  }
}

/** The end of a request whose job or list could not be read: nobody may decide then. `hint` is what can be done by hand. */
export function unreadableEnd(trouble: Trouble, hint = ''): End {
  return { outcome: 'failed', code: troubleCode(trouble), trouble, reason: `${describeTrouble(trouble)}; nothing was killed${hint}` };
}

/** The end of a request for a cluster that the policy does not list. */
export function unlistedEnd(cluster: string): End {
  return refusedEnd('clusters', `${cluster} is not listed; add it under clusters: in policy.yml`);
}

/** Why there was nothing to kill: how the job had ended. */
export function alreadyOverText({ job_state: state, job_result: result }: Job): string {
  return `it had already ended: ${state}, result ${result}`;
}

/** The end of a request that nobody acted on in time. */
export function expiredEnd(): End {
  return { outcome: 'expired', reason: 'more than 15 min passed since the request, so no more kill is sent; ask again if you still want it' };
}

/** Huawei's own command line, for when MRS does not take the kill from us. https://support.huaweicloud.com/intl/en-us/hcli/ */
export function koocliLine(cluster: Cluster, jobId: string): string {
  return `hcloud MRS StopJob --cli-region=${cluster.region} --cluster_id=${cluster.id} --job_execution_id=${jobId}`;
}

function byHandLine(clusters: readonly Cluster[], { cluster: named, job }: Target): string {
  const cluster = named === undefined ? (clusters.length === 1 ? clusters[0] : undefined) : findCluster(clusters, named);
  return cluster === undefined ? '' : `; by hand: ${koocliLine(cluster, job.by === 'mrs-id' ? job.id : '<MRS job id>')}`;
}
