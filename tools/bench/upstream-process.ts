// A process of the bench: MRS, IAM, Slack, Lambda and DynamoDB on loopback, so that neither their CPU nor their memory is counted with ours.
import { createServer, type IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createTable, startDynalite, TABLE } from '../../test/ledger/dynalite.ts';
import { realClock } from '../../test/local/clock.ts';
import { createDurableBackend } from '../../test/local/durable-backend.ts';
import { startLambdaServer } from '../../test/local/lambda-server.ts';
import { startSimulator } from '../../test/simulator/simulator.ts';
import { answerLists } from './list-front.ts';
import type { Asked, Call, Invocation, Served } from './upstream.ts';

/** Starting one leaves it open for good: only its start counts. */
const KILL = 'mrs-killswitch-bench-kill';

let delayMs = 0;
let nextSubmission = Date.now() - 10 * 3_600_000; // in the order in which they were added
let calls: Call[] = [];

// What all servers here have in common: what the ledger is asked is kept, each answer is noted, and leaves `delayMs` later than it would.
const bodies = new WeakMap<IncomingMessage, string>();
const emit = Server.prototype.emit;
Server.prototype.emit = function emitAndKeep(this: Server, event: string, ...given: unknown[]) {
  const [request] = given as [IncomingMessage];
  if (event === 'request' && request.headers['x-amz-target'] !== undefined) request.on('data', (chunk: Buffer) => void bodies.set(request, (bodies.get(request) ?? '') + String(chunk)));
  return emit.call(this, event as 'request', ...given);
} as typeof emit;

const endAtOnce = ServerResponse.prototype.end;
ServerResponse.prototype.end = function end(this: ServerResponse, ...content: []) {
  const { req: request } = this as ServerResponse & { req: IncomingMessage };
  const { method = '', url = '', headers } = request;
  const target = headers['x-amz-target'];
  const to = typeof target === 'string' ? target.replace(/^.*\./, '') : `${method} ${nameOf(url)}`;
  calls.push({ to, at: performance.timeOrigin + performance.now(), method, path: url, ...(typeof target === 'string' && { target, body: bodies.get(request) ?? '' }) });
  if (delayMs > 0) setTimeout(() => endAtOnce.apply(this, content), delayMs);
  else endAtOnce.apply(this, content);
  return this;
} as typeof endAtOnce;

const simulator = await startSimulator({ killDelayMs: 600_000, slack: { botToken: 'xoxb-simulator-token' } });
const backend = createDurableBackend({ clock: realClock(), executionTimeoutSec: 36_000 });
// What the last execution was invoked with: somebody may want to run it.
let lastInvocation: Invocation | undefined;
backend.register(KILL, (event) => {
  lastInvocation = { event };
  return new Promise(() => undefined);
}, { client: 'http' });
backend.registerPlain('mrs-killswitch-bench-slack', async () => undefined);
const lambda = await startLambdaServer(backend);
const dynalite = await startDynalite();
await createTable(connect(dynalite.url));
const lists = createServer((request, response) => void answerLists(simulator.url, request, response));
await new Promise<void>((resolve) => {
  lists.listen(0, '127.0.0.1', resolve);
});

/** What a path is, without the ids in it. */
function nameOf(url: string): string {
  const [path = ''] = url.split('?');
  if (path.endsWith('/auth/tokens')) return 'token';
  if (path.endsWith('/kill')) return 'kill';
  if (path.endsWith('/job-executions')) return 'list';
  if (path.includes('/job-executions/')) return 'job';
  if (path.endsWith('/invocations')) return 'start';
  if (path.endsWith('/checkpoint')) return 'checkpoint';
  return path;
}

function answer(asked: Asked): unknown {
  switch (asked.do) {
    case 'add-jobs':
      return Array.from({ length: asked.count }, () => simulator.addJob({ ...asked.fields, user: 'etl-bot', submitted_time: nextSubmission++ })).map(({ job_id, app_id }) => ({ id: job_id, yarnId: app_id }));
    case 'delay':
      delayMs = asked.ms;
      return {};
    case 'take-calls': {
      const taken = calls;
      calls = [];
      simulator.requests.splice(0);
      return taken;
    }
    case 'last-invocation':
      return new Promise((resolve) => {
        setImmediate(() => setImmediate(() => resolve(lastInvocation))); // an execution begins a turn after its start is answered
      });
  }
}

process.on('message', (asked: Asked) => void Promise.resolve(answer(asked)).then((said) => process.send?.(said)));
process.on('disconnect', () => process.exit(0));
process.send?.({
  mrsUrl: simulator.url,
  iamUrl: simulator.url,
  listsUrl: `http://127.0.0.1:${(lists.address() as AddressInfo).port}`,
  slackUrl: simulator.slack.apiUrl,
  lambdaUrl: lambda.url,
  ledgerUrl: dynalite.url,
  table: TABLE,
} satisfies Served);
