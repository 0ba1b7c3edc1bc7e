import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gatewayError } from './authentication.ts';
import type { ControlRoute } from './control.ts';
import { answerWithFault, type Fault, takeFault } from './faults.ts';
import { type Answer, findRoute, type RecordedRequest, type Route } from './routing.ts';

/** What serving one request needs. `closing` cuts delayed answers short. */
export type Serving = {
  routes: Route[];
  control: ControlRoute[];
  requests: RecordedRequest[];
  faults: Fault[];
  now: () => number;
  closing: AbortSignal;
};

/** Records one request, lets a fault or its route answer it, and sends that. Never throws: a client may be gone at any moment. */
export async function serve(serving: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const requestId = randomBytes(16).toString('hex');
  let request: RecordedRequest | undefined;
  try {
    request = await readRequest(incoming, serving.now());
    if (request.path.startsWith('/simulator/')) {
      send(outgoing, requestId, serving.now(), answerControl(serving.control, request));
      return;
    }
    serving.requests.push(request);
    const call = { request, requestId };
    const found = findRoute(serving.routes, request);
    const answerTruly = (): Answer =>
      found
        ? found.route.answer(call, ...found.segments)
        : gatewayError(404, 'APIGW.0101', 'The API does not exist or has not been published in the environment.', requestId);

    const fault = takeFault(serving.faults, found?.route.on ?? 'any', request);
    const answer = fault ? answerWithFault(fault, request, answerTruly) : answerTruly();
    if (fault?.hang) return;
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: serving.closing });
    if (answer === undefined) {
      incoming.socket.destroy();
      return;
    }
    if (outgoing.destroyed) return;
    request.answeredStatus = answer.status;
    send(outgoing, requestId, serving.now(), answer);
  } catch (error) {
    if (outgoing.destroyed || outgoing.headersSent || serving.closing.aborted) return;
    if (request) request.answeredStatus = 500;
    send(outgoing, requestId, serving.now(), { status: 500, body: { error: `the simulator failed: ${String(error)}` } });
  }
}

async function readRequest(incoming: IncomingMessage, at: number): Promise<RecordedRequest> {
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  return {
    at,
    method: incoming.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    search: url.search,
    headers: incoming.headers,
    body: await text(incoming),
    answeredStatus: undefined,
  };
}

function answerControl(routes: ControlRoute[], { method, path, body }: RecordedRequest): Answer {
  const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
  if (route === undefined) return { status: 404, body: { error: `no ${method} ${path}` } };
  try {
    return route.answer(body);
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function send(outgoing: ServerResponse, requestId: string, now: number, { status, body, headers }: Answer): void {
  const payload = typeof body === 'object' ? JSON.stringify(body) : (body ?? '');
  outgoing.statusCode = status;
  outgoing.setHeader('X-Request-Id', requestId);
  outgoing.setHeader('Date', new Date(now).toUTCString());
  if (payload !== '') outgoing.setHeader('Content-Type', 'application/json');
  for (const [name, value] of Object.entries(headers ?? {})) outgoing.setHeader(name, value);
  outgoing.end(payload);
}
