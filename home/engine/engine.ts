import type { DurableExecutionClient, ErrorObject } from '@aws/durable-execution-sdk-js';
import type { Store } from '../store/store.ts';
import { createBadEnds, type OnBadEnd } from './bad-ends.ts';
import { callbackIn, createCallbacks } from './callbacks.ts';
import { createCheckpoints } from './checkpoints.ts';
import { rethrowForSdk } from './client-error.ts';
import type { EndStatus, Execution } from './executions.ts';
import { currentInvocation } from './invocation.ts';
import { createInvocations } from './invocations.ts';
import type { DurableFunction } from './invoke.ts';
import { describeOpen, type OpenExecution } from './open-executions.ts';
import { LIFE, NEXT_TRY, openRecords } from './records.ts';
import { type Resumed, takeUp } from './resume.ts';
import { notFound, tooMany } from './service-error.ts';
import type { EngineClock, Timer } from './timers.ts';

export type EngineOptions = {
  store: Store;
  clock: EngineClock;
  /** A new random id. */
  createId: () => string;
  /** Of the workflow: what another version began is not replayed. */
  version: string;
  /** A function's name as the names of its executions have it. */
  functionArn?: (functionName: string) => string;
  mostInvocations?: number;
  mostOpen?: number;
  keepsOperations?: boolean;
  /** When a turn is over, as for the store. */
  defer?: (run: () => void) => void;
  onBadEnd?: OnBadEnd;
  /** Told of every begin and end of an execution, once it is on disk. */
  onStatusChange?: (execution: Execution, arn: string) => void;
  onThrow?: (execution: Execution, error: unknown) => void;
  /** So long may an invocation go on after its signal; then `onStuck`: only the end of the process ends it. Default 10 s. */
  settlesWithinMs?: number;
  onStuck?: (name: string) => void;
  onRest?: () => void;
  /** The store did not take something; it is tried again. */
  onTrouble?: (error: unknown) => void;
};

/** The durable engine: executions of durable functions that survive the process, with Lambda's own semantics. */
export type DurableEngine = ReturnType<typeof createEngine>;

const [MOST_INVOCATIONS, MOST_OPEN] = [50, 10_000];
const SETTLES_WITHIN_MS = 10_000;
/** Whatever is open: what closes a request must not wait for its like to end. So is what a run hands on to: it ends by that, and all of them would wait for each other. */
const ALWAYS_TAKEN = /^(?:end|notice)-/;

