import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { http } from '../../functions/aws/http.ts';
import { type EventOptions, httpEvent, lambdaContext } from '../support/http-event.ts';

/** What fits no route of the document. */
export const ANY_OTHER = 'any other request';

/** One real answer of a handler. `route` is as in the document, `GET /health`, or ANY_OTHER. */
export type Answer = { route: string; status: number; headers: Record<string, unknown>; text: string };

export type Handler = ReturnType<typeof http>;

/** Secrets that never come: the answer is the 504 of a function whose time is up. */
export const HANGING = { refresh: () => new Promise<void>(() => undefined), refreshAfterRefusal: async () => false };

/** Sends one request to a handler that has `remainingMs` left. */
export async function ask(handler: Handler, route: string, line: string, { remainingMs, ...event }: EventOptions & { remainingMs?: number } = {}): Promise<Answer> {
  return answerOf(route, await handler(httpEvent(line, event), lambdaContext(remainingMs)));
}

function answerOf(route: string, { statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2): Answer {
  return { route, status: statusCode, headers, text: body };
}
