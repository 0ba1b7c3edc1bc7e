import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { http } from '../../lib/lambda.ts';
import { type EventOptions, httpEvent, lambdaContext } from '../support/http-event.ts';

/** One real answer of a handler. `route` is as in the document: `GET /health`; undefined where the request fits none of its routes. */
export type Answer = { route: string | undefined; status: number; headers: Record<string, unknown>; text: string };

export type Handler = ReturnType<typeof http>;

/** Secrets that never come: the answer is the 504 of a function whose time is up. */
export const HANGING = { refresh: () => new Promise<void>(() => undefined), refreshAfterRefusal: async () => false };

/** Sends one request to a handler that has `remainingMs` left. */
export async function ask(handler: Handler, route: string | undefined, line: string, { remainingMs, ...event }: EventOptions & { remainingMs?: number } = {}): Promise<Answer> {
  return answerOf(route, await handler(httpEvent(line, event), lambdaContext(remainingMs)));
}

function answerOf(route: string | undefined, { statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2): Answer {
  return { route, status: statusCode, headers, text: body };
}
