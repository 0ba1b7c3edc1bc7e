import type {
  CheckpointDurableExecutionRequest, CheckpointDurableExecutionResponse, ErrorObject, GetDurableExecutionStateRequest, GetDurableExecutionStateResponse,
} from '@aws/durable-execution-sdk-js';
import type { OnBadEnd } from '../../home/engine/bad-ends.ts';
import { createEngine, type DurableEngine } from '../../home/engine/engine.ts';
import type { Execution } from '../../home/engine/executions.ts';
import type { InvocationEvent } from '../../home/engine/invocation-event.ts';
import type { OpenExecution } from '../../home/engine/open-executions.ts';
import type { Store } from '../../home/store/store.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createActivity } from './activity.ts';
import { type CallbackView, viewCallbacks } from './callback-view.ts';
import { type DurableClock, isVirtual, type VirtualClock } from './clock.ts';
import { type CrashHook, createDeaths } from './deaths.ts';
import { type ExecutionFilter, matchesFilter } from './execution-filter.ts';
import { type ExecutionView, viewOf } from './execution-view.ts';
import { functionArn } from './function-name.ts';
import { type FunctionFailure, printFailure } from './function-failure.ts';
import { createFunctionTable, type Handler } from './functions.ts';
import { type ClientKind, shifted, withClient } from './injected-client.ts';
import { createLives } from './lives.ts';
import { createPlainCalls, type PlainAnswer } from './plain-calls.ts';
import { type StatusEvent, statusEvent } from './status-event.ts';

export type DurableBackendOptions = {
  clock: DurableClock | VirtualClock;
  /** Whole life of an execution, waits included, of functions registered without their own; then it is TIMED_OUT. Default 7200. */
  executionTimeoutSec?: number;
  /** So many invocations of durable functions run at once, as with reserved concurrency; the others wait. Default: any number. */
  mostInvocations?: number;
  /** Asked at every checkpoint call, before it is applied and after it is; true kills the running invocation there and resumes. */
  crash?: CrashHook;
  /** Asked whenever nothing runs, before the clock goes on: true begins the engine anew there, as `upgrade` does. */
  upgradeAt?: (open: OpenExecution[]) => boolean;
  /** Told of every bad end until it resolves, as in the own home; `idle` waits for it. */
  onBadEnd?: OnBadEnd;
  /** Told of every begin and end of an execution, at that moment; must not throw. */
  onStatusChange?: (event: StatusEvent) => void;
  /** Where executions stand; default: in memory. */
  store?: Store;
  /** Told of every function that threw. Default: printed to stderr. */
  onFunctionFailure?: (failure: FunctionFailure) => void;
};

/**
 * The engine of the own home as Lambda's durable functions show it. Errors it throws carry the service's names (`DurableExecutionAlreadyStartedException` …).
 * Function names may carry an alias or be ARNs. With a virtual clock, waits and retries pass by themselves as soon as nothing runs;
 * a callback's and an execution's timeout pass only on the way to one of those, or when the clock is advanced by hand.
 */
export type DurableBackend = {
  /** Takes a `withDurableExecution(...)` handler. `http`: it talks to the backend through `AWS_ENDPOINT_URL_LAMBDA`; default: a client in its event. Registered anew it stands in place of what was: what runs goes on there. */
  register(functionName: string, handler: Handler, options?: { client?: ClientKind; executionTimeoutSec?: number }): void;
  registerPlain(functionName: string, handler: Handler): void;
  /** Same name and payload: the existing execution, `started: false`. Throws DurableExecutionAlreadyStartedException for another payload. */
  start(functionName: string, executionName: string | undefined, payload: string): { arn: string; started: boolean };
  get(arn: string): ExecutionView | undefined;
  list(filter: ExecutionFilter): ExecutionView[];
  /** Ends it STOPPED, or by another bad end; one that is over stays as it is. Throws ResourceNotFoundException. */
  stop(arn: string, error?: ErrorObject, status?: 'FAILED' | 'TIMED_OUT' | 'STOPPED'): void;
  succeedCallback(id: string, result: string | undefined): void;
  failCallback(id: string, error: ErrorObject): void;
  heartbeat(id: string): void;
  callbacks(): CallbackView[];
  /** Kills the invocation now running of that execution and resumes it; nothing happens when none runs. The code that called goes on, unheard. */
  crashNow(executionName: string): void;
  /** The process dies, and another one, with another version of the workflow, begins over its store. */
  upgrade(): void;
  /** The same, with the workflow as it was: what is open is replayed. */
  restart(): void;
  /** Resolves when the execution of that name, begun or not yet, has ended. */
  settled(executionName: string): Promise<ExecutionView>;
  /** Resolves when nothing runs and nothing goes on by itself; open callbacks and timeouts may remain. */
  idle(): Promise<void>;
  close(): void;

  /** What only the own home needs: the engine itself, and work that `idle` waits for. */
  engine(): DurableEngine;
  during<T>(work: () => Promise<T>): Promise<T>;
  /** What only the HTTP form needs. */
  kindOf(functionName: string): { kind: 'durable' | 'plain'; name: string; qualifier?: string };
  /** Runs a plain function and returns at once. */
  callLater(functionName: string, payload: string): void;
  call(functionName: string, payload: string): Promise<PlainAnswer>;
  checkpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse>;
  state(request: GetDurableExecutionStateRequest): Promise<GetDurableExecutionStateResponse>;
};

// More than any test takes, so that no wait under a virtual clock looks over to the SDK.
const SHIFT_MARGIN_MS = 86_400_000;
const ANY_NUMBER = Number.MAX_SAFE_INTEGER;

