import { AppError } from '../core/errors.ts';
import type { Outcome } from '../core/end.ts';
import type { KillRequest, PickRequest } from '../core/request.ts';

/** The engine did not do what we asked of it; `cause` is its own error. */
export class EngineFailed extends AppError {
  readonly code = 'engine_failed';
  override readonly retryable = true;
}

/** One durable execution, as the engine lists it. */
export type Execution = { arn: string; name: string; status: ExecutionStatus; startedAt: Date; endedAt?: Date };
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
export type ExecutionDetail = { status: ExecutionStatus; input: string; result?: string; error?: string };

/** What runs the executions of functions/kill: a name is taken once, and what is started goes on until it ends. All throw EngineFailed. */
export type Engine = {
  /** Asks for a new execution; `exists` where the name is taken, by one that runs or that has ended. */
  start(name: string, payload: string): Promise<'started' | 'exists'>;
  /** Newest first. On Lambda one call a page of 1000; the quota is 15 a second and region. */
  list(filter: { startedAfter: Date; mostPages: number }): AsyncGenerator<Execution, void, undefined>;
  get(arn: string): Promise<ExecutionDetail>;
  /** Answers an open callback; `late` where it is answered, expired or unknown: the service tells these not apart. */
  answer(callbackId: string, result: string): Promise<'taken' | 'late'>;
};

/**
 * What an execution is started with. `attempt` is random: another delivery of the same event meets "already started" instead of
 * looking like a first start, while a client's own retry sends the same bytes and is a success.
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html
 */
export type KillPayload = { attempt: string } & (
  | { kind: 'kill'; request: KillRequest }
  /** Lists, picks, and starts a `kill` for each job picked. */
  | { kind: 'pick'; request: PickRequest }
  /** Says something in the channel. */
  | { kind: 'notice'; text: string }
);

/** What a finished execution returns, and what a later start and the history read of it; a pick that handed on has `picked`. */
export type KillResult = { kill_id: string; outcome: Outcome | 'picked'; answered_by?: string };
