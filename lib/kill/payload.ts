import type { KillRequest, PickRequest } from '../core/request.ts';

/**
 * What the durable function is started with. `attempt` is random: another delivery of the same event meets "already started"
 * instead of looking like a first start, while the SDK's own retry sends the same bytes and is a success.
 * https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-idempotency.html
 */
export type KillPayload = { attempt: string } & (
  | { kind: 'kill'; request: KillRequest }
  /** Lists, picks, and starts a `kill` for each job picked. */
  | { kind: 'pick'; request: PickRequest }
  /** Says something in the channel. */
  | { kind: 'notice'; text: string }
);

/** What a finished execution returns, and what a later start and the history read of it. */
export type KillResult = { kill_id: string; outcome: string; answered_by?: string };
