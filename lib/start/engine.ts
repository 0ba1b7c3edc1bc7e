import { AppError } from '../core/errors.ts';
import type { Outcome } from '../core/end.ts';
import type { KillRequest, PickRequest, Requested } from '../core/request.ts';
import type { StartId } from '../kill/start-id.ts';

/** The engine did not do what we asked of it; `cause` is its own error. */
export class EngineFailed extends AppError {
  readonly code = 'engine_failed';
  override readonly retryable = true;
  /** It takes no more until some of what is open has ended: to ask again at once is of no use. */
  readonly isFull: boolean;

  constructor(message: string, { isFull = false, ...options }: ErrorOptions & { isFull?: boolean } = {}) {
    super(message, options);
    this.isFull = isFull;
  }

  override get name(): string {
    return 'EngineFailed';
  }
}

/** What runs the executions of one durable function, functions/kill or functions/warn: a name is taken once, and what is started goes on until it ends. All throw EngineFailed. */
export type Engine = {
  /**
   * Asks for a new execution; `exists` where the name is taken, by one that runs or that has ended. An engine that takes no more
   * now, or does not answer, is asked again with the same bytes until `until` (epoch ms); once where that is left out.
   */
  start(name: string, payload: string, until?: number): Promise<'started' | 'exists'>;
  /** What an execution was started with; for one that left nothing in the ledger. */
  inputOf(arn: string): Promise<string>;
  /** Answers an open callback; `late` where it is answered, expired or unknown: the service tells these not apart. */
  answer(callbackId: string, result: string): Promise<'taken' | 'late'>;
  /** So many starts at once are as fast as it gets; 10 where it is left out: as many connections as are kept. */
  startsAtOnce?: number;
};

/**
 * What an execution is started with. `attempt` is random: another delivery of the same event meets "already started" instead of
 * looking like a first start, while a client's own retry sends the same bytes and is a success.
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html
 */
export type KillPayload = { attempt: string } & (
  | ({ kind: 'kill'; request: KillRequest } & StartId)
  /** One round of a warning, in functions/warn: tells people, waits for what they say, and hands on. */
  | ({ kind: 'warn'; request: KillRequest } & StartId)
  /** Lists, picks, and starts a `kill` for each job picked. */
  | ({ kind: 'pick'; request: PickRequest } & StartId)
  /** Closes a start whose execution ended without code of ours; `request` where the ledger may know nothing of it. */
  | ({ kind: 'end'; status: BadStatus; request?: Requested } & StartId)
  /** Says something in the channel. */
  | { kind: 'notice'; text: string }
);

/** How an execution ends that runs no code of ours any more. */
export type BadStatus = 'FAILED' | 'TIMED_OUT' | 'STOPPED';

/** What a finished execution returns, for people who look at it; nothing reads it back. */
export type KillResult = { kill_id: string; outcome: Outcome | 'picked' | 'warned'; answered_by?: string };