/** Makes the engine over a store. Nothing runs before `resume`. Its errors are ServiceErrors with Lambda's names. */
export function createEngine(options: EngineOptions) {
  const { store, clock, version, mostInvocations = MOST_INVOCATIONS, mostOpen = MOST_OPEN, onBadEnd, onStatusChange, onTrouble = () => undefined } = options;
  const functions = new Map<string, DurableFunction>();
  const records = openRecords({
    store,
    clock,
    createId: options.createId,
    functionArn: options.functionArn ?? ((name) => `arn:mrs-killswitch:engine:function:${name}:${version}`),
    keepsOperations: options.keepsOperations ?? false,
    onTimer: fire,
    onEnd: ended,
    onTrouble,
  });
  const { executions, journal, timers } = records;
  const badEnds = onBadEnd && createBadEnds(records, onBadEnd, onTrouble);
  const invocations = createInvocations(records, {
    functionOf,
    most: mostInvocations,
    defer: options.defer ?? ((run) => void setImmediate(run)),
    settlesWithinMs: options.settlesWithinMs ?? SETTLES_WITHIN_MS,
    onThrow: options.onThrow ?? (() => undefined),
    onStuck: options.onStuck ?? (() => undefined),
    onRest: options.onRest ?? (() => undefined),
    onTrouble,
  });
  const callbacks = createCallbacks(records);
  const checkpoints = createCheckpoints(records, invocations, callbacks);
  let open = executions.countOpen();

  function functionOf(functionName: string): DurableFunction {
    const found = functions.get(functionName);
    if (found === undefined) throw notFound(`Function ${functionName}`);
    return found;
  }

  /** Within a write: a timer is due. */
  function fire({ execution: name, purpose }: Timer): void {
    const execution = executions.byName(name);
    if (execution?.status !== 'RUNNING') return;
    store.afterCommit(invocations.wake);
    if (purpose === LIFE) return records.end(name, 'TIMED_OUT', {});
    if (purpose === NEXT_TRY) return executions.queue(name, clock.now());
    const callback = callbackIn(purpose);
    const operation = journal.find(name, callback?.operationId ?? purpose);
    if (operation === undefined) return;
    if (callback) return callbacks.expire(execution, operation, callback.isHeartbeat);
    if (operation.Type === 'WAIT') return records.changeFromOutside(name, operation, { Status: 'SUCCEEDED', EndTimestamp: operation.WaitDetails?.ScheduledEndTimestamp });
    records.changeFromOutside(name, operation, { Status: 'READY', StepDetails: { ...operation.StepDetails, NextAttemptTimestamp: undefined } });
  }

  /** Within a write. On disk first, then the signal. */
  function ended(execution: Execution): void {
    if (badEnds === undefined) executions.markTold(execution.name);
    store.afterCommit(() => {
      open -= 1;
      invocations.revoke(execution.name);
      onStatusChange?.(execution, records.arnOf(execution));
      if (execution.status !== 'SUCCEEDED') badEnds?.tell(execution);
    });
  }

  /** From outside: in the turn's commit, and then somebody may have to go on. */
  function change(work: () => void): Promise<void> {
    const { written } = store.writeNow(work);
    invocations.wake();
    return written;
  }

  return {
    register: (functionName: string, registered: DurableFunction): void => void functions.set(functionName, registered),
    /**
     * Starts an execution, or finds the one of that name and with the same function and input. What is answered is true once `written`
     * resolves. Throws DurableExecutionAlreadyStartedException, ResourceNotFoundException, InvalidParameterValueException, TooManyRequestsException.
     */
    start(functionName: string, wantedName: string | undefined, input: string): { arn: string; started: boolean; written: Promise<void> } {
      const { lifeSec } = functionOf(functionName);
      const { value: { execution, started }, written } = store.writeNow(() => {
        const begun = executions.begin(functionName, wantedName, input, version, clock.now());
        if (!begun.started) return begun;
        if (open >= mostOpen && !ALWAYS_TAKEN.test(begun.execution.name) && currentInvocation() === undefined) throw tooMany(open);
        timers.set(begun.execution.name, LIFE, 'deadline', begun.execution.startMs + lifeSec * 1_000);
        open += 1;
        store.afterCommit(() => onStatusChange?.(begun.execution, records.arnOf(begun.execution)));
        return begun;
      });
      if (started) {
        written.catch(() => (open = executions.countOpen()));
        invocations.wake();
      }
      return { arn: records.arnOf(execution), started, written };
    },
    /** Throws ResourceNotFoundException. */
    get: (arn: string): Execution => records.find(arn),
    byName: executions.byName,
    arnOf: records.arnOf,
    /** What an execution did, as far as it is kept. */
    operationsOf: journal.all,
    /** All there are, oldest first. */
    all: executions.all,
    /** What is open, and what it waits for. */
    open: (): OpenExecution[] => describeOpen(records),
    inFlight: invocations.inFlight,
    countOpenByFunction: executions.countOpenByFunction,
    /** Ends it STOPPED, or by another bad end; one that is over stays as it is. On disk first, then its signal. Throws ResourceNotFoundException. */
    stop(arn: string, error?: ErrorObject, status: Exclude<EndStatus, 'SUCCEEDED'> = 'STOPPED'): Promise<void> {
      const { name } = records.find(arn);
      return change(() => records.end(name, status, { error }));
    },
    /** Answers a callback, once. Throws CallbackTimeoutException. */
    succeedCallback: (id: string, result: string | undefined): Promise<void> => change(() => callbacks.settle(id, { status: 'SUCCEEDED', result })),
    failCallback: (id: string, error: ErrorObject): Promise<void> => change(() => callbacks.settle(id, { status: 'FAILED', error })),
    heartbeat: (id: string): Promise<void> => change(() => callbacks.heartbeat(id)),
    /** The calls of the SDK, with plain errors. */
    ...checkpoints,
    /** The same as the SDK takes it. An error says how far it reaches: repeat the invocation, or give the execution up. */
    client: {
      checkpoint: (request) => checkpoints.checkpoint(request).catch(rethrowForSdk),
      getExecutionState: (request) => checkpoints.state(request).catch(rethrowForSdk),
    } satisfies DurableExecutionClient,
    /** Takes up what an earlier process left, and begins. */
    async resume(): Promise<Resumed> {
      const resumed = await store.write(() => takeUp(records, version));
      open = executions.countOpen();
      timers.arm();
      badEnds?.tellAll();
      invocations.begin();
      return resumed;
    },
    /** Forgets executions that ended before `beforeMs`, at most `most`; how many. */
    forgetEnded: (beforeMs: number, most: number): Promise<number> => store.write(() => executions.forget(beforeMs, most)),
    /** Begins nothing more, lets what is in flight settle for so long, and leaves the rest for the next start. */
    async shutDown(withinMs: number): Promise<void> {
      timers.close();
      badEnds?.close();
      await invocations.stop(withinMs);
    },
    close(): void {
      timers.close();
      badEnds?.close();
      invocations.close();
    },
    /** As if the process had died under the invocation of that execution, for tests of deaths. */
    forget: (name: string): void => invocations.forget(name),
    isResting: invocations.isResting,
    /** When the clock has to go on for something to happen. */
    nextAtMs: timers.nextAtMs,
    hasProgress: timers.hasProgress,
  };
}
