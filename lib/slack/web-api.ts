import { AppError } from '../core/errors.ts';
import { parseJsonObject } from '../http/json.ts';
import { NoAnswer, type Send } from '../http/send.ts';
import type { Secret } from '../settings/secret.ts';

/** Slack did not take a call. `slackError` is Slack's own word for it, such as `channel_not_found`. */
export class SlackFailed extends AppError {
  readonly code = 'slack_failed';
  override readonly retryable: boolean;
  readonly slackError: string;
  readonly retryAfterSec: number | undefined;

  override get name(): string {
    return 'SlackFailed';
  }

  constructor(method: string, slackError: string, retryable: boolean, more: { retryAfterSec?: number | undefined; cause?: unknown } = {}) {
    super(`${method}: ${slackError}${NEEDS_OPERATOR.has(slackError) ? ' (an operator has to fix this: npm run check-config says how)' : ''}`, { cause: more.cause });
    this.slackError = slackError;
    this.retryable = retryable;
    this.retryAfterSec = more.retryAfterSec;
  }
}

const PASSES: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited', 'service_unavailable', 'request_timeout', 'fatal_error', 'internal_error']);
/** Whether Slack's word for what went wrong says that the same call may go well later. */
export function passes(slackError: string): boolean {
  return PASSES.has(slackError);
}

const NEEDS_OPERATOR: ReadonlySet<string> = new Set([
  'channel_not_found', 'not_in_channel', 'is_archived', 'missing_scope', 'invalid_auth', 'not_authed', 'token_revoked', 'token_expired',
  'account_inactive', 'app_access_restricted', 'ekm_access_denied', 'restricted_action',
]);

/** Calls one method of Slack's Web API and returns its answer; throws SlackFailed. One try: steps decide about more. */
export type CallSlack = (method: string, body: Record<string, unknown>) => Promise<Record<string, unknown>>;

const TIMEOUT_MS = 10_000;

/** https://docs.slack.dev/apis/web-api/ */
export function createSlack({ apiUrl, botToken, send }: { apiUrl: string; botToken: Secret; send: Send }): CallSlack {
  return async (method, body) => {
    let answer: Awaited<ReturnType<Send>>;
    try {
      answer = await send({
        method: 'POST',
        url: new URL(method, apiUrl),
        headers: { authorization: `Bearer ${botToken.reveal()}`, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        timeoutMs: TIMEOUT_MS,
      });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new SlackFailed(method, error.message, true, { cause: error });
    }
    // Failures come as 200 with `ok: false`; only throttling and Slack's own trouble have a status of their own.
    const reply = parseJsonObject(answer.text);
    if (answer.status === 200 && reply['ok'] === true) return reply;
    // Slack's errors are single words; whatever else stands there could be anything, the token too.
    const { error } = reply;
    const slackError = typeof error === 'string' && /^[a-z0-9_]{1,64}$/.test(error) ? error : `HTTP ${answer.status}`;
    const retryAfter = Number(answer.headers['retry-after']);
    // Broken off, or a word of what stands between: nobody knows whether Slack did it, and the next may be Slack's.
    const isUnread = (answer.status === 200 || answer.status >= 500) && typeof reply['ok'] !== 'boolean';
    throw new SlackFailed(method, slackError, answer.status === 429 || answer.status >= 500 || isUnread || passes(slackError), {
      retryAfterSec: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
      ...(isUnread && { cause: new NoAnswer('unreachable', `HTTP ${answer.status}, and nothing that can be read`) }),
    });
  };
}
