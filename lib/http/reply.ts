import { InvalidRequest, type RefusalCause, SettingsInvalid, TooLarge, Unauthorized } from '../core/errors.ts';
import type { Trigger } from '../core/request.ts';
import type { Log } from '../log/log.ts';
import { countBadRequest, countUnauthorized } from '../log/metrics.ts';

/** One HTTP request as our handlers see it, whatever delivered it. */
export type HttpRequest = {
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The bytes as they were sent: signatures cover these. */
  rawBody: Buffer;
  requestId: string;
  /** Epoch ms. */
  receivedAt: number;
  /** Epoch ms by which the answer has to be on its way. */
  answerBy: number;
  log: Log;
};

/** `body` is sent as JSON; one with an `error_code` gets the request id added. Without one the answer is empty. */
export type HttpReply = {
  status: number;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Why its caller was not let in. It is not sent. */
  refused?: { cause: RefusalCause; hint?: string | undefined };
};
export type ErrorReply = HttpReply & { body: { error_code: string; error_msg: string } };

/** A reply in MRS's error shape. The code is ours, `KILL.0403` and so on, unless MRS's own is handed through. */
export function errorReply(status: number, message: string, more: { errorCode?: string | undefined; headers?: Record<string, string> } = {}): ErrorReply {
  const body = { error_code: more.errorCode ?? `KILL.0${status}`, error_msg: message };
  return { status, body, ...(more.headers && { headers: more.headers }) };
}

/** The reply to an error: expected ones with their status, everything else as a bare 500 whose cause stands in the log only. */
export function replyToError(error: unknown, log: Log): HttpReply {
  if (error instanceof InvalidRequest) return errorReply(400, error.message);
  if (error instanceof Unauthorized) {
    const { message, cause, hint } = error;
    return { ...errorReply(401, message, { headers: { 'www-authenticate': 'Bearer' } }), refused: { cause, hint } };
  }
  if (error instanceof TooLarge) return errorReply(413, error.message);
  if (error instanceof SettingsInvalid) {
    log.error('settings are wrong', { problems: error.problems });
    return errorReply(500, error.message);
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    log.error('no answer in time', { error });
    return errorReply(504, 'no answer in time; look at the job before you send this again');
  }
  log.error('unexpected error', { error, stack: error instanceof Error ? error.stack : undefined });
  return errorReply(500, 'unexpected error; look for this request_id in the log');
}

/** Who gets an answer: which request it was, and its log. */
export type Asked = { requestId: string; method?: string | undefined; path?: string | undefined; log: Log };

/** An answer as its caller gets it; `text` is its body. */
export type Answer = { status: number; headers: Record<string, string>; text: string };

/** The answer that a reply is, with what every answer carries; one that refuses is logged and counted. Throws where no JSON can hold the body. */
export function answerWith(asked: Asked, reply: HttpReply): Answer {
  noteRefusal(asked.log, asked, reply);
  return toAnswer(asked, reply);
}

/** The answer to whatever was thrown, `undefined` too: see replyToError. */
export function answerToError(asked: Asked, error: unknown): Answer {
  return answerWith(asked, replyToError(error, asked.log));
}

function toAnswer({ requestId }: Asked, { status, body, headers }: HttpReply): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': requestId, ...headers },
    text: body === undefined ? '' : JSON.stringify('error_code' in body ? { ...body, request_id: requestId } : body),
  };
}

const LONGEST_PATH = 200;

/** Logs and counts an answer that says that its sender is wrong, any 4xx: who sent it, where to, and why it was not taken. */
export function noteRefusal(log: Log, { method = '', path = '' }: Pick<Asked, 'method' | 'path'>, { status, body, refused }: HttpReply): void {
  if (status < 400 || status > 499) return;
  const trigger = triggerOf(path);
  if (refused) countUnauthorized(log);
  else countBadRequest(log, trigger, status);
  const source = trigger === 'alerts' ? path.split('/', 3)[2]?.slice(0, LONGEST_PATH) : trigger;
  log.warn('a request was refused', { status, source, method, path: path.slice(0, LONGEST_PATH), ...(refused ?? { cause: body?.['error_msg'] }) });
}

function triggerOf(path: string): Trigger {
  if (path.startsWith('/alerts/')) return 'alerts';
  return path.startsWith('/slack/') ? 'slack' : 'api';
}

/** How long before the time for a request is up its answer should be on its way, and by when it is a 504 otherwise: the API gateway gives up at 30 s and the function at 29 s. */
export const ANSWER_RESERVE_MS = 2_000;
export const GIVE_UP_EARLY_MS = 1_000;

/** The secrets that callers are checked with, where they can change under a running function. */
export type Secrets = { refresh: () => Promise<void>; refreshAfterRefusal: () => Promise<boolean> };

/** Who is refused is checked once more where a secret was rotated since: verifying comes before everything that has an effect. */
export async function withSecrets(secrets: Secrets, handle: () => Promise<HttpReply>): Promise<HttpReply> {
  await secrets.refresh();
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof Unauthorized) || !(await secrets.refreshAfterRefusal())) throw error;
    return handle();
  }
}
