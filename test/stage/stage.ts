import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, type Outside } from '../../lib/house/compose.ts';
import { createDurableHandler, type DurableBody } from '../../lib/house/durable-handler.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import type { Store } from '../../home/store/store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { handleCleanup } from '../../lib/cleanup/handle-schedule.ts';
import type { Reporter } from '../../lib/core/report.ts';
import type { OpenSend } from '../../lib/http/send.ts';
import { createLog, type Fields } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import type { Paused, ReadParameters } from '../../lib/settings/references.ts';
import type { FunctionName } from '../../lib/settings/calls-mrs.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { type DurableClock, type VirtualClock, virtualClock } from '../local/clock.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { createDurableBackend, type DurableBackend, type DurableBackendOptions } from '../local/durable-backend.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts';
import { setUpAwsHome } from './aws-home.ts';
import { clockOf } from './clock-of.ts';
import { type CallOptions, type House, homeOfStage, type Reply, type StageHome } from './home-of-stage.ts';
import { type LambdaFront, startLambdaFront } from './lambda-front.ts';
import { setUpOwnHome } from './own-home.ts';
import { seenBy } from './secrets-seen.ts';
import { type WatchedLedger, watchLedger } from './watched-ledger.ts';

export const KILL_FUNCTION = 'mrs-killswitch-test-kill:durable';
export const WARN_FUNCTION = 'mrs-killswitch-test-warn:durable';
export { SLACK_FUNCTION } from './aws-home.ts';
export type { Reply } from './home-of-stage.ts';

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
  /** Where the ledger and the executions stand; default: in memory, each for itself. */
  store?: Store;
  /** The engine that the executions run on, where it is another. */
  createBackend?: (options: DurableBackendOptions) => DurableBackend;
  /** The way out, given the simulator's URL and the way out of the home, where not all hosts are this machine. */
  openSend?: (url: string, ofHome: OpenSend) => OpenSend;
  /** Default: the one that `STAGE_HOME` says. */
  home?: Outside['home'];
  /** Where requests are shown; default: in the simulator's Slack. */
  reporter?: Reporter;
  /** Sees each line of the log as it is written; it is not written where this throws. */
  onLine?: (line: LogLine) => void;
  /** The parameter store, for references in `env`. */
  readParameters?: ReadParameters;
  /** The off switch, where it is not read from `env`. */
  readPaused?: () => Paused | Promise<Paused>;
};

type Parts = ReturnType<House['load']>;

/** The whole product as it is deployed, in the home that `STAGE_HOME` says (aws or own), each composed as it is there, with all that is outside of it on loopback and on one clock. */
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
  /** From now on word of a bad end comes late or never: not before the test hands over its event, as it is on AWS anyway. */
  delayNotices(): void;
  /** Keeps kill, warn and slack's later answers from running until what it returns is called. */
  hold(): () => void;
  close(): Promise<void>;
};

/** Starts everything; `startMs` is when a clock that is not given begins. */
export async function startStage<Time extends DurableClock = VirtualClock>(options: StageOptions<Time>, startMs: number): Promise<Stage<Time>> {
  const clock = options.clock ?? (virtualClock(startMs) as DurableClock as Time);
  const simulator = await startSimulator({ now: clock.now, killDelayMs: 0, ...options.simulator });
  const statusEvents: StatusEvent[] = [];
  const homeName = options.home ?? homeOfStage();
  let home: StageHome;
  const backend = (options.createBackend ?? createDurableBackend)({ clock, executionTimeoutSec: 36_000, onFunctionFailure: ({ error }) => void lines.push(JSON.stringify({ level: 'error', message: 'function failed', error: String(error) })), ...(options.store && { store: options.store }), ...options.durable,
    ...(homeName === 'own' && { onBadEnd: (end) => home.onBadEnd?.(end) ?? Promise.resolve() }),
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
  const ledger = watchLedger(createSqliteLedger(options.store ?? memoryStore()));
  let ids = 0;
  const createId = (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const log = createLog({ level: 'debug', now: clock.now, write });
  const tasks: LaterTask[] = [];
  /** With all that is set, and on AWS one for each function, which gets its own secrets only. */
  let house: House;
  const houses = new Map<FunctionName, House>();
  const houseOf = (name: FunctionName): House => {
    if (homeName === 'own') return house;
    const own = houses.get(name) ?? composeHouse(name);
    houses.set(name, own);
    return own;
  };
  const parts = { backend, ledger, log, clock: clockOf(clock), createId, house: houseOf, noteTask: (task: LaterTask) => void tasks.push(task), released: () => held };
  home = homeName === 'own' ? setUpOwnHome(parts, { front: lambda, killFunction: KILL_FUNCTION }) : setUpAwsHome(parts, lambda.url);
  const outside: Outside = {
    ...home.outside,
    env,
    clock: parts.clock,
    createId,
    log,
    openSend: options.openSend?.(simulator.url, home.outside.openSend) ?? home.outside.openSend,
    readParameters: options.readParameters ?? (async () => new Map()),
    openLedger: () => ledger,
    readPolicy: () => loadPolicy(env['POLICY_FILE'] ?? policyFile),
  };

  let durable: Record<'kill' | 'warn', ReturnType<typeof createDurableHandler>>;
  const handed = () => ({ ...(options.reporter && { reporter: options.reporter }), ...(options.readPaused && { readPaused: options.readPaused }) });
  const composeHouse = (functionName?: FunctionName): House => {
    const { load, loadStarting, ...secrets } = compose(functionName ? { ...outside, functionName, env: seenBy(functionName, env) } : outside);
    return { ...secrets, load: () => ({ ...loadStarting(), ...handed() }), loadApi: () => ({ ...load(), ...handed() }) };
  };
  const durableOf = (name: 'kill' | 'warn', body: DurableBody) => {
    const { refresh, load } = houseOf(name);
    return createDurableHandler(outside, { refresh, loadStarting: load }, body);
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
    house = composeHouse();
    houses.clear();
    durable = { kill: durableOf('kill', runPayload), warn: durableOf('warn', runWarningPayload) };
  };
  let held: Promise<void> | undefined;
  deploy(options.policy);

  register('kill', KILL_FUNCTION);
  backend.registerPlain('mrs-killswitch-test-cleanup', async (event) => {
    await houseOf('cleanup').refresh();
    return ledger.calledBy('cleanup', () => handleCleanup(houseOf('cleanup').load, log, event));
  });

  return {
    clock, simulator, backend, lambda, ledger, env, outside, load: () => house.load(), refresh: async () => void (await Promise.all([house, ...[...houses].flatMap(([name, own]) => (name === 'kill' || name === 'warn' ? [] : [own]))].map((each) => each.refresh()))), lines, statusEvents, tasks, deploy,
    log: () => lines.filter((line) => !line.startsWith('{"_aws"')).map((line) => JSON.parse(line) as LogLine),
    call: (line, options = {}) => home.call(line, options),
    event: (event) => home.event(event),
    delayNotices: () => home.delayNotices(),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    async close() {
      backend.close();
      rmSync(folder, { recursive: true, force: true });
      await home.close();
      await lambda.close();
      await simulator.close();
      if (ledger.forbidden.size > 0) throw new Error([...ledger.forbidden].join('\n'));
    },
  };
}
