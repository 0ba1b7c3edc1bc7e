import type {
  CallbackOptions, CheckpointDurableExecutionRequest, CheckpointDurableExecutionResponse, GetDurableExecutionStateRequest, GetDurableExecutionStateResponse, OperationUpdate,
} from '@aws/durable-execution-sdk-js';
import type { Callbacks } from './callbacks.ts';
import { checkUpdates } from './check-updates.ts';
import type { Execution } from './executions.ts';
import { executionOperation } from './invocation-event.ts';
import type { Invocations } from './invocations.ts';
import { applyUpdate, type Operation, visibleOperations } from './operations.ts';
import type { Records } from './records.ts';
import { invalidParameter, invalidToken } from './service-error.ts';

/** The two calls that the durable SDK makes. https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html */
export type Checkpoints = {
  checkpoint(request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse>;
  state(request: GetDurableExecutionStateRequest): Promise<GetDurableExecutionStateResponse>;
};

/** As Lambda's own limit: a run of ours takes 12 to 85. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_OPERATIONS = 3_000;
const PAGE = 1_000;

/** Makes the calls out of the parts of one engine. */
export function createCheckpoints(records: Records, invocations: Invocations, callbacks: Callbacks): Checkpoints {
  const { store, clock, executions, journal, timers } = records;

  /** Within a write; the operation as it is now. */
  function apply(execution: Execution, update: OperationUpdate): Operation | undefined {
    if (update.Type === 'EXECUTION') {
      executions.keepResult(execution.name, update.Payload);
      return undefined;
    }
    const options = update.CallbackOptions ?? {};
    const operation = applyUpdate((id) => journal.find(execution.name, id), update, clock.now(), callbacks.idOf(execution, update.Id ?? '', options));
    journal.put(execution.name, operation, false);
    arm(execution, operation, options);
    return operation;
  }

  function arm(execution: Execution, operation: Operation, callbackOptions: CallbackOptions): void {
    const { Id: id = '', StepDetails: step, WaitDetails: wait } = operation;
    const at = step?.NextAttemptTimestamp ?? wait?.ScheduledEndTimestamp;
    if (at !== undefined) timers.set(execution.name, id, 'progress', new Date(at).getTime());
    if (operation.Status === 'CANCELLED') timers.cancel(execution.name, id);
    if (operation.Type === 'CALLBACK') callbacks.open(execution, operation, callbackOptions);
  }

  /** Within a write: applies all of them or none, and returns what the code is to be told. */
  function applyAll(execution: Execution, updates: readonly OperationUpdate[]): Operation[] {
    checkUpdates(updates, (id) => journal.find(execution.name, id));
    executions.noteCheckpoint(execution.name, updates.some(getsFurther));
    const changed = updates.flatMap((update) => apply(execution, update) ?? []);
    if (updates.length > 0 && journal.count(execution.name) > MOST_OPERATIONS) throw invalidParameter(`an execution has at most ${MOST_OPERATIONS} operations`);
    const told = new Map([...changed, ...journal.news(execution.name)].map((operation) => [operation.Id, operation]));
    journal.clearNews(execution.name);
    return [...told.values()];
  }

  return {
    async checkpoint({ DurableExecutionArn: arn, CheckpointToken: token, Updates: updates = [] }) {
      const execution = records.find(arn);
      const invocation = invocations.holding(execution, token);
      // Before the process ends: what was done is put on record, and nothing more is begun.
      const isStopping = invocations.isStopping();
      invocation.token = undefined; // no second call by it meanwhile
      try {
        const { value: told, written } = store.writeNow(() => applyAll(execution, isStopping ? updates.filter(getsFurther) : updates));
        await written;
        invocation.calls += 1;
        if (invocation.mayBeDeadly && updates.some(getsFurther)) {
          invocation.mayBeDeadly = false;
          invocations.wake();
        }
        if (isStopping) throw invalidToken('the process is about to end');
        return { CheckpointToken: invocations.renewToken(invocation), NewExecutionState: { Operations: told } };
      } catch (error) {
        if (!invocation.signal.aborted) invocation.token = token;
        throw error;
      }
    },
    async state({ DurableExecutionArn: arn, CheckpointToken: token, Marker: marker, MaxItems: maxItems = 0 }) {
      const execution = records.find(arn);
      invocations.holding(execution, token);
      const all = [executionOperation(execution), ...visibleOperations(journal.all(execution.name))];
      const from = Number(marker ?? 0);
      const to = from + (maxItems === 0 ? PAGE : maxItems);
      return { Operations: all.slice(from, to), ...(to < all.length && { NextMarker: String(to) }) };
    },
  };
}

/** Whether something was done by then, and not only begun. */
function getsFurther({ Action: action }: OperationUpdate): boolean {
  return action !== 'START';
}
