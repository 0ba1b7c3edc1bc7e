import { DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import type { Operation } from '@aws-sdk/client-lambda';
import { invocationContext } from '../../home/engine/invocation-event.ts';
import type { CrashHook, CrashPoint } from '../local/deaths.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { shifted } from '../local/injected-client.ts';
import type { Handler } from '../local/functions.ts';
import type { Pace } from './pace.ts';

type Client = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[1];
type Input = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0];
type Updates = NonNullable<Parameters<Client['checkpoint']>[0]['Updates']>;
export type Answer = { Status: string; Result?: string; Error?: { ErrorType?: string; ErrorMessage?: string } };

/** A callback: `isOpen` until somebody outside answers it, `isSeen` once the code was told. */
export type AwsCallback = { id: string; operationId: string; name: string; isOpen: boolean; isSeen: boolean; cancel: () => void };

/** An execution on a runner of its own. */
export type Run = {
  view: ExecutionView;
  /** The runtime's id of it. */
  id: string;
  /** When a retry, a wait or the end of a callback is due (epoch ms of the stage's clock), by operation. */
  due: Map<string, number>;
  callbacks: Map<string, AwsCallback>;
};

type Parts = { now: () => number; pace: Pace; crash: CrashHook | undefined; expire: (run: Run, callback: AwsCallback) => void };

// So that no wait looks over to the SDK before the runtime says so: it goes to sleep, as it does in Lambda.
const SHIFT_MS = 86_400_000;

/**
 * One invocation as AWS's test runtime makes it, on the stage's time: the runtime is handed delays of nothing, and what is due goes
 * on when the stage's clock is there. Where `crash` says so it dies and is not heard any more, and the handler is called anew with
 * what is on record, which the runtime itself cannot do.
 */
export async function invoke({ now, pace, crash, expire }: Parts, run: Run, handler: Handler, event: DurableExecutionInvocationInputWithClient): Promise<Answer> {
  const { view, due, callbacks } = run;
  const { durableExecutionClient: runtime } = event;
  let token = event.CheckpointToken;

  /** Takes in what the code is told, and waits for its time. */
  async function arrive(operations: readonly Operation[]): Promise<void> {
    for (const { Id: operationId = '', Type: type, Status: status, Name: name = '', CallbackDetails: details } of operations) {
      const dueAt = due.get(operationId);
      if (type === 'CALLBACK') {
        const callback = callbacks.get(operationId) ?? { id: details?.CallbackId ?? '', operationId, name, isOpen: true, isSeen: false, cancel: () => undefined };
        if (!callbacks.has(operationId) && dueAt !== undefined) callback.cancel = pace.deadline(dueAt, () => expire(run, callback));
        due.delete(operationId);
        callbacks.set(operationId, callback);
        callback.isSeen ||= status !== 'STARTED';
      } else if (dueAt !== undefined && (status === 'READY' || status === 'SUCCEEDED')) {
        due.delete(operationId);
        await pace.until(run, dueAt);
      }
    }
  }

  async function attempt(operations: Operation[]): Promise<Answer> {
    const death = Promise.withResolvers<'died'>();
    let isDead = false;
    const die = (point: CrashPoint, updates: Updates): Promise<never> | undefined => {
      const told = updates.map(({ Type: type, Name: name, Action: action }) => ({ type: String(type), action: String(action), ...(name !== undefined && { name }) }));
      isDead ||= crash?.({ point, call: view.checkpointCalls, executionName: view.name, operations: told }) === true;
      if (isDead) death.resolve('died');
      return isDead ? new Promise(() => undefined) : undefined;
    };
    const client: Client = {
      getExecutionState: (...request) => runtime.getExecutionState(...request),
      async checkpoint({ Updates: updates = [], ...request }, logger) {
        if (!isDead) view.checkpointCalls += 1;
        await die('before-checkpoint', updates);
        const answer = await runtime.checkpoint({ ...request, CheckpointToken: token, Updates: updates.map((update) => hasten(run, update, now())) }, logger);
        token = answer.CheckpointToken ?? token;
        const changed = (answer.NewExecutionState?.Operations ?? []) as Operation[];
        await arrive(changed);
        await die('after-checkpoint', updates);
        return { ...answer, NewExecutionState: { Operations: changed.map((operation) => shifted(operation, SHIFT_MS)) } } as typeof answer;
      },
    };
    view.invocations += 1;
    const InitialExecutionState = { Operations: operations.map((operation) => shifted(operation, SHIFT_MS)), NextMarker: '' };
    const input = { DurableExecutionArn: event.DurableExecutionArn, CheckpointToken: token, InitialExecutionState } as Input;
    const context = invocationContext(view.functionName, view.functionArn, `${view.name}/${view.invocations}`);
    const answer = await Promise.race([death.promise, handler(new DurableExecutionInvocationInputWithClient(input, client) as never, context as never)]);
    return answer === 'died' ? attempt(await record()) : (answer as Answer);
  }

  async function record(): Promise<Operation[]> {
    const { Operations: operations = [] } = await runtime.getExecutionState({ DurableExecutionArn: event.DurableExecutionArn, CheckpointToken: token });
    return operations as Operation[];
  }

  const begun = event.InitialExecutionState.Operations as Operation[];
  await arrive(begun);
  const answer = await attempt(begun);
  // With no delay it is ready at once, but not yet on the stage's time.
  view.operations = (await record()).map((operation) => (operation.Status === 'READY' && due.has(operation.Id ?? '') ? { ...operation, Status: 'PENDING' } : operation));
  return answer;
}

/** The update with no delay; when it is due is noted with the run. The runtime's own time-out of a callback runs by the wall clock. */
function hasten({ due }: Run, update: Updates[number], nowMs: number): Updates[number] {
  const { Id: id = '', StepOptions: step, WaitOptions: wait, CallbackOptions: callback } = update;
  const seconds = step?.NextAttemptDelaySeconds ?? wait?.WaitSeconds ?? callback?.TimeoutSeconds;
  if (seconds === undefined) return update;
  due.set(id, nowMs + seconds * 1_000);
  if (callback) return { ...update, CallbackOptions: {} };
  return step ? { ...update, StepOptions: { NextAttemptDelaySeconds: 0 } } : { ...update, WaitOptions: { WaitSeconds: 0 } };
}
