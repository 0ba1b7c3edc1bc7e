import { describeTrouble, type Trouble, type UpstreamFailed } from '../core/errors.ts';
import { errorReply, type HttpReply } from '../lambda.ts';
import type { Caller } from './authenticate.ts';

const RETRY_AFTER_SEC = 5;

/** Ends the message where a POST went unanswered. */
export const EFFECT_UNKNOWN = '; the kill that was sent may still take effect: look at the job before you send it again';

/** Whether MRS refused the caller's own token, as far as the error tells: for a call that was made with it. */
export function isRefusalOfCaller({ trouble }: UpstreamFailed): boolean {
  return trouble.kind === 'unauthorized' || trouble.kind === 'forbidden';
}

/**
 * The reply to trouble while reading: MRS's own 401 or 403 for a caller's own token, 429 where MRS throttles, 504 where it was
 * too slow, else 502. `hint` ends the sentence.
 */
export function troubleReply(trouble: Trouble, caller: Caller, hint = ''): HttpReply {
  const { kind, status, errorCode, retryAfterSec } = trouble;
  const message = `${describeTrouble(trouble)}${hint}`;
  if (caller.by === 'iam-token' && (kind === 'unauthorized' || kind === 'forbidden')) {
    const passedOn = status === 401 || status === 403 ? status : kind === 'forbidden' ? 403 : 401;
    return errorReply(passedOn, trouble.message, errorCode === undefined ? {} : { errorCode });
  }
  if (kind === 'throttled') {
    return errorReply(429, message, { headers: { 'retry-after': String(retryAfterSec ?? RETRY_AFTER_SEC) } });
  }
  return errorReply(kind === 'timeout' ? 504 : 502, message);
}

/**
 * The reply to a kill that MRS did not take: 500 with MRS's own code and words, as its documentation states it, whatever
 * status it used. Codes of the gateway and of IAM are not MRS's word on the job.
 */
export function killTroubleReply(trouble: Trouble, effectUnknown: boolean, caller: Caller): HttpReply {
  const { service, kind, errorCode, message } = trouble;
  const isVerdict = kind !== 'unauthorized' && kind !== 'forbidden' && kind !== 'throttled';
  if (service === 'MRS' && isVerdict && errorCode !== undefined && !/^(?:APIGW?|IAM)\./.test(errorCode)) {
    return errorReply(500, message, { errorCode });
  }
  return troubleReply(trouble, caller, effectUnknown ? EFFECT_UNKNOWN : '');
}
