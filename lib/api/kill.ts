import { randomUUID } from 'node:crypto';
import { decide, isDryRun, pausedRefusal } from '../core/decide.ts';
import { type Outcome, OUTCOMES, RULES } from '../core/end.ts';
import { isOver, type Job } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import { expiredEnd } from '../kill/examine.ts';
import { endOf, nextDelaySec } from '../kill/follow.ts';
import { type KillEnd, killJob, type KillMoves, MOST_POSTS, type Seen } from '../kill/kill.ts';
import { lookAgain, postKill } from '../kill/moves.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import { type CountedEnd, countEnd, metricCode } from '../log/metrics.ts';
import { authenticate, type Caller } from './authenticate.ts';
import { findJob, type FoundJob } from './find-job.ts';
import { readIds, readKillBody, readPreferredWaitSec } from './read-request.ts';
import { summarizeJob } from './show-job.ts';
import { EFFECT_UNKNOWN, killTroubleReply } from './trouble-reply.ts';

// What a last look and one more POST need before the answer has to be out.
const LAST_MOVES_MS = 4_000;
const LOOK_AGAIN_FOR_MS = 2_000;

/**
 * POST …/kill: look, decide, record, kill, answer, all within the request. Nothing is asked of anybody here: a job that
 * needs approval is refused with 409. The order of the checks is the contract's.
 */
export async function killJobByRest(api: Killswitch, request: HttpRequest, params: Record<string, string>): Promise<HttpReply> {
  const caller = authenticate(request.headers, api.settings);
  const ids = readIds(params);
  const { reason, dryRun } = readKillBody(request.rawBody);
  const kill: KillRequest = {
    killId: randomUUID(),
    trigger: 'api',
    target: { cluster: ids.cluster, job: ids.job },
    requestedBy: caller.name,
    reason,
    action: 'kill',
    dryRun,
    receivedAt: request.receivedAt,
  };
  const log = request.log.with({ kill_id: kill.killId });
  const found = await findJob(api, request, caller, ids);
  const reply = 'status' in found ? found : await killFoundJob(api, { ...request, log }, caller, kill, found);
  auditEnd(log, kill, reply, api.clock.now() - request.receivedAt);
  return reply;
}

/** The kill has happened or not by now: a line that cannot be written changes nothing of the answer. */
function auditEnd(log: Log, { trigger, requestedBy, target }: KillRequest, { status, body = {} }: HttpReply, tookMs: number): void {
  const { outcome, error_code: errorCode, error_msg: message } = body;
  countEnd(log, trigger, countedReply(status, body), tookMs);
  try {
    log.audit('kill request ended', { trigger, requested_by: requestedBy, target, status, outcome, error_code: errorCode, end_reason: message });
  } catch (error) {
    log.error('the audit line could not be written', { error });
  }
}

/** A refusal's message begins with its rule. */
function countedReply(status: number, { outcome, error_code: code, error_msg: message }: Record<string, unknown>): CountedEnd {
  const ended = [...OUTCOMES, 'accepted' as const].find((known) => known === outcome);
  if (ended !== undefined) return { outcome: ended };
  if (status === 403 || status === 409) return { outcome: 'refused', rule: RULES.find((rule) => rule === String(message).split(':')[0]) };
  return status === 404 ? { outcome: 'not-found' } : { outcome: 'failed', code: metricCode(String(code)) };
}

async function killFoundJob(api: Killswitch, request: HttpRequest, caller: Caller, kill: KillRequest, found: FoundJob): Promise<HttpReply> {
  const { policy, clock } = api;
  const { job } = found;
  if (isOver(job)) return outcomeReply('already-over', job, `it ended before: ${job.job_state}, result ${job.job_result}`);

  const decision = decide(policy, kill, job, { now: new Date(clock.now()), paused: await api.readPaused() });
  switch (decision.verdict) {
    case 'refuse':
      return errorReply(403, decision.reason);
    case 'ask':
      return errorReply(409, `${decision.reason}; ask in Slack with /mrs kill ${job.job_id} on ${job.cluster}, or change ask: in policy.yml`);
    case 'allow':
      break;
  }
  if (isDryRun(policy, kill)) {
    const why = kill.dryRun ? 'the request asked for a dry run' : 'dryRun in policy.yml covers api; set it to false to kill';
    return outcomeReply('would-kill', job, why);
  }

  // On record before it happens: when this throws, nothing is killed.
  request.log.audit('killing', {
    trigger: kill.trigger, requested_by: kill.requestedBy, reason: kill.reason, policy_hash: api.policyHash, job: summarizeJob(job),
  });
  const mostPosts = caller.by === 'iam-token' ? 1 : MOST_POSTS;
  const ended = await killJob(movesFor(api, request, found, mostPosts), mostPosts);
  return endReply(ended, api, request, caller, found);
}

