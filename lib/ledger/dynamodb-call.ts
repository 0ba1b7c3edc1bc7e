import { type AwsConnection, NoAwsCredentials, sendToAws } from '../aws/send-aws.ts';
import type { Clock } from '../core/time.ts';
import { UrlForbidden } from '../http/guard.ts';
import { type HttpAnswer, NoAnswer } from '../http/send.ts';
import { readAnswer, troubleOf } from './dynamodb-trouble.ts';
import { type Call, LedgerFailed } from './port.ts';

export type DynamoConnection = AwsConnection & {
  clock: Clock;
  table: string;
  /** For one try, body included. */
  timeoutMs: number;
};

type Operation = 'UpdateItem' | 'DeleteItem' | 'GetItem' | 'BatchGetItem' | 'BatchWriteItem' | 'Query';

/** A condition that did not hold is an answer, not trouble; `item` is what stands there, where the service says so. */
export type DynamoReply = { held: true; body: Record<string, unknown> } | { held: false; item: unknown };

export type DynamoCall = (operation: Operation, body: object, call: Call) => Promise<DynamoReply>;

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Doubles with each try, spread over its upper half: those who were throttled together do not come back together. */
export function pauseMs(tries: number, random: number): number {
  const ceiling = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  return ceiling / 2 + (ceiling / 2) * random;
}

/**
 * One call of DynamoDB's JSON protocol, again while it is throttled and the deadline allows: nothing else is repeated here.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export function createDynamoCall(connection: DynamoConnection): DynamoCall {
  const { clock } = connection;
  return async (operation, body, call) => {
    for (let tries = 1; ; tries++) {
      try {
        return await tryOnce(connection, operation, body, call);
      } catch (error) {
        if (!(error instanceof LedgerFailed) || error.trouble !== 'throttled' || call.deadline === undefined) throw error;
        await pauseBefore(clock, pauseMs(tries, clock.random()), call.deadline, call.signal, error);
      }
    }
  };
}

/** Waits `ms` before the next try; throws `error` where that would come too late (epoch ms), or the signal ends the wait. */
export async function pauseBefore(clock: Clock, ms: number, deadline: number, signal: AbortSignal | undefined, error: LedgerFailed): Promise<void> {
  if (clock.now() + ms >= deadline) throw error;
  await clock.sleep(ms, signal).catch(() => {
    throw error;
  });
}

async function tryOnce(connection: DynamoConnection, operation: Operation, fields: object, call: Call): Promise<DynamoReply> {
  const leftMs = Math.ceil(Math.min(connection.timeoutMs, (call.deadline ?? Infinity) - connection.clock.now()));
  if (leftMs <= 0) throw new LedgerFailed('unavailable', 'DynamoDB was not asked: no time was left');
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const request = { service: 'dynamodb', method: 'POST', path: '/', headers, body: JSON.stringify(fields), timeoutMs: leftMs, signal: call.signal } as const;
  const answer = await sendToAws(connection, request).catch(explain);
  const read = readAnswer(answer);
  if (read.code === '') return { held: true, body: read.body };
  if (read.code === 'ConditionalCheckFailedException') return { held: false, item: read.body['Item'] };
  throw troubleOf(read, answer.status);
}

function explain(cause: unknown): HttpAnswer {
  if (cause instanceof NoAwsCredentials) throw new LedgerFailed('unavailable', 'there are no AWS credentials for the ledger', { cause: cause.cause });
  if (cause instanceof NoAnswer) throw new LedgerFailed('unavailable', `DynamoDB gave no answer: ${cause.message}`, { cause });
  if (cause instanceof UrlForbidden) throw new LedgerFailed('refused', "DynamoDB's endpoint is none that may be called: check the AWS region", { cause });
  throw cause;
}
