import { isDryRun } from '../core/dry-run.ts';
import type { End } from '../core/end.ts';
import type { Policy } from '../policy/policy.ts';
import type { KillRequest } from '../core/request.ts';
import type { HttpReply, HttpRequest } from '../http/reply.ts';
import { type BrakeParts, readBrake } from '../kill/brake.ts';
import { closeRequest } from '../kill/close.ts';
import { movesAtOnce } from '../kill/moves.ts';
import { MOST_POSTS } from '../kill/post.ts';
import type { Pace } from '../kill/parts.ts';
import { runRequest } from '../kill/run.ts';
import type { Settings } from '../settings/settings.ts';
import { admit, type Admitted, type Finder } from './find-job.ts';
import { authenticate, type Caller, readIds, readKillBody, readPreferredWaitSec } from './read-request.ts';
import { replyToEnd } from './reply-to-end.ts';

/** What POST …/kill works with. */
export type RestKiller = Finder & BrakeParts & {
  settings: Pick<Settings, 'followIntervalSec'>;
  policy: Policy;
  policyHash: string;
  createId: () => string;
};

// What a last look and one more POST need before the answer has to be out.
const LAST_MOVES_MS = 4_000;
const LOOK_AGAIN_FOR_MS = 2_000;
const LOOK_COUNTS_FOR_MS = 10_000;
// A try, and two more.
const BRAKE_FOR_MS = 2_000;

/**
 * POST …/kill: the run of every other trigger, within one request: what it comes to is the answer. Nobody is asked anything here:
 * a job that needs approval is refused with 409. The order of the checks is the contract's.
 */
export async function killByRest(api: RestKiller, request: HttpRequest, params: Record<string, string>): Promise<HttpReply> {
  const caller = authenticate(request.headers, api.settings);
  const ids = readIds(params);
  const { reason, dryRun } = readKillBody(request.rawBody);
  const kill: KillRequest = {
    killId: api.createId(),
    trigger: 'api',
    target: { cluster: ids.cluster, job: ids.job },
    requestedBy: caller.name,
    reason,
    action: 'kill',
    dryRun,
    receivedAt: request.receivedAt,
  };
  const { clock } = api;
  const id = { name: `api-${isDryRun(api.policy, kill) ? 'dry' : 'live'}-${kill.killId}`, start: 1 };
  const run = { ...api, id, deadline: request.answerBy - 1_000, log: request.log.with({ kill_id: kill.killId }), alsoAudit: (end: End) => answered(end.code === 'unexpected' ? { status: 500 } : replyToEnd(end, caller)) };
  const moves = movesAtOnce(clock, { waitUntil: request.answerBy - LAST_MOVES_MS, repeatUntil: waitedUntil(request) });
  const admitted = await admit(api, request, caller, ids);
  const close = (end: End) => closeRequest({ ...run, moves }, kill, { id, since: kill.receivedAt, began: kill.receivedAt, cards: [] }, end);
  if ('turnedAway' in admitted) return replyToEnd(admitted.turnedAway, caller);
  if ('outcome' in admitted) return replyToEnd(await close(admitted), caller);
  try {
    return replyToEnd(await runRequest({ ...run, mrs: admitted.mrs, look: admitted.look, readBrake: (braked, jobId) => readBrake(api, braked, jobId, BRAKE_FOR_MS), moves, pace: paceOf(api, caller, admitted) }, kill), caller);
  } catch (error) {
    await close({ outcome: 'failed', code: 'unexpected', reason: 'an unexpected error ended this request; look at the job, and at the log' });
    throw error;
  }
}

/** What the audit says of an answer. */
function answered({ status, body = {} }: HttpReply): Record<string, unknown> {
  return { status, error_code: body['error_code'] };
}

/** How long the caller wants to wait for the job's end. */
function waitedUntil({ headers, receivedAt, answerBy }: HttpRequest): number {
  return Math.min(receivedAt + readPreferredWaitSec(headers['prefer']) * 1_000, answerBy);
}

/** A caller's own token is used for one POST. After the last one the answer goes out at once: callers can look for themselves. */
function paceOf({ settings }: RestKiller, caller: Caller, { budget }: Admitted): Pace {
  return {
    takesOver: false,
    expiresAfterMs: Infinity, // the answer is out long before
    lookCountsForMs: LOOK_COUNTS_FOR_MS,
    lookForMs: Math.min(LOOK_AGAIN_FOR_MS, budget.retryForMs),
    ...(budget.signal && { signal: budget.signal }),
    mostPosts: caller.kind === 'iam-token' ? 1 : MOST_POSTS,
    settles: false,
    followIntervalSec: settings.followIntervalSec,
    holdsForMs: 0, // nobody is asked
    followTimeoutSec: Infinity, // `moves` knows how long the caller waits
    ifStillAlive: 'accepted',
  };
}