async function endReply(ended: KillEnd, api: Killswitch, request: HttpRequest, caller: Caller, found: FoundJob): Promise<HttpReply> {
  switch (ended.end) {
    case 'accepted':
      return acceptedReply(api, request, found);
    case 'paused':
      return errorReply(403, `${pausedRefusal().reason}${ended.effectUnknown ? EFFECT_UNKNOWN : ''}`);
    case 'expired': // never of our own moves: the answer is out long before
      return errorReply(504, expiredEnd().reason);
    case 'over':
      return outcomeReply(endOf(ended.job) ?? 'finished-first', ended.job);
    case 'not-found':
      return errorReply(404, `not-found: MRS knows no job ${found.job.job_id} any more`);
    case 'trouble':
      return killTroubleReply(ended.trouble, ended.effectUnknown, caller);
  }
}

/** Follows the dying job for as long as the caller wants to wait, and answers 200 with its end, else 202. */
async function acceptedReply(api: Killswitch, request: HttpRequest, found: FoundJob): Promise<HttpReply> {
  const { clock, settings } = api;
  const waitSec = readPreferredWaitSec(request.headers['prefer']);
  const endBy = Math.min(request.receivedAt + waitSec * 1_000, request.answerBy);
  let job = found.job;
  let delaySec: number | undefined;
  while (clock.now() < endBy) {
    delaySec = nextDelaySec(settings.followIntervalSec, delaySec);
    await clock.sleep(Math.min(delaySec * 1_000, endBy - clock.now()));
    const seen = await lookWithin(found, 0); // a failed look is not the end: the next one may tell
    if (seen.kind === 'job') job = seen.job;
    const outcome = endOf(job);
    if (outcome) return outcomeReply(outcome, job);
  }
  return outcomeReply('accepted', job, 'MRS took the kill; the job ends within seconds, or minutes while its logs are copied');
}

function movesFor(api: Killswitch, request: HttpRequest, found: FoundJob, mostPosts: number): KillMoves {
  const { clock } = api;
  return {
    async post() {
      const posted = await postKill({ mrs: found.mrs, readPaused: api.readPaused }, found.cluster, found.job, found.budget.signal);
      if (posted.kind === 'trouble') request.log.warn('kill was not accepted', { trouble: posted.trouble });
      return posted;
    },
    look: () => lookWithin(found, LOOK_AGAIN_FOR_MS),
    async wait(seconds, attempt) {
      // After the last POST the caller gets the answer at once, and can look for themselves.
      if (attempt >= mostPosts) return false;
      if (clock.now() + seconds * 1_000 + LAST_MOVES_MS > request.answerBy) return false;
      await clock.sleep(seconds * 1_000);
      return true;
    },
  };
}

function lookWithin({ mrs, cluster, job, budget }: FoundJob, retryForMs: number): Promise<Seen> {
  return lookAgain(mrs, cluster, job, { ...budget, retryForMs: Math.min(retryForMs, budget.retryForMs) });
}

const STATUS = { accepted: 202, killed: 200, 'finished-first': 200, 'already-over': 200, 'would-kill': 200 } as const;

function outcomeReply(outcome: keyof typeof STATUS & (Outcome | 'accepted'), job: Job, reason?: string): HttpReply {
  return { status: STATUS[outcome], body: { outcome, job: summarizeJob(job), ...(reason === undefined ? {} : { reason }) } };
}
