import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type Answer, ANSWER_RESERVE_MS, answerToError, answerWith, type Asked, GIVE_UP_EARLY_MS, type HttpReply, type HttpRequest, type Secrets, withSecrets } from '../../lib/http/reply.ts';
import type { Log } from '../../lib/log/log.ts';

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
  const askedOf = (event: Partial<APIGatewayProxyEventV2> | undefined, { awsRequestId: requestId }: Context): Asked => ({
    requestId, method: event?.requestContext?.http?.method, path: event?.rawPath, log: log.with({ request_id: requestId }),
  }); // prettier-ignore
  const inner = middy(
    async (event: APIGatewayProxyEventV2, context: Context) =>
      toResult(answerWith(askedOf(event, context), await withSecrets(secrets, () => handle(toRequest(event, context, log, clock.now()))))),
    { timeoutEarlyInMillis: GIVE_UP_EARLY_MS },
  ).onError((failed) => {
    failed.response = toResult(answerToError(askedOf(failed.event, failed.context), failed.error));
  });
  return async (event, context) => {
    try {
      return (await inner(event, context)) as APIGatewayProxyStructuredResultV2;
    } catch (error) {
      // middy's own error path failed, or `undefined` was thrown. An exception would reach the caller as a stack or a bare 200.
      return toResult(answerToError(askedOf(event, context), error));
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
    answerBy: receivedAt + context.getRemainingTimeInMillis() - ANSWER_RESERVE_MS,
    log: log.with({ request_id: context.awsRequestId }),
  };
}

/** serverless-offline hands JSON bodies such as `0` on as what they are, and not as their text. */
function bytesOf({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer {
  const given: unknown = body ?? '';
  return Buffer.from(typeof given === 'string' ? given : JSON.stringify(given), isBase64Encoded ? 'base64' : 'utf8');
}

function toResult({ status, headers, text }: Answer): APIGatewayProxyStructuredResultV2 {
  return { statusCode: status, headers, body: text };
}
