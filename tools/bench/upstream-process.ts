// A process of the bench: MRS, IAM, Slack, Lambda and DynamoDB on loopback, so that neither their CPU nor their memory is counted with ours.
import { subscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { RUN_KEPT_MS, startBegan } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
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

// For all servers here: what the ledger is asked is kept, each answer is noted, and leaves `delayMs` later than it would.
// https://nodejs.org/api/diagnostics_channel.html#http
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
  const { method = '', url: path = '', headers } = request;
  const target = headers['x-amz-target'];
  let body = '';
  if (target !== undefined) request.on('data', (chunk: Buffer) => void (body += String(chunk)));
  const endAtOnce = response.end.bind(response) as (...content: unknown[]) => ServerResponse;
  response.end = (...content: unknown[]) => {
    const to = typeof target === 'string' ? target.replace(/^.*\./, '') : `${method} ${nameOf(path)}`;
    calls.push({ to, at: performance.timeOrigin + performance.now(), method, path, bytes: Number(headers['content-length'] ?? 0), ...(typeof target === 'string' && { target, body }) });
    if (delayMs > 0) setTimeout(endAtOnce, delayMs, ...content);
    else endAtOnce(...content);
    return response;
  };
});

const simulator = await startSimulator({ killDelayMs: 600_000, slack: { botToken: 'xoxb-simulator-token' } });
const backend = createDurableBackend({ clock: realClock(), executionTimeoutSec: 36_000 });
// What the last execution was invoked with: somebody may want to run it.
let lastInvocation: Invocation | undefined;
let started: Invocation['event'][] = [];
backend.register(KILL, (event) => {
  lastInvocation = { event };
  started.push(event);
  return new Promise(() => undefined);
}, { client: 'http' });
backend.registerPlain('mrs-killswitch-bench-slack', async () => undefined);
const lambda = await startLambdaServer(backend);
const dynalite = await startDynalite();
await createTable(connect(dynalite.url));
const ledger = createDynamoLedger(connect(dynalite.url));
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
    case 'begin': {
      const begun = started;
      started = [];
      return beginAll(begun);
    }
    case 'last-invocation':
      return new Promise((resolve) => {
        setImmediate(() => setImmediate(() => resolve(lastInvocation))); // an execution begins a turn after its start is answered
      });
  }
}

/** As the first move of each would leave it. */
async function beginAll(events: readonly object[]): Promise<object> {
  const at = Date.now();
  const entries = events.map((event): PutEntry => {
    const [own] = (event as { InitialExecutionState: { Operations: { ExecutionDetails: { InputPayload: string } }[] } }).InitialExecutionState.Operations;
    const { name, start } = JSON.parse(own?.ExecutionDetails.InputPayload ?? '') as { name: string; start: number };
    return { key: startBegan(name, start), value: { at, since: at }, until: at + RUN_KEPT_MS };
  });
  for (let first = 0; first < entries.length; first += 25) await ledger.put(entries.slice(first, first + 25));
  return {};
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
