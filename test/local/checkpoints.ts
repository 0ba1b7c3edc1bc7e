import type { CallbackOptions, GetDurableExecutionStateRequest, GetDurableExecutionStateResponse, Operation, OperationUpdate } from '@aws-sdk/client-lambda';
import type { Callbacks } from './callbacks.ts';
import type { DurableClock } from './clock.ts';
import type { Execution, ExecutionTable } from './executions.ts';
import { recordOperation } from './history.ts';
import { type Checkpoint, shifted, shownOperations } from './invocation-event.ts';
import type { Invocations } from './invocations.ts';
import { applyUpdate, settleOperation } from './operations.ts';
import { invalidParameter, notFound, ServiceError } from './service-error.ts';
import type { Timers } from './timers.ts';

/** Before or after a checkpoint call takes effect: the two moments at which an invocation can be made to die there. */
export type CrashPoint = 'before-checkpoint' | 'after-checkpoint';

/** Asked at every checkpoint call; true kills the running invocation at that moment. `call` counts the execution's calls from 1. */
export type CrashHook = (at: {
  point: CrashPoint;
  call: number;
  executionName: string;
  operations: { type: string; name?: string; action: string }[];
}) => boolean;

/** The two calls the durable SDK makes. */
export type Checkpoints = {
  take: Checkpoint;
  state: (request: GetDurableExecutionStateRequest) => Promise<GetDurableExecutionStateResponse>;
  /** Tells the code of a change that did not come from it. */
  changeFromOutside: (execution: Execution, operation: Operation, change: Partial<Operation>) => void;
  /** Lets go of dead clients that still wait for an answer: they get an error and tidy up their timers. */
  close: () => void;
};

type Parts = {
  clock: DurableClock;
  timers: Timers;
  executions: ExecutionTable;
  invocations: Invocations;
  callbacks: Callbacks;
  shiftMs: number;
  crash: CrashHook | undefined;
};

/** Makes the checkpoint API out of its parts. https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html */
export function createCheckpoints({ clock, timers, executions, invocations, callbacks, shiftMs, crash }: Parts): Checkpoints {
  const hanging = new Set<(error: Error) => void>();
  let isClosed = false;

  function neverAnswer(): Promise<never> {
    if (isClosed) throw closedError();
    return new Promise((_, reject) => hanging.add(reject));
  }

  function find(arn: string | undefined): Execution {
    const execution = executions.byArn(arn ?? '');
    if (execution === undefined) throw notFound(`Durable execution ${arn}`);
    return execution;
  }

  /** Whether the caller is alive; throws for a token that is not the latest one of its invocation. */
  function admit(execution: Execution, token: string | undefined): boolean {
    const state = invocations.judgeToken(execution, token ?? '');
    switch (state) {
      case 'dead':
        return false;
      case 'ended':
        throw invalidParameter(`Durable execution ${execution.name} has already ended: ${execution.status}`);
      case 'stale':
        throw invalidParameter('Invalid Checkpoint Token: it is not the latest one');
      case 'valid':
        return true;
    }
  }

  const changeFromOutside: Checkpoints['changeFromOutside'] = (execution, operation, change) => {
    const settled = settleOperation(execution.operations, operation, change);
    execution.undelivered.add(settled.Id ?? '');
    if (settled.EndTimestamp) recordOperation(execution, settled, clock.now());
    invocations.wake(execution);
  };

  function apply(execution: Execution, update: OperationUpdate): Operation | undefined {
    if (update.Type === 'EXECUTION') {
      execution.result = update.Payload;
      return undefined;
    }
    const operation = applyUpdate(execution.operations, update, clock.now(), callbacks.idOf(execution, update.Id ?? ''));
    recordOperation(execution, operation, clock.now());
    arm(execution, operation, update.CallbackOptions);
    return operation;
  }

  function arm(execution: Execution, operation: Operation, callbackOptions: CallbackOptions | undefined): void {
    const id = operation.Id ?? '';
    const retryAt = operation.StepDetails?.NextAttemptTimestamp;
    if (operation.Status === 'PENDING' && retryAt) {
      const StepDetails = { ...operation.StepDetails, NextAttemptTimestamp: undefined };
      const makeReady = (): void => changeFromOutside(execution, operation, { Status: 'READY', StepDetails });
      timers.set(execution.arn, id, 'progress', retryAt.getTime(), makeReady);
    }
    const endsAt = operation.WaitDetails?.ScheduledEndTimestamp;
    if (operation.Type === 'WAIT' && operation.Status === 'STARTED' && endsAt) {
      const finish = (): void => changeFromOutside(execution, operation, { Status: 'SUCCEEDED', EndTimestamp: endsAt });
      timers.set(execution.arn, id, 'progress', endsAt.getTime(), finish);
    }
    if (operation.Status === 'CANCELLED') timers.cancel(execution.arn, id);
    if (operation.Type === 'CALLBACK' && operation.Status === 'STARTED') callbacks.open(execution, operation, callbackOptions ?? {});
  }

  return {
    changeFromOutside,
    async take({ DurableExecutionArn: arn, CheckpointToken: token, Updates: updates = [] }) {
      const execution = find(arn);
      if (!admit(execution, token)) return neverAnswer();

      execution.checkpointCalls += 1;
      const call = execution.checkpointCalls;
      const diesAt = (point: CrashPoint): boolean =>
        crash?.({ point, call, executionName: execution.name, operations: updates.map(summary) }) ?? false;

      if (diesAt('before-checkpoint')) {
        invocations.kill(execution);
        return neverAnswer();
      }
      const changed = updates.map((update) => apply(execution, update)?.Id ?? '');
      if (diesAt('after-checkpoint')) {
        invocations.kill(execution);
        return neverAnswer();
      }
      const told = [...new Set([...changed, ...execution.undelivered])].flatMap((id) => execution.operations.get(id) ?? []);
      execution.undelivered.clear();
      return {
        CheckpointToken: invocations.renewToken(execution),
        NewExecutionState: { Operations: told.map((operation) => shifted(operation, shiftMs)) },
      };
    },
    async state({ DurableExecutionArn: arn, CheckpointToken: token, Marker: marker, MaxItems: maxItems }) {
      const execution = find(arn);
      if (!admit(execution, token)) return neverAnswer();
      const all = shownOperations(execution, shiftMs);
      const from = Number(marker ?? 0);
      const to = from + (maxItems === undefined || maxItems === 0 ? 1000 : maxItems);
      return { Operations: all.slice(from, to), ...(to < all.length && { NextMarker: String(to) }) };
    },
    close() {
      isClosed = true;
      for (const reject of hanging) reject(closedError());
      hanging.clear();
    },
  };
}

function closedError(): ServiceError {
  return new ServiceError('ServiceException', 500, 'the backend is closed');
}

function summary({ Type: type, Name: name, Action: action }: OperationUpdate): { type: string; name?: string; action: string } {
  return { type: String(type), action: String(action), ...(name !== undefined && { name }) };
}
