import { InvalidRequest, SettingsInvalid, TooLarge, Unauthorized } from '../core/errors.ts';
import type { Log } from '../log/log.ts';
import { countUnauthorized } from '../log/metrics.ts';

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
export type HttpReply = { status: number; body?: Record<string, unknown>; headers?: Record<string, string> };
export type ErrorReply = HttpReply & { body: { error_code: string; error_msg: string } };

/** A reply in MRS's error shape. The code is ours, `KILL.0403` and so on, unless MRS's own is handed through. */
export function errorReply(status: number, message: string, more: { errorCode?: string; headers?: Record<string, string> } = {}): ErrorReply {
  const body = { error_code: more.errorCode ?? `KILL.0${status}`, error_msg: message };
  return { status, body, ...(more.headers && { headers: more.headers }) };
}

/** The reply to an error: expected ones with their status, everything else as a bare 500 whose cause stands in the log only. */
export function replyToError(error: unknown, log: Log): HttpReply {
  if (error instanceof InvalidRequest) return errorReply(400, error.message);
  if (error instanceof Unauthorized) {
    countUnauthorized(log);
    return errorReply(401, error.message, { headers: { 'www-authenticate': 'Bearer' } });
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
  return errorReply(500, 'unexpected error; the log has the details under this request id');
}

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
