import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type HttpReply, type HttpRequest, noteRefusal, replyToError, type Secrets, withSecrets } from '../../lib/http/reply.ts';
import type { Log } from '../../lib/log/log.ts';

// The API gateway gives up at 30 s and the function at 29 s; our own answer has to be out before.
const RESERVE_MS = 2_000;
const EARLY_MS = 1_000;

const CONSTANT: Secrets = { refresh: async () => undefined, refreshAfterRefusal: async () => false };

/**
 * Turns `handle` into a Lambda handler for HTTP API events (payload 2.0). It always answers: expected errors with their
 * status, everything else as a bare 500 whose cause stands in the log only, and 504 before the function's time is up.
 */
export function http(
  { log, clock }: { log: Log; clock: { now: () => number } },
  handle: (request: HttpRequest) => Promise<HttpReply>,
  secrets: Secrets = CONSTANT,
): (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  const note = (event: Partial<APIGatewayProxyEventV2> | undefined, { awsRequestId }: Context, reply: HttpReply): HttpReply => {
    noteRefusal(log.with({ request_id: awsRequestId }), { method: event?.requestContext?.http.method, path: event?.rawPath }, reply);
    return reply;
  };
  const inner = middy(
    async (event: APIGatewayProxyEventV2, context: Context) =>
      toResult(note(event, context, await withSecrets(secrets, () => handle(toRequest(event, context, log, clock.now())))), context),
    { timeoutEarlyInMillis: EARLY_MS },
  ).onError((failed) => {
    const reply = replyToError(failed.error, log.with({ request_id: failed.context.awsRequestId }));
    failed.response = toResult(note(failed.event, failed.context, reply), failed.context);
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

function toRequest(event: APIGatewayProxyEventV2, context: Context, log: Log, receivedAt: number): HttpRequest {
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? '']));
  return {
    method: event.requestContext.http.method,
    path: event.rawPath,
    headers,
    rawBody: bytesOf(event),
    requestId: context.awsRequestId,
    receivedAt,
    answerBy: receivedAt + context.getRemainingTimeInMillis() - RESERVE_MS,
    log: log.with({ request_id: context.awsRequestId }),
  };
}

/** serverless-offline hands JSON bodies such as `0` on as what they are, and not as their text. */
function bytesOf({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer {
  const given: unknown = body ?? '';
  return Buffer.from(typeof given === 'string' ? given : JSON.stringify(given), isBase64Encoded ? 'base64' : 'utf8');
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
