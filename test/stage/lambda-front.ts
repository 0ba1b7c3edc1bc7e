import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DurableBackend } from '../local/durable-backend.ts';
import { startLambdaServer } from '../local/lambda-server.ts';
import { createQuotas, type Quotas } from '../local/quotas.ts';

/** One call to the Lambda API as it came in. */
export type LambdaCall = { on: 'start' | 'list' | 'get'; path: string; query: URLSearchParams; executionName: string; body: string };

/** What happens to a call instead of the true answer. `after-effect`: it does what was asked, then its answer is lost. */
export type LambdaFault = { status: number; type: string } | 'hang-up' | 'after-effect';

/** The Lambda API of a backend, with a record of the calls and a script of what goes wrong. */
export type LambdaFront = {
  url: string;
  /** Where it passes calls on to. */
  behindUrl: string;
  calls: LambdaCall[];
  /** Calls of one kind. */
  of(on: LambdaCall['on']): LambdaCall[];
  /** The most calls that were ever open at once. */
  mostInFlight(): number;
  /** Asked for each call; undefined lets it through. */
  script: (call: LambdaCall) => LambdaFault | undefined;
  /** Holds every answer back so long, ms. */
  delayMs: number;
  /** The switch for Lambda's quotas: from now on calls over these are throttled; none at first. */
  limit(quotas: Quotas): void;
  close(): Promise<void>;
};

/** Serves `backend` on loopback; `clock` is the one that quotas count by. */
export async function startLambdaFront(backend: DurableBackend, clock: { now: () => number }): Promise<LambdaFront> {
  let admit: ReturnType<typeof createQuotas> | undefined;
  const lambda = await startLambdaServer(backend, { admit: (method, path) => admit?.(method, path) });
  let inFlight = 0;
  let most = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    most = Math.max(most, ++inFlight);
    response.once('close', () => inFlight--);
    const call = await readCall(request);
    front.calls.push(call);
    const fault = front.script(call);
    if (front.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, front.delayMs));
    if (fault === undefined || fault === 'after-effect') await passOn(lambda.url, request, call, fault === undefined ? response : undefined);
    if (fault === undefined) return;
    if (typeof fault === 'string') response.destroy();
    else response.writeHead(fault.status, { 'x-amzn-errortype': fault.type, 'content-type': 'application/json' }).end('{"Message":"scripted"}');
  }

  const server = createServer((request, response) => void serve(request, response));
  // A test may let more time pass between two calls than Node keeps a connection open, which then breaks off the next one.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const front: LambdaFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behindUrl: lambda.url,
    calls: [],
    of: (on) => front.calls.filter((call) => call.on === on),
    mostInFlight: () => most,
    script: () => undefined,
    delayMs: 0,
    limit: (quotas) => void (admit = createQuotas(clock, quotas)),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, lambda.close()]);
    },
  };
  return front;
}

async function readCall(request: IncomingMessage): Promise<LambdaCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '', 'http://localhost');
  const on = request.method === 'POST' ? 'start' : url.pathname.includes('/functions/') ? 'list' : 'get';
  const executionName = String(request.headers['x-amz-durable-execution-name'] ?? '');
  return { on, path: decodeURIComponent(url.pathname), query: url.searchParams, executionName, body: Buffer.concat(chunks).toString() };
}

async function passOn(url: string, request: IncomingMessage, { body }: LambdaCall, response: ServerResponse | undefined): Promise<void> {
  const names = ['x-amz-invocation-type', 'x-amz-durable-execution-name', 'content-type'];
  const headers = Object.fromEntries(names.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]])));
  const method = request.method ?? 'GET';
  const answer = await fetch(url + request.url, { method, headers, ...(method === 'GET' ? {} : { body }) });
  const text = await answer.text();
  response?.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
}
