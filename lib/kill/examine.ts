import type { Clock } from '../core/clock.ts';
import { decide, isDryRun } from '../core/decide.ts';
import { describeTrouble, troubleCode, UpstreamFailed } from '../core/errors.ts';
import { isOver, type Job, jobLabel } from '../core/job.ts';
import type { End } from '../core/outcome.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, Target } from '../core/request.ts';
import { matchesSelector } from '../core/selector.ts';
import type { Mrs } from '../mrs/client.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { look } from './look.ts';

/** What looking and deciding needs. */
export type Examiner = {
  policy: Policy;
  clusters: readonly Cluster[];
  mrs: Mrs;
  /** The off switch, read now. */
  readPaused: () => boolean | Promise<boolean>;
  clock: Clock;
};

/** Go on with this job, or the end of the request. */
export type Examined =
  | { go: 'on'; cluster: Cluster; job: Job; dryRun: boolean; ask?: Question }
  | { go: 'end'; end: End };

/** A request is not killed later than this after it was received; the time that a question took comes on top. */
export const EXPIRES_AFTER_MS = 15 * 60_000;
const LOOK_FOR_MS = 60_000;

/**
 * Looks at the job that `target` means and decides, both afresh: the one way from a request to "kill this job" for the
 * workflow, before and after a question. Trouble with MRS is an end too; nothing is thrown for it.
 */
export async function examine(by: Examiner, request: KillRequest, target: Target, expiresAt: number): Promise<Examined> {
  if (by.clock.now() > expiresAt) return { go: 'end', end: expiredEnd() };
  const clusters = target.cluster === undefined ? by.clusters : [findCluster(by.clusters, target.cluster)].filter((found) => found !== undefined);
  if (target.cluster !== undefined && clusters.length === 0) return { go: 'end', end: unlistedEnd(target.cluster) };
  let looked: Awaited<ReturnType<typeof look>>;
  try {
    looked = await look(by.mrs, clusters, target, { retryForMs: LOOK_FOR_MS });
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    const [cluster, ...others] = clusters;
    const hint = cluster !== undefined && others.length === 0 ? `; by hand: ${koocliLine(cluster, target.job.by === 'mrs-id' ? target.job.id : '<MRS job id>')}` : '';
    return { go: 'end', end: { outcome: 'failed', code: troubleCode(error.trouble), reason: `${describeTrouble(error.trouble)}; nothing was killed${hint}` } };
  }
  switch (looked.found) {
    case 'none':
      return { go: 'end', end: { outcome: 'not-found', reason: looked.reason } };
    case 'several':
      return { go: 'end', end: { outcome: 'ambiguous', reason: looked.reason, candidates: looked.jobs.slice(0, MOST_CANDIDATES) } };
    case 'one':
      return decideOn(by, request, looked.cluster, looked.job);
  }
}

const MOST_CANDIDATES = 5;

async function decideOn({ policy, readPaused, clock }: Examiner, request: KillRequest, cluster: Cluster, job: Job): Promise<Examined> {
  if (isOver(job)) {
    return { go: 'end', end: { outcome: 'already-over', job, reason: `it ended before: ${job.job_state}, result ${job.job_result}` } };
  }
  const now = new Date(clock.now());
  if (request.onlyIf && !matchesSelector(request.onlyIf, job, now)) {
    const reason = `changed: ${jobLabel(job)} was chosen by ${request.rule ?? 'a rule'}, and does not fit it any more`;
    return { go: 'end', end: { outcome: 'refused', rule: 'changed', reason, job } };
  }
  const decision = decide(policy, request, job, { now, paused: await readPaused() });
  switch (decision.verdict) {
    case 'refuse':
      return { go: 'end', end: { outcome: 'refused', rule: decision.rule, reason: decision.reason, job } };
    case 'ask':
      return { go: 'on', cluster, job, dryRun: isDryRun(policy, request), ask: { who: decision.who, reason: decision.reason } };
    case 'allow':
      return { go: 'on', cluster, job, dryRun: isDryRun(policy, request) };
  }
}

/** The end of a request for a cluster that the policy does not list. */
export function unlistedEnd(cluster: string): End {
  return { outcome: 'refused', rule: 'clusters', reason: `clusters: ${cluster} is not listed; add it under clusters: in policy.yml` };
}

/** The end of a request that nobody acted on in time. */
export function expiredEnd(): End {
  return { outcome: 'expired', reason: 'more than 15 minutes passed since it was asked for; ask again if it is still wanted' };
}

/** Huawei's own command line, for when MRS does not take the kill from us. https://support.huaweicloud.com/intl/en-us/hcli/ */
export function koocliLine(cluster: Cluster, jobId: string): string {
  return `hcloud MRS StopJob --cli-region=${cluster.region} --cluster_id=${cluster.id} --job_execution_id=${jobId}`;
}
