import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { InvalidRequest, SettingsInvalid, TooLarge, Unauthorized } from './core/errors.ts';
import type { Log } from './log/log.ts';
import { countUnauthorized } from './log/metrics.ts';

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

// The API gateway gives up at 30 s and the function at 29 s; our own answer has to be out before.
const RESERVE_MS = 2_000;
const EARLY_MS = 1_000;

/** The secrets that callers are checked with, where they can change under a running function. */
export type Secrets = { refresh: () => Promise<void>; refreshAfterRefusal: () => Promise<boolean> };
const CONSTANT: Secrets = { refresh: async () => undefined, refreshAfterRefusal: async () => false };

/** Who is refused is checked once more where a secret was rotated since: verifying comes before everything that has an effect. */
async function withSecrets(secrets: Secrets, handle: () => Promise<HttpReply>): Promise<HttpReply> {
  await secrets.refresh();
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof Unauthorized) || !(await secrets.refreshAfterRefusal())) throw error;
    return handle();
  }
}

/**
 * Turns `handle` into a Lambda handler for HTTP API events (payload 2.0). It always answers: expected errors with their
 * status, everything else as a bare 500 whose cause stands in the log only, and 504 before the function's time is up.
 */
export function http(
  log: Log,
  handle: (request: HttpRequest) => Promise<HttpReply>,
  secrets: Secrets = CONSTANT,
): (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  const inner = middy(
    async (event: APIGatewayProxyEventV2, context: Context) => toResult(await withSecrets(secrets, () => handle(toRequest(event, context, log))), context),
    { timeoutEarlyInMillis: EARLY_MS },
  ).onError((failed) => {
    failed.response = toResult(replyToError(failed.error, log.with({ request_id: failed.context.awsRequestId })), failed.context);
  });
  return async (event, context) => {
    try {
      return (await inner(event, context)) as APIGatewayProxyStructuredResultV2;
    } catch (error) {
      // middy's own error path failed, or `undefined` was thrown. An exception would reach the caller as a stack or a bare 200.
      return toResult(replyToError(error, log.with({ request_id: context.awsRequestId })), context);
    }
  };
}

function toRequest(event: APIGatewayProxyEventV2, context: Context, log: Log): HttpRequest {
  const receivedAt = Date.now();
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    headers,
    rawBody: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: context.awsRequestId,
    receivedAt,
    answerBy: receivedAt + context.getRemainingTimeInMillis() - RESERVE_MS,
    log: log.with({ request_id: context.awsRequestId }),
  };
}

function toResult({ status, body, headers }: HttpReply, { awsRequestId }: Context): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': awsRequestId,
      ...headers,
    },
    body: body === undefined ? '' : JSON.stringify('error_code' in body ? { ...body, request_id: awsRequestId } : body),
  };
}

function replyToError(error: unknown, log: Log): HttpReply {
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
