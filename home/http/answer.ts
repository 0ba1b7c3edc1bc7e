import type { IncomingMessage, ServerResponse } from 'node:http';
import { type RefusalCause, TooLarge, Unauthorized } from '../../lib/core/errors.ts';
import { type Answer, ANSWER_RESERVE_MS, answerToError, answerWith, type Asked, errorReply, GIVE_UP_EARLY_MS, type HttpReply, type HttpRequest, type Secrets, withSecrets } from '../../lib/http/reply.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Limits } from './limits.ts';
import { ClientGone, headersOf, pathOf, readBytes } from './read-request.ts';

/** What answering works with; `handle` is all routes in one. */
export type AnswerParts = {
  log: Log;
  clock: { now: () => number };
  createId: () => string;
  handle: (request: HttpRequest) => Promise<HttpReply>;
  secrets: Secrets;
  limits: Limits;
  /** Nothing new is begun any more. */
  isStopping: () => boolean;
};

/**
 * Reads one request, has it handled and sends the answer, as the AWS home does: expected errors with their status, everything else as a
 * bare 500 whose cause stands in the log only, and 504 before its time is up. Never throws: a client may be gone at any moment.
 */
export async function answerRequest(parts: AnswerParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = parts.createId();
  const asked: Asked = { requestId, method: incoming.method, path: pathOf(incoming), log: parts.log.with({ request_id: requestId }) };
  response.on('error', () => undefined); // nobody is there any more
  try {
    send(incoming, response, await findAnswer(parts, asked, incoming), parts.limits.drainMs);
  } catch (error) {
    if (error instanceof ClientGone) asked.log.debug('a client went away before its request was whole', { method: asked.method, path: asked.path });
    else asked.log.error('an answer could not be sent', { error });
    response.destroy();
  }
}

async function findAnswer(parts: AnswerParts, asked: Asked, incoming: IncomingMessage): Promise<Answer> {
  try {
    return answerWith(asked, refuseHead(parts, incoming) ?? (await handleInTime(parts, asked, incoming)));
  } catch (error) {
    if (error instanceof ClientGone) throw error;
    return answerToError(asked, error);
  }
}

/** Why somebody is not let in whose proof is in the body, or covers it: who that is nobody knows of a body that was not read. */
const NEEDS_BODY: ReadonlySet<RefusalCause> = new Set(['wrong signature', 'no message of SMN']);

/** What needs no look at the body. */
function refuseHead({ isStopping, limits }: AnswerParts, { httpVersion, headers, headersDistinct, rawHeaders }: IncomingMessage): HttpReply | undefined {
  if (isStopping()) return errorReply(503, 'this process is stopping; send this again', { headers: { 'retry-after': '5' } });
  if (rawHeaders.length / 2 > limits.headers) return errorReply(431, `more than ${limits.headers} headers`);
  const hosts = headersDistinct['host']?.length ?? 0;
  // https://www.rfc-editor.org/rfc/rfc9112#section-3.2: whoever stands in between may have gone by the other one.
  if (hosts > 1) return errorReply(400, 'Host: is taken once');
  if (httpVersion === '1.1' && hosts === 0) return errorReply(400, 'Host: is required');
  const expected = headers.expect?.toLowerCase() ?? '100-continue';
  return expected === '100-continue' ? undefined : errorReply(417, 'Expect: only 100-continue is known');
}

async function handleInTime({ log, clock, handle, secrets, limits }: AnswerParts, { requestId, method = '', path = '', log: requestLog }: Asked, incoming: IncomingMessage): Promise<HttpReply> {
  const body = await readBytes(incoming, limits.bodyBytes);
  const rawBody = body ?? Buffer.alloc(limits.bodyBytes + 1); // more than any route takes, and signed by nobody: who comes is judged first
  const receivedAt = clock.now();
  const request: HttpRequest = { method, path, headers: headersOf(incoming), rawBody, requestId, receivedAt, answerBy: receivedAt + limits.handleMs - ANSWER_RESERVE_MS, log: requestLog };
  const { promise: giveUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(Object.assign(new Error('the request took too long'), { name: 'TimeoutError' })), limits.handleMs - GIVE_UP_EARLY_MS);
  const reply = withSecrets(secrets, () => handle(request));
  reply.catch((error: unknown) => log.debug('a request ended with an error', { request_id: requestId, error })); // also where nobody waits any more
  try {
    return await Promise.race([reply, giveUp]);
  } catch (error) {
    throw body === undefined && error instanceof Unauthorized && NEEDS_BODY.has(error.cause) ? new TooLarge(`the body is larger than ${limits.bodyBytes / 1024 / 1024} MiB`) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** A request that was not read to its end is drained for a moment: closed with bytes unread, its client would see a reset and no answer. */
function send(incoming: IncomingMessage, response: ServerResponse, { status, headers, text }: Answer, drainMs: number): void {
  if (response.destroyed) return;
  const isWhole = incoming.complete;
  if (!isWhole) response.shouldKeepAlive = false;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  if (isWhole) return void response.end(text);
  response.write(text);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, drainMs);
  incoming.once('close', end).once('end', end).on('error', () => undefined).resume();
}
