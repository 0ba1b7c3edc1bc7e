import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { compose, type Outside } from '../../lib/house/compose.ts';
import { createDurableHandler, type DurableBody } from '../../lib/house/durable-handler.ts';
import { handleEvent } from '../../functions/aws/handle-event.ts';
import { http } from '../../functions/aws/http.ts';
import { connectAws } from '../../functions/aws/connect-aws.ts';
import { createLambdaCall } from '../../functions/aws/lambda-call.ts';
import { createLambdaEngine, invokeLater } from '../../functions/aws/lambda-engine.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { createApi } from '../../lib/api/api.ts';
import { handleCleanup } from '../../lib/cleanup/handle-schedule.ts';
import type { Reporter } from '../../lib/core/report.ts';
import type { HttpReply, HttpRequest } from '../../lib/http/reply.ts';
import { openSend, type OpenSend } from '../../lib/http/send.ts';
import { createLog, type Fields } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import type { Paused, ReadParameters } from '../../lib/settings/references.ts';
import { answerLater } from '../../lib/slack/answer-later.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';
import { runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { type DurableClock, type VirtualClock, virtualClock } from '../local/clock.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { createDurableBackend, type DurableBackend, type DurableBackendOptions } from '../local/durable-backend.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts';
import { type EventOptions, httpEvent, lambdaContext } from '../support/http-event.ts';
import { clockOf } from './clock-of.ts';
import { type LambdaFront, startLambdaFront } from './lambda-front.ts';
import { type WatchedLedger, watchLedger } from './watched-ledger.ts';

export const KILL_FUNCTION = 'mrs-killswitch-test-kill:durable';
export const WARN_FUNCTION = 'mrs-killswitch-test-warn:durable';
export const SLACK_FUNCTION = 'mrs-killswitch-test-slack';

export type LogLine = Fields & { level: string; message: string };

export type StageOptions<Time extends DurableClock> = {
  /** policy.yml. */
  policy: string;
  /** Added to the settings that lead to the simulator. */
  env?: Record<string, string | undefined>;
  /** Default: a clock that stands until the test, or a wait of the workflow, moves it. */
  clock?: Time;
  simulator?: SimulatorOptions;
  durable?: Partial<DurableBackendOptions>;
  /** The engine that the executions run on, where it is another. */
  createBackend?: (options: DurableBackendOptions) => DurableBackend;
  /** The way out, given the simulator's URL, where not all hosts are this machine. */
  openSend?: (url: string) => OpenSend;
  /** Where requests are shown; default: in the simulator's Slack. */
  reporter?: Reporter;
  /** Sees each line of the log as it is written; it is not written where this throws. */
  onLine?: (line: LogLine) => void;
  /** The parameter store, for references in `env`. */
  readParameters?: ReadParameters;
  /** The off switch, where it is not read from `env`. */
  readPaused?: () => Paused | Promise<Paused>;
};

export type Reply = { status: number; headers: Record<string, unknown>; body: any; text: string };
type Parts = ReturnType<ReturnType<typeof compose>['loadStarting']>;
type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;
/** `to`: the function that gets the request, where it is not the one whose route it is. */
type CallOptions = EventOptions & { remainingMs?: number; to?: keyof typeof ROUTES | 'api' };

/** As serverless.yml has them; everything else is api's. */
const ROUTES = { slack: /^POST \/slack\/(?:command|action)$/, alerts: /^(?:POST|PUT) \/alerts\/[^/]+$/ };

/** The whole product as it is deployed, each function composed as in functions/, with all that is outside of it on loopback and on one clock. */
export type Stage<Time extends DurableClock = VirtualClock> = {
  clock: Time;
  simulator: Simulator;
  backend: DurableBackend;
  lambda: LambdaFront;
  ledger: WatchedLedger;
  /** What the functions were started with; PAUSED is read from it anew each time. */
  env: Record<string, string | undefined>;
  outside: Outside;
  /** The parts as the functions see them. */
  load: () => Parts;
  /** Reads what references lead to, as every function but kill and warn does when it is called; these two have houses of their own. */
  refresh: () => Promise<void>;
  /** The log as it was written, metrics included. */
  lines: string[];
  /** The same, read, without the metrics. */
  log: () => LogLine[];
  /** What EventBridge would deliver of the executions, in order. */
  statusEvents: StatusEvent[];
  /** What functions/slack handed over to itself. */
  tasks: LaterTask[];
  /** From now on this policy counts, and every function starts cold. */
  deploy(policy: string): void;
  /** One request to the function that has its route. */
  call(line: string, options?: CallOptions): Promise<Reply>;
  /** An event for functions/events; rejects with what it throws. */
  event(event: unknown): Promise<void>;
  /** Keeps kill, warn and slack's later answers from running until what it returns is called. */
  hold(): () => void;
  close(): Promise<void>;
};

/** Starts everything; `startMs` is when a clock that is not given begins. */
export async function startStage<Time extends DurableClock = VirtualClock>(options: StageOptions<Time>, startMs: number): Promise<Stage<Time>> {
  const clock = options.clock ?? (virtualClock(startMs) as DurableClock as Time);
  const simulator = await startSimulator({ now: clock.now, killDelayMs: 0, ...options.simulator });
  const statusEvents: StatusEvent[] = [];
  const backend = (options.createBackend ?? createDurableBackend)({ clock, executionTimeoutSec: 36_000, onFunctionFailure: ({ error }) => void lines.push(JSON.stringify({ level: 'error', message: 'function failed', error: String(error) })), ...options.durable,
    onStatusChange(event) {
      statusEvents.push(event);
      options.durable?.onStatusChange?.(event);
    },
  });
  const lambda = await startLambdaFront(backend, clock);
  const folder = mkdtempSync(join(tmpdir(), 'stage-'));
  const policyFile = join(folder, 'policy.json');
  const env: Stage['env'] = { ...settingsOf(simulator.url), HW_PROJECT_ID: PROJECT_ID, SLACK_API_URL: simulator.slack.apiUrl, KILL_FUNCTION, WARN_FUNCTION, LEDGER_TABLE: 'ledger', FOLLOW_INTERVAL_SEC: '1', POLICY_FILE: policyFile, ...options.env };

  const lines: string[] = [];
  const write = (line: string): void => {
    if (options.onLine && !line.startsWith('{"_aws"')) options.onLine(JSON.parse(line) as LogLine);
    lines.push(line);
  };
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test', AWS_ENDPOINT_URL_LAMBDA: lambda.url };
  const callLambda = createLambdaCall(() => connectAws(aws, clockOf(clock), 'lambda'));
  const ledger = watchLedger(createSqliteLedger(memoryStore()));
  let ids = 0;
  const outside: Outside = {
    home: 'aws',
    env,
    clock: clockOf(clock),
    createId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    log: createLog({ level: 'debug', now: clock.now, write }),
    openSend: options.openSend?.(simulator.url) ?? openSend,
    readParameters: options.readParameters ?? (async () => new Map()),
    openEngine: (functionName) => createLambdaEngine(callLambda, functionName, clockOf(clock)),
    openLedger: () => ledger,
    invokeSelf: (payload) => invokeLater(callLambda, SLACK_FUNCTION, payload),
    readPolicy: () => loadPolicy(env['POLICY_FILE'] ?? policyFile),
  };

  let house: ReturnType<typeof compose>;
  let durable: Record<'kill' | 'warn', ReturnType<typeof createDurableHandler>>;
  let routes: Record<'api' | 'slack' | 'alerts', Handler>;
  const handed = () => ({ ...(options.reporter && { reporter: options.reporter }), ...(options.readPaused && { readPaused: options.readPaused }) });
  const load = (): Parts => ({ ...house.loadStarting(), ...handed() });
  const loadApi = () => ({ ...house.load(), ...handed() });
  const serve = (handle: (request: HttpRequest) => Promise<HttpReply>): Handler => http(outside, handle, house);
  const durableOf = (body: DurableBody) => {
    const { refresh, loadStarting } = compose(outside);
    return createDurableHandler(outside, { refresh, loadStarting: () => ({ ...loadStarting(), ...handed() }) }, body);
  };
  const register = (name: 'kill' | 'warn', functionName: string, executionTimeoutSec?: number): void =>
    backend.register(functionName.replace(':durable', ''), async (event, context) => {
      await held;
      return ledger.calledBy(name, () => durable[name](event, context));
    }, { ...(executionTimeoutSec !== undefined && { executionTimeoutSec }) });
  const deploy = (policy: string): void => {
    const checked = parsePolicy(policy, { hasBotToken: true, file: 'policy.yml' });
    writeFileSync(policyFile, JSON.stringify(checked));
    register('warn', WARN_FUNCTION, warningLifeSec(checked));
    house = compose(outside);
    durable = { kill: durableOf(runPayload), warn: durableOf(runWarningPayload) };
    routes = { api: serve(createApi(loadApi)), slack: serve(createSlackRoutes(load)), alerts: serve(createAlertRoute(load)) };
  };
  let held: Promise<void> | undefined;
  deploy(options.policy);

  const tasks: LaterTask[] = [];
  register('kill', KILL_FUNCTION);
  backend.registerPlain(SLACK_FUNCTION, async (event) => {
    tasks.push(event);
    await held;
    await house.refresh();
    return ledger.calledBy('slack', () => answerLater(load, outside.log, event));
  });
  backend.registerPlain('mrs-killswitch-test-cleanup', async (event) => {
    await house.refresh();
    return ledger.calledBy('cleanup', () => handleCleanup(load, outside.log, event));
  });

  return {
    clock, simulator, backend, lambda, ledger, env, outside, load, refresh: () => house.refresh(), lines, statusEvents, tasks, deploy,
    log: () => lines.filter((line) => !line.startsWith('{"_aws"')).map((line) => JSON.parse(line) as LogLine),
    async call(line, { remainingMs, to, ...event } = {}) {
      const route = to ?? (ROUTES.slack.test(line) ? 'slack' : ROUTES.alerts.test(line) ? 'alerts' : 'api');
      const { statusCode = 0, headers = {}, body: text = '' } = await ledger.calledBy(route, () => routes[route](httpEvent(line, event), lambdaContext(remainingMs)));
      return { status: statusCode, headers, body: text === '' ? undefined : JSON.parse(text), text };
    },
    async event(event) {
      await house.refresh();
      return ledger.calledBy('events', () => handleEvent(load, outside.log, event));
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async close() {
      backend.close();
      rmSync(folder, { recursive: true, force: true });
      await lambda.close();
      await simulator.close();
      if (ledger.forbidden.size > 0) throw new Error([...ledger.forbidden].join('\n'));
    },
  };
}
