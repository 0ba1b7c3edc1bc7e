import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { CallBudget } from '../http/retry.ts';
import { look, type Looked } from '../kill/look.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { callerToken } from '../mrs/credentials.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Caller } from './authenticate.ts';
import type { PathIds } from './read-request.ts';
import { isRefusalOfCaller, troubleReply } from './trouble-reply.ts';

/** The job of a path, the client that acts in the caller's name, and the time that is left. */
export type FoundJob = { cluster: Cluster; job: Job; mrs: Mrs; budget: CallBudget };

const RETRY_READS_FOR_MS = 8_000;

/**
 * Finds the job of a path: 403 for an unlisted cluster or a foreign project, 404 for an unknown job, 429, 502 or 504 where
 * MRS does not say. Who brings a token of their own is judged by MRS first, so that a stranger learns nothing of the policy.
 */
export async function findJob(api: Killswitch, request: HttpRequest, caller: Caller, ids: PathIds): Promise<FoundJob | HttpReply> {
  const listed = findCluster(api.clusters, ids.cluster);
  const signal = AbortSignal.timeout(Math.max(0, request.answerBy - api.clock.now()));
  const isOwnToken = caller.by === 'iam-token';
  const mrs = api.mrsAs(isOwnToken ? callerToken(caller.token, ids.projectId) : api.credentials);
  const budget = { signal, retryForMs: isOwnToken ? 0 : RETRY_READS_FOR_MS };
  const cluster = listed ?? { name: ids.cluster, id: ids.cluster, region: api.settings.region, project: { id: ids.projectId } };
  const lookNow = () => lookOrTrouble(mrs, cluster, ids, budget);

  const judged = isOwnToken ? await lookNow() : undefined;
  // Where MRS could not judge, the policy says nothing either.
  if (judged instanceof UpstreamFailed && (isRefusalOfCaller(judged) || judged.retryable)) return troubleReply(judged.trouble, caller);
  if (listed === undefined) return errorReply(403, `clusters: ${ids.cluster} is not listed; add it under clusters: in policy.yml`);
  const projectId = await projectIdOf(api, listed, ids, caller, signal);
  if (projectId instanceof UpstreamFailed) return troubleReply(projectId.trouble, caller);
  if (projectId !== ids.projectId) {
    // A stranger with a token of another account is not told the right one.
    const hint = isOwnToken ? 'use the right one' : `use ${projectId} or change project: in policy.yml`;
    return errorReply(403, `clusters: ${ids.projectId} is not the project of ${listed.name}; ${hint}`);
  }

  const looked = judged ?? (await lookNow());
  if (looked instanceof UpstreamFailed) return troubleReply(looked.trouble, caller);
  switch (looked.found) {
    case 'one':
      return { cluster: listed, job: looked.job, mrs, budget };
    case 'none':
      return errorReply(404, `not-found: ${looked.reason}`);
    case 'several':
      return errorReply(409, `ambiguous: ${looked.reason}: ${looked.jobs.map(({ job_id: jobId }) => jobId).join(', ')}`);
  }
}

async function lookOrTrouble(mrs: Mrs, cluster: Cluster, ids: PathIds, budget: CallBudget): Promise<Looked | UpstreamFailed> {
  return look(mrs, [cluster], { cluster: cluster.name, job: ids.job }, budget).catch(asTrouble);
}

/** The cluster's project. Where only its name is known, IAM tells us; a caller's own call has been judged by MRS already. */
async function projectIdOf(
  api: Killswitch,
  { project, ...cluster }: Cluster,
  ids: PathIds,
  caller: Caller,
  signal: AbortSignal,
): Promise<string | UpstreamFailed> {
  if ('id' in project) return project.id;
  if (caller.by === 'iam-token') return ids.projectId;
  return api.credentials.authorize({ ...cluster, project }, signal).then(({ projectId }) => projectId, asTrouble);
}

function asTrouble(error: unknown): UpstreamFailed {
  if (error instanceof UpstreamFailed) return error;
  throw error;
}
