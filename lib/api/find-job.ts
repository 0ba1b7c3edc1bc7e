import { type End, refusedEnd } from '../core/end.ts';
import { UpstreamFailed } from '../core/errors.ts';
import type { Target } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import type { CallBudget } from '../http/retry.ts';
import type { HttpReply, HttpRequest } from '../http/reply.ts';
import { unlistedEnd, unreadableEnd } from '../kill/examine.ts';
import { look, type Looked } from '../kill/look.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { callerToken, type Credentials } from '../mrs/credentials.ts';
import type { Settings } from '../settings/settings.ts';
import { authenticate, type Caller, type PathIds, readIds } from './read-request.ts';
import { isRefusalOfCaller, replyToEnd } from './reply-to-end.ts';

/** What finding the job of a path needs. */
export type Finder = {
  settings: Pick<Settings, 'region' | 'apiTokens' | 'apiPassThrough'>;
  clusters: readonly Cluster[];
  /** Who we are ourselves. */
  credentials: Credentials;
  mrsAs: (credentials: Credentials) => Mrs;
  clock: Clock;
};

/** Whom MRS did not let in, or could not judge: nobody who was authenticated, so that there is an answer and no end of a request. */
export type TurnedAway = { turnedAway: End };

/** A path that leads to a listed cluster and its project: how to look there, in the caller's name and in the time that is left. */
export type Admitted = { target: Target; mrs: Mrs; budget: CallBudget; look: (target: Target) => Promise<Looked> };

const RETRY_READS_FOR_MS = 8_000;

/** GET of one job: MRS's own fields without `arguments` and `properties`, numbers as numbers, states in upper case. */
export async function showJob(api: Finder, request: HttpRequest, params: Record<string, string>): Promise<HttpReply> {
  const caller = authenticate(request.headers, api.settings);
  const admitted = await admit(api, request, caller, readIds(params));
  if ('turnedAway' in admitted) return replyToEnd(admitted.turnedAway, caller);
  if ('outcome' in admitted) return replyToEnd(admitted, caller);
  const looked = await admitted.look(admitted.target).catch(asEnd);
  if ('outcome' in looked) return replyToEnd(looked, caller);
  switch (looked.found) {
    case 'one': {
      const { cluster: _ours, ...bean } = looked.job;
      // MRS leaves out what it has not got, `app_id` of a job that has not started for one.
      return { status: 200, body: { job_detail: Object.fromEntries(Object.entries(bean).filter(([, value]) => value !== '')) } };
    }
    case 'none':
      return replyToEnd({ outcome: 'not-found', reason: looked.reason }, caller);
    case 'several':
      return replyToEnd({ outcome: 'ambiguous', reason: looked.reason, candidates: looked.jobs }, caller);
    case 'unlisted':
      return replyToEnd(unlistedEnd(looked.cluster), caller);
  }
}

/**
 * Whether the path leads where the policy allows it; else the end of the request. Who brings a token of their own is judged by
 * MRS first, so that a stranger learns nothing of the policy; what that look found serves as the first look of what follows.
 */
export async function admit(api: Finder, request: HttpRequest, caller: Caller, ids: PathIds): Promise<Admitted | TurnedAway | End> {
  const listed = findCluster(api.clusters, ids.cluster);
  const signal = AbortSignal.timeout(Math.max(0, request.answerBy - api.clock.now()));
  const isOwnToken = caller.kind === 'iam-token';
  const mrs = api.mrsAs(isOwnToken ? callerToken(caller.token, ids.projectId) : api.credentials);
  const budget: CallBudget = { signal, rank: 'person', retryForMs: isOwnToken ? 0 : RETRY_READS_FOR_MS };
  const target: Target = { cluster: ids.cluster, job: ids.job };
  const cluster = listed ?? { name: ids.cluster, id: ids.cluster, region: api.settings.region, project: { id: ids.projectId } };
  const lookNow = (meant: Target) => look(mrs, [cluster], meant, budget);

  const askedAt = api.clock.now();
  const judged = isOwnToken ? await lookNow(target).then((looked) => ({ ...looked, askedAt }), asTrouble) : undefined;
  // Where MRS could not judge, the policy says nothing either.
  if (judged instanceof UpstreamFailed && (isRefusalOfCaller(judged.trouble) || judged.retryable)) return { turnedAway: unreadableEnd(judged.trouble) };
  if (listed === undefined) return unlistedEnd(ids.cluster);
  const projectId = await projectIdOf(api, listed, ids, caller, signal);
  if (projectId instanceof UpstreamFailed) return unreadableEnd(projectId.trouble);
  if (projectId !== ids.projectId) {
    // A stranger with a token of another account is not told the right one.
    const hint = isOwnToken ? 'use the right one' : `use ${projectId} or change project: in policy.yml`;
    return refusedEnd('clusters', `${ids.projectId} is not the project of ${listed.name}; ${hint}`);
  }
  return { target, mrs, budget, look: startingWith(judged, lookNow) };
}

/** The look that was made already, trouble and all, and from then on new ones. */
function startingWith(first: Looked | UpstreamFailed | undefined, lookNow: Admitted['look']): Admitted['look'] {
  let made = first;
  return async (target) => {
    const known = made;
    made = undefined;
    if (known instanceof UpstreamFailed) throw known;
    return known ?? lookNow(target);
  };
}

/** The cluster's project. Where only its name is known, IAM tells us; a caller's own call has been judged by MRS already. */
async function projectIdOf(
  api: Finder,
  { project, ...cluster }: Cluster,
  ids: PathIds,
  caller: Caller,
  signal: AbortSignal,
): Promise<string | UpstreamFailed> {
  if ('id' in project) return project.id;
  if (caller.kind === 'iam-token') return ids.projectId;
  return api.credentials.authorize({ ...cluster, project }, signal).then(({ projectId }) => projectId, asTrouble);
}

function asTrouble(error: unknown): UpstreamFailed {
  if (error instanceof UpstreamFailed) return error;
  throw error;
}

function asEnd(error: unknown): End {
  return unreadableEnd(asTrouble(error).trouble);
}
