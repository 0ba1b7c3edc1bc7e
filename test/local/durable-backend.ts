import type {
  CheckpointDurableExecutionRequest,
  CheckpointDurableExecutionResponse,
  ErrorObject,
  Event,
  GetDurableExecutionStateRequest,
  GetDurableExecutionStateResponse,
} from '@aws-sdk/client-lambda';
import { createActivity } from './activity.ts';
import { type CallbackView, createCallbacks } from './callbacks.ts';
import { type CrashHook, createCheckpoints } from './checkpoints.ts';
import { type DurableClock, isVirtual, type VirtualClock } from './clock.ts';
import { type ExecutionView, viewOf } from './execution-view.ts';
import { createExecutionTable, type Execution, type ExecutionFilter } from './executions.ts';
import { createFunctionTable, type Handler } from './functions.ts';
import { recordStatus } from './history.ts';
import type { ClientKind } from './invocation-event.ts';
import { createInvocations } from './invocations.ts';
import { createPlainCalls, type PlainAnswer } from './plain-calls.ts';
import { notFound } from './service-error.ts';
import { type StatusEvent, statusEvent } from './status-event.ts';
import { createTimers } from './timers.ts';

/** A function that threw: a plain one called asynchronously, or an invocation of a durable one (it is repeated). */
export type FunctionFailure = { functionName: string; executionName?: string; error: unknown };

export type DurableBackendOptions = {
  clock: DurableClock | VirtualClock;
  /** Whole life of an execution, waits included, of functions registered without their own; then it is TIMED_OUT. Default 7200. */
  executionTimeoutSec?: number;
  /** So many invocations of durable functions run at once, as with reserved concurrency; the others wait. Default: any number. */
  mostInvocations?: number;
  /** Asked at every checkpoint call, before it is applied and after it is; true kills the running invocation there and resumes. */
  crash?: CrashHook;
  /** Told of every begin and end of an execution, at that moment; must not throw. */
  onStatusChange?: (event: StatusEvent) => void;
  /** Told of every function that threw. Default: printed to stderr. */
  onFunctionFailure?: (failure: FunctionFailure) => void;
};

/**
 * A stand-in for AWS Lambda durable functions, in memory. Errors it throws carry the service's names (`DurableExecutionAlreadyStartedException` …).
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
  /** Resolves when the execution of that name, begun or not yet, has ended. */
  settled(executionName: string): Promise<ExecutionView>;
  /** Resolves when nothing runs and nothing goes on by itself; open callbacks and timeouts may remain. */
  idle(): Promise<void>;
  close(): void;

  /** What only the HTTP form needs. */
  kindOf(functionName: string): { kind: 'durable' | 'plain'; name: string; qualifier?: string };
  /** Runs a plain function and returns at once. */
  callLater(functionName: string, payload: string): void;
  call(functionName: string, payload: string): Promise<PlainAnswer>;
  checkpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse>;
  state(request: GetDurableExecutionStateRequest): Promise<GetDurableExecutionStateResponse>;
  history(arn: string): Event[];
};

// More than any test takes, so that no wait under a virtual clock looks over to the SDK.
const SHIFT_MARGIN_MS = 86_400_000;

/** Makes an empty backend; register functions, then start executions. */
export function createDurableBackend(options: DurableBackendOptions): DurableBackend {
  const { clock, executionTimeoutSec: usualTimeoutSec = 7_200, mostInvocations = Infinity, onStatusChange, onFunctionFailure = printFailure } = options;
  const timers = createTimers(clock);
  const activity = createActivity(clock, timers);
  const functions = createFunctionTable();
  const executions = createExecutionTable();
  const settledWaiters = new Map<string, ((view: ExecutionView) => void)[]>();
  const shiftMs = isVirtual(clock) ? Math.max(0, Date.now() - clock.now()) + SHIFT_MARGIN_MS : 0;

  const invocations = createInvocations({
    clock,
    timers,
    activity,
    shiftMs,
    mostAtOnce: mostInvocations,
    functionOf: functions.durable,
    checkpoint: (request) => checkpoints.take(request),
    onEnd(execution) {
      onStatusChange?.(statusEvent(execution));
      for (const resolve of settledWaiters.get(execution.name) ?? []) resolve(viewOf(execution));
      settledWaiters.delete(execution.name);
    },
    onThrow: ({ functionName, name }, error) => onFunctionFailure({ functionName, executionName: name, error }),
  });
  const callbacks = createCallbacks({ clock, timers, changeFromOutside: (...change) => checkpoints.changeFromOutside(...change) });
  const checkpoints = createCheckpoints({ clock, timers, executions, invocations, callbacks, shiftMs, crash: options.crash });
  const plainCalls = createPlainCalls({ activity, functionOf: functions.plain, onFunctionFailure });

  function find(arn: string): Execution {
    const execution = executions.byArn(arn);
    if (execution === undefined) throw notFound(`Durable execution ${arn}`);
    return execution;
  }

  return {
    register: (name, handler, { client = 'injected', executionTimeoutSec = usualTimeoutSec } = {}) => functions.add(name, { kind: 'durable', handler, client, executionTimeoutSec }),
    registerPlain: (name, handler) => functions.add(name, { kind: 'plain', handler }),
    start(functionName, executionName, payload) {
      const { executionTimeoutSec } = functions.durable(functionName);
      const { name } = functions.get(functionName);
      const { execution, started } = executions.begin(name, executionName, payload, clock.now());
      if (started) {
        const timeOut = (): void => invocations.end(execution, 'TIMED_OUT', {});
        timers.set(execution.arn, 'execution', 'deadline', execution.startMs + executionTimeoutSec * 1000, timeOut);
        recordStatus(execution, execution.startMs);
        invocations.wake(execution);
        onStatusChange?.(statusEvent(execution));
      }
      return { arn: execution.arn, started };
    },
    get(arn) {
      const execution = executions.byArn(arn);
      return execution && viewOf(execution);
    },
    list: (filter) => executions.list(filter).map(viewOf),
    stop: (arn, error, status = 'STOPPED') => invocations.end(find(arn), status, { error }),
    succeedCallback: callbacks.succeed,
    failCallback: callbacks.fail,
    heartbeat: callbacks.heartbeat,
    callbacks: callbacks.list,
    crashNow(executionName) {
      const execution = executions.byName(executionName);
      if (execution === undefined) throw notFound(`Durable execution ${executionName}`);
      invocations.kill(execution);
    },
    settled(executionName) {
      const execution = executions.byName(executionName);
      if (execution !== undefined && execution.status !== 'RUNNING') return Promise.resolve(viewOf(execution));
      return new Promise((resolve) => {
        settledWaiters.set(executionName, [...(settledWaiters.get(executionName) ?? []), resolve]);
      });
    },
    idle: activity.idle,
    close() {
      activity.close();
      timers.close();
      invocations.close();
      checkpoints.close();
    },
    kindOf(functionName) {
      const { registered, ...parsed } = functions.get(functionName);
      return { kind: registered.kind, ...parsed };
    },
    callLater: plainCalls.callLater,
    call: plainCalls.call,
    checkpoint: checkpoints.take,
    state: checkpoints.state,
    history: (arn) => [...find(arn).history],
  };
}

function printFailure({ functionName, executionName, error }: FunctionFailure): void {
  console.error(`${functionName}${executionName === undefined ? '' : ` (${executionName})`} threw:`, error);
}