/** Makes it over an empty store; register functions, then start executions. */
export function createDurableBackend(options: DurableBackendOptions): DurableBackend {
  const { clock, executionTimeoutSec: usualTimeoutSec = 7_200, mostInvocations = ANY_NUMBER, onStatusChange, onFunctionFailure = printFailure, onBadEnd, upgradeAt, store = memoryStore() } = options;
  const functions = createFunctionTable();
  let ids = 0;
  const settledWaiters = new Map<string, ((view: ExecutionView) => void)[]>();
  const shiftMs = isVirtual(clock) ? Math.max(0, Date.now() - clock.now()) + SHIFT_MARGIN_MS : 0;
  const activity = createActivity(clock, () => engine(), () => upgradeAt?.(engine().open()) === true && (upgrade(), true));
  const lives = createLives((version) => createEngine({
    store,
    clock,
    createId: () => uuidOf(++ids),
    version,
    functionArn,
    mostInvocations,
    mostOpen: ANY_NUMBER,
    keepsOperations: true,
    onStatusChange(execution, arn) {
      onStatusChange?.(statusEvent(execution, arn));
      if (execution.status === 'RUNNING') return;
      for (const resolve of settledWaiters.get(execution.name) ?? []) resolve(view(execution));
      settledWaiters.delete(execution.name);
    },
    onThrow: ({ functionName, name }, error) => onFunctionFailure({ functionName, executionName: name, error }),
    onRest: activity.rested,
    onTrouble: (error) => console.error('the store gives trouble:', error),
    ...(onBadEnd && { onBadEnd: (end) => during(() => onBadEnd(end)) }),
  }), (inFlight) => inFlight.forEach((name) => deaths.kill(name)));
  const { engine } = lives;
  const deaths = createDeaths(engine, options.crash);
  const plainCalls = createPlainCalls({ activity, functionOf: functions.plain, onFunctionFailure });
  const view = (execution: Execution): ExecutionView => viewOf(execution, engine().arnOf(execution), engine().operationsOf(execution.name));
  const shiftAll = <T extends { Operations?: InvocationEvent['InitialExecutionState']['Operations'] | undefined }>(state: T): T => ({ ...state, Operations: state.Operations?.map((operation) => shifted(operation, shiftMs)) });

  async function checkpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse> {
    const answer = await deaths.checkpoint(request);
    return { ...answer, NewExecutionState: answer.NewExecutionState && shiftAll(answer.NewExecutionState) };
  }

  /** Done when it returns, its events told: a test goes on from there. */
  function now(written: Promise<void>): void {
    store.flush();
    written.catch((error: unknown) => console.error('the store gives trouble:', error));
  }

  async function during<T>(work: () => Promise<T>): Promise<T> {
    const worker = {};
    activity.begin(worker);
    try {
      return await work();
    } finally {
      activity.end(worker);
    }
  }

  const upgrade = (): void => now(lives.upgrade());

  return {
    register(functionName, handler, { client = 'injected', executionTimeoutSec = usualTimeoutSec } = {}) {
      functions.add(functionName, { kind: 'durable', handler });
      lives.register(functionName, {
        lifeSec: executionTimeoutSec,
        async handler(event: InvocationEvent, context: never) {
          const name = /\/durable-execution\/([^/]+)\//.exec(event.DurableExecutionArn)?.[1] ?? '';
          deaths.begin(name, event.CheckpointToken);
          const seen = { ...event, InitialExecutionState: shiftAll(event.InitialExecutionState) };
          return handler((client === 'http' ? seen : withClient(seen, checkpoint)) as never, context);
        },
      });
    },
    registerPlain: (name, handler) => functions.add(name, { kind: 'plain', handler }),
    start(functionName, executionName, payload) {
      const { arn, started, written } = engine().start(functions.get(functionName).name, executionName, payload);
      now(written);
      return { arn, started };
    },
    get(arn) {
      try {
        return view(engine().get(arn));
      } catch {
        return undefined;
      }
    },
    list(filter) {
      const found = engine().all().filter((execution) => matchesFilter(execution, filter)).map(view);
      return filter.oldestFirst === true ? found : found.toReversed();
    },
    stop: (arn, error, status) => now(engine().stop(arn, error, status)),
    succeedCallback: (id, result) => now(engine().succeedCallback(id, result)),
    failCallback: (id, error) => now(engine().failCallback(id, error)),
    heartbeat: (id) => now(engine().heartbeat(id)),
    callbacks: () => viewCallbacks(engine().all().map(view)),
    crashNow(executionName) {
      engine().get(engine().arnOf(engine().byName(executionName) ?? ({ name: executionName } as Execution)));
      deaths.kill(executionName);
    },
    upgrade,
    restart: () => now(lives.restart()),
    settled(executionName) {
      const execution = engine().byName(executionName);
      if (execution !== undefined && execution.status !== 'RUNNING') return Promise.resolve(view(execution));
      return new Promise((resolve) => {
        settledWaiters.set(executionName, [...(settledWaiters.get(executionName) ?? []), resolve]);
      });
    },
    idle: activity.idle,
    close() {
      activity.close();
      engine().close();
      deaths.close();
    },
    kindOf(functionName) {
      const { registered, ...parsed } = functions.get(functionName);
      return { kind: registered.kind, ...parsed };
    },
    engine, during, checkpoint,
    callLater: plainCalls.callLater,
    call: plainCalls.call,
    async state(request) {
      await deaths.admit(request.CheckpointToken ?? '');
      return shiftAll(await engine().state(request));
    },
  };
}

/** Counted instead of random, so that a failed run can be played again. */
function uuidOf(count: number): string {
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
}
