import type { End } from '../core/end.ts';
import { describeTrouble, type Trouble } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { errorReply, type HttpReply } from '../http/reply.ts';
import type { Caller } from './read-request.ts';

const RETRY_AFTER_SEC = 5;
const LOOK_FIRST = ': look at the job before you send it again';
const SENT_BEFORE = `; a kill was sent and may still take effect${LOOK_FIRST}`;

/**
 * The answer that an end is over HTTP. The message of a refusal begins with its rule and says what to change; MRS's refusal of a
 * kill is handed through as its documentation states it.
 */
export function replyToEnd(end: End, caller: Caller): HttpReply {
  const { outcome, reason, job } = end;
  switch (outcome) {
    case 'accepted':
      return { status: 202, body: { outcome, ...summary(job), reason } };
    case 'already-over':
    case 'would-kill':
      return { status: 200, body: { outcome, ...summary(job), reason } };
    case 'killed':
    case 'finished-first':
      return { status: 200, body: { outcome, ...summary(job) } };
    case 'refused':
      return end.rule === 'ask' ? errorReply(409, `${reason}${howToAsk(job)}`) : errorReply(403, `${reason}${end.mayTakeEffect ? LOOK_FIRST : ''}`);
    case 'ambiguous':
      return errorReply(409, `ambiguous: ${reason}: ${(end.candidates ?? []).map(({ job_id: jobId }) => jobId).join(', ')}`);
    case 'not-found':
      return errorReply(404, `not-found: ${reason}`);
    case 'expired':
      return errorReply(504, `${reason}${end.mayTakeEffect ? LOOK_FIRST : ''}`);
    case 'failed':
      if (end.trouble !== undefined && end.code !== 'ledger') return troubleReply(end.trouble, end, caller);
      return errorReply(end.code === 'ledger' ? 503 : 502, `${reason}${end.mayTakeEffect ? LOOK_FIRST : ''}`);
    case 'declined':
    case 'still-running':
    case 'notified':
    case 'ignored':
      throw new Error(`REST does not end in ${outcome}`); // nobody is asked here, nothing is notified, and time up is `accepted`
  }
}

/** The part of a job that the answer to a kill carries. */
function summary(job: Job | undefined): { job?: Record<string, unknown> } {
  if (job === undefined) return {};
  const { cluster, job_id, job_name, job_type, user, queue, job_state, job_result, app_id, launcher_id, submitted_time, started_time } = job;
  return { job: { cluster, job_id, job_name, job_type, user, queue, job_state, job_result, app_id, launcher_id, submitted_time, started_time } };
}

function howToAsk(job: Job | undefined): string {
  return job === undefined ? '' : `; ask in Slack with /mrs kill ${job.job_id} on ${job.cluster}, or change ask: in policy.yml`;
}

/**
 * What MRS said of the kill itself is a 500 with its own code and words, whatever status it used. Everything else is trouble on
 * the way: MRS's own 401 or 403 for a caller's own token, 429 where it throttles, 504 where it was too slow, else 502.
 */
function troubleReply(trouble: Trouble, { job, mayTakeEffect }: End, caller: Caller): HttpReply {
  const { kind, status, errorCode, retryAfterSec } = trouble;
  const hint = mayTakeEffect ? SENT_BEFORE : '';
  if (job !== undefined && errorCode !== undefined && isVerdict(trouble)) return errorReply(500, `${trouble.message}${hint}`, { errorCode });
  if (caller.kind === 'iam-token' && isRefusalOfCaller(trouble)) {
    const passedOn = status === 401 || status === 403 ? status : kind === 'forbidden' ? 403 : 401;
    const reply = errorReply(passedOn, `${trouble.message}${hint}`, { errorCode });
    return { ...reply, refused: { cause: 'token refused by MRS', hint: errorCode } };
  }
  const message = `${describeTrouble(trouble)}${hint}`;
  if (kind === 'throttled') return errorReply(429, message, { headers: { 'retry-after': String(retryAfterSec ?? RETRY_AFTER_SEC) } });
  return errorReply(kind === 'timeout' ? 504 : 502, message);
}

/** Codes of the gateway and of IAM are not MRS's word on the job. */
function isVerdict({ service, kind, errorCode = '' }: Trouble): boolean {
  return service === 'MRS' && kind !== 'throttled' && !isRefusalOfCaller({ kind }) && !/^(?:APIGW?|IAM)\./.test(errorCode);
}

/** Whether MRS refused who called. */
export function isRefusalOfCaller({ kind }: Pick<Trouble, 'kind'>): boolean {
  return kind === 'unauthorized' || kind === 'forbidden';
}
