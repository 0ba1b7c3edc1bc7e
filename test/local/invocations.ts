import type { ErrorObject, ExecutionStatus } from '@aws-sdk/client-lambda';
import { createLimit } from '../../lib/http/limit.ts';
import type { Activity } from './activity.ts';
import type { DurableClock } from './clock.ts';
import type { Execution } from './executions.ts';
import type { DurableFunction } from './functions.ts';
import { recordStatus } from './history.ts';
import { type Checkpoint, invocationContext, invocationEvent } from './invocation-event.ts';
import { visibleOperations } from './operations.ts';
import type { Timers } from './timers.ts';

/** What a checkpoint token is worth: `dead` means that its invocation was killed or is over, so that nobody listens there any more. */
export type TokenState = 'valid' | 'stale' | 'dead' | 'ended';

/** Runs the invocations of executions: at most one of an execution at a time, again after every suspend, crash or throw. */
export type Invocations = {
  /** Invokes the function again, unless it runs already or the execution has ended. */
  wake(execution: Execution): void;
  /** Kills the running invocation, if there is one, and resumes at once. */
  kill(execution: Execution): void;
  end(execution: Execution, status: Exclude<ExecutionStatus, 'RUNNING'>, outcome: { result?: string | undefined; error?: ErrorObject | undefined }): void;
  judgeToken(execution: Execution, token: string): TokenState;
  /** Replaces the running invocation's token and returns the new one. */
  renewToken(execution: Execution): string;
  /** Invokes nothing any more. */
  close(): void;
};

type Parts = {
  clock: DurableClock;
  timers: Timers;
  activity: Activity;
  /** Added to every time the code waits for, ms. */
  shiftMs: number;
  mostAtOnce: number;
  functionOf: (name: string) => DurableFunction;
  checkpoint: Checkpoint;
  onEnd: (execution: Execution) => void;
  onThrow: (execution: Execution, error: unknown) => void;
};

type Invocation = { number: number; token: string; checkpointCallsBefore: number };

/** Makes the run loop out of its parts. */
export function createInvocations({ clock, timers, activity, shiftMs, mostAtOnce, functionOf, checkpoint, onEnd, onThrow }: Parts): Invocations {
  const limit = createLimit(mostAtOnce);
  const queued = new Set<Execution>();
  const running = new Map<Execution, Invocation>();
  const killed = new Map<Execution, Set<number>>();
  const throwsInARow = new Map<Execution, number>();
  let tokens = 0;
  let isClosed = false;

  function wake(execution: Execution): void {
    if (execution.status !== 'RUNNING' || queued.has(execution) || running.has(execution)) return;
    queued.add(execution);
    timers.cancel(execution.arn, 'invocation');
    activity.begin(execution);
    setImmediate(() => {
      void limit(async () => {
        queued.delete(execution);
        if (execution.status === 'RUNNING' && !isClosed) await invoke(execution);
      });
    });
  }

  async function invoke(execution: Execution): Promise<void> {
    const { handler, client } = functionOf(execution.functionName);
    execution.invocations += 1;
    const invocation = { number: execution.invocations, token: '', checkpointCallsBefore: execution.checkpointCalls };
    running.set(execution, invocation);
    const token = renewToken(execution);
    const event = invocationEvent(execution, token, shiftMs, client, checkpoint);
    execution.undelivered.clear();
    const context = invocationContext(execution.functionName, execution.functionArn, `${execution.id}/${invocation.number}`);

    let answer: unknown;
    try {
      answer = await handler(event as never, context as never);
    } catch (error) {
      if (running.get(execution) === invocation) repeatLater(execution, error);
      return;
    }
    if (running.get(execution) !== invocation) return;
    running.delete(execution);
    throwsInARow.delete(execution);
    take(execution, invocation, answer as { Status?: string; Result?: string; Error?: ErrorObject } | undefined);
  }

  /** The service repeats an invocation that threw, with growing pauses, until the execution times out. */
  function repeatLater(execution: Execution, error: unknown): void {
    running.delete(execution);
    const count = throwsInARow.get(execution) ?? 0;
    throwsInARow.set(execution, count + 1);
    const pauseMs = Math.min(60_000, 1000 * 2 ** count);
    timers.set(execution.arn, 'invocation', 'progress', clock.now() + pauseMs, () => wake(execution));
    activity.end(execution);
    onThrow(execution, error);
  }

  function take(execution: Execution, invocation: Invocation, answer: { Status?: string; Result?: string; Error?: ErrorObject } | undefined): void {
    switch (answer?.Status) {
      case 'SUCCEEDED':
        // A result too large for the answer came by a checkpoint before.
        return end(execution, 'SUCCEEDED', { result: answer.Result === '' ? execution.result : answer.Result });
      case 'FAILED':
        return end(execution, 'FAILED', { error: answer.Error });
      case 'PENDING':
        return suspend(execution, invocation);
      default:
        return end(execution, 'FAILED', { error: { ErrorType: 'InvalidOutput', ErrorMessage: `the function answered ${JSON.stringify(answer)}` } });
    }
  }

  function suspend(execution: Execution, { checkpointCallsBefore }: Invocation): void {
    const shown = visibleOperations(execution.operations);
    // A step may be ready without any timer (delay 0). Only after a checkpoint: else the code left it, and would be asked forever.
    const isReady = execution.checkpointCalls > checkpointCallsBefore && shown.some(({ Status: status }) => status === 'READY');
    if (isReady || execution.undelivered.size > 0) return wake(execution);

    const waitsForCallback = shown.some(({ Type: type, Status: status }) => type === 'CALLBACK' && status === 'STARTED');
    if (waitsForCallback || timers.hasProgress(execution.arn)) return activity.end(execution);
    end(execution, 'FAILED', { error: { ErrorType: 'InvalidOutput', ErrorMessage: 'the function answered PENDING, but nothing is pending' } });
  }

  const end: Invocations['end'] = (execution, status, { result, error }) => {
    if (execution.status !== 'RUNNING') return;
    const endMs = clock.now();
    Object.assign(execution, { status, endMs, result, error });
    const own = execution.operations.get(execution.id);
    if (own) execution.operations.set(execution.id, { ...own, Status: status, EndTimestamp: new Date(endMs) });
    running.delete(execution);
    timers.cancelAll(execution.arn);
    recordStatus(execution, endMs);
    activity.end(execution);
    onEnd(execution);
  };

  function renewToken(execution: Execution): string {
    const invocation = running.get(execution);
    tokens += 1;
    const token = `${execution.id}/${invocation?.number}/${tokens}`;
    if (invocation) invocation.token = token;
    return token;
  }

  return {
    wake,
    end,
    renewToken,
    close() {
      isClosed = true;
      running.clear();
    },
    kill(execution) {
      const invocation = running.get(execution);
      if (invocation === undefined) return;
      running.delete(execution);
      killed.set(execution, (killed.get(execution) ?? new Set()).add(invocation.number));
      wake(execution);
    },
    judgeToken(execution, token) {
      const number = Number(/^[^/]+\/(\d+)\/\d+$/.exec(token)?.[1]);
      if (killed.get(execution)?.has(number)) return 'dead';
      if (execution.status !== 'RUNNING') return 'ended';
      const invocation = running.get(execution);
      if (token.startsWith(`${execution.id}/`) && number < (invocation?.number ?? execution.invocations + 1)) return 'dead';
      return invocation?.token === token ? 'valid' : 'stale';
    },
  };
}
