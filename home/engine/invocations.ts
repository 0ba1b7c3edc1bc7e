import type { Execution } from './executions.ts';
import { type InvocationEvent, invocationEvent } from './invocation-event.ts';
import { type DurableFunction, invoke } from './invoke.ts';
import { createOutcomes } from './outcomes.ts';
import { createPlaces } from './places.ts';
import type { Records } from './records.ts';
import { createRunnings, type Running } from './running.ts';
import { invalidParameter, invalidToken } from './service-error.ts';

/** Runs the invocations: one of an execution at a time, again after each wait, throw or death. */
export type Invocations = ReturnType<typeof createInvocations>;

export type InvocationOptions = {
  functionOf: (functionName: string) => DurableFunction;
  /** So many at once, those not counted that wait aside; the others wait, what goes on before what is new. */
  most: number;
  defer: (run: () => void) => void;
  /** An invocation threw, and will be repeated. */
  onThrow: (execution: Execution, error: unknown) => void;
  /** An invocation that was revoked has not settled within `settlesWithinMs`: only the end of the process ends it. */
  settlesWithinMs: number;
  onStuck: (name: string) => void;
  /** Nothing runs and nothing waits for its turn. */
  onRest: () => void;
  onTrouble: (error: unknown) => void;
};

const AGAIN_AFTER_MS = 1_000;
const MOST_AT_ONCE = 1_000;
/** What waits aside is in memory all the same: with them it is at most so many times `most`. */
const MOST_WITH_ASIDE = 10;

/** Makes the run loop over the records. */
export function createInvocations(records: Records, { functionOf, most, defer, settlesWithinMs, onThrow, onStuck, onRest, onTrouble }: InvocationOptions) {
  const { store, executions, journal } = records;
  const { take, leave } = createOutcomes(records);
  const { make, renewToken } = createRunnings({ settlesWithinMs, onStuck });
  const functions = { functionOf, functionArn: records.functionArn };
  const running = new Map<string, Running>();
  const places = createPlaces(most, wake);
  let isDue = false;
  let isBegun = false;
  let isStopping = false;
  let isClosed = false;

  /** Looks for what is to be invoked, when this turn is over. */
  function wake(): void {
    if (isDue || !isBegun || isClosed || isStopping) return;
    isDue = true;
    defer(pump);
  }

  function pump(): void {
    isDue = false;
    const free = Math.min(places.countFree(), MOST_WITH_ASIDE * most - running.size, MOST_AT_ONCE);
    if (isClosed || isStopping || free <= 0) return;
    try {
      const next = executions.nextQueued(free, ![...running.values()].some(({ mayBeDeadly }) => mayBeDeadly));
      if (next.length === 0) return restIfIdle();
      const { value: begun, written } = store.writeNow(() => next.flatMap(start));
      for (const { invocation } of begun) {
        invocation.place = places.take();
        running.set(invocation.name, invocation);
      }
      written.then(
        () => begun.forEach(({ invocation, event }) => void run(invocation, event)),
        (error: unknown) => {
          for (const { invocation } of begun) drop(invocation);
          failed(error);
        },
      );
      if (next.length === MOST_AT_ONCE) wake();
    } catch (error) {
      failed(error);
    }
  }

  function failed(error: unknown): void {
    onTrouble(error);
    setTimeout(wake, AGAIN_AFTER_MS);
  }

  /** Within a write: on record before anything runs, so that its death can be counted. */
  function start(execution: Execution): { invocation: Running; event: InvocationEvent }[] {
    try {
      return [startOne(execution)];
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      records.endUnreadable(execution.name, error);
      return [];
    }
  }

  function startOne(execution: Execution): { invocation: Running; event: InvocationEvent } {
    executions.markRunning(execution.name);
    const updated = journal.news(execution.name).map(({ Id: id = '' }) => id);
    journal.clearNews(execution.name);
    const invocation = make(execution);
    return { invocation, event: invocationEvent(execution, records.arnOf(execution), invocation.token ?? '', journal.all(execution.name), updated) };
  }

  async function run(invocation: Running, event: InvocationEvent): Promise<void> {
    const { execution, name } = invocation;
    const outcome = await invoke(functions, invocation, event);
    invocation.over();
    if (running.get(name) !== invocation || isClosed) return;
    invocation.token = undefined;
    // Until it is on record the execution stays as it is, and nothing else of it may begin.
    while (!isClosed) {
      try {
        await store.write(() => (isStopping ? leave(name) : take(invocation, outcome)));
        break;
      } catch (error) {
        onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
    drop(invocation);
    if (outcome.kind === 'threw' && !isStopping) onThrow(execution, outcome.error);
    wake();
    restIfIdle();
  }

  function drop(invocation: Running): void {
    invocation.place?.leave();
    if (running.get(invocation.name) === invocation) running.delete(invocation.name);
  }

  function restIfIdle(): void {
    if (running.size === 0 && !isDue) onRest();
  }

  return {
    wake,
    /** From now on what is queued is invoked: what an earlier process left is in order. */
    begin(): void {
      isBegun = true;
      wake();
    },
    renewToken,
    /** The invocation that holds `token`. Throws InvalidParameterValueException: for good where the execution has ended, else for this invocation. */
    holding(execution: Execution, token: string | undefined): Running {
      if (execution.status !== 'RUNNING') throw invalidParameter(`Durable execution ${execution.name} has already ended: ${execution.status}`);
      const invocation = running.get(execution.name);
      if (invocation?.token === undefined || invocation.token !== token) throw invalidToken('it is not the latest one');
      return invocation;
    },
    /** The names in flight. */
    inFlight: (): string[] => [...running.keys()],
    isResting: (): boolean => running.size === 0 && !isDue,
    isStopping: (): boolean => isStopping,
    /** What runs of that execution may do nothing more. */
    revoke: (name: string): void => running.get(name)?.revoke(),
    /** As if the process had died under it: what still runs is not heard any more, and the execution is invoked again. */
    forget(name: string): void {
      const invocation = running.get(name);
      if (invocation === undefined) return;
      invocation.token = undefined;
      invocation.over();
      drop(invocation);
      store.writeNow(() => leave(name)).written.catch(onTrouble);
      wake();
    },
    /** Begins nothing more; resolves when what is in flight has settled, at the latest after `withinMs`: that is revoked and left for the next start. */
    async stop(withinMs: number): Promise<void> {
      isStopping = true;
      const until = performance.now() + withinMs;
      while (running.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      const left = [...running.values()];
      for (const invocation of left) {
        invocation.revoke();
        invocation.over();
      }
      running.clear();
      if (left.length > 0) await store.write(() => left.forEach(({ name }) => leave(name))).catch(onTrouble);
    },
    close(): void {
      isClosed = true;
      for (const invocation of running.values()) invocation.over();
      running.clear();
    },
  };
}
