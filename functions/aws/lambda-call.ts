import { type AwsCall, type AwsConnection, AwsRefused, readAwsAnswer, sendToAws } from '../../lib/aws/send-aws.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { EngineFailed } from '../../lib/start/engine.ts';

const LONGEST_MS = 8_000;

/**
 * Makes one call of Lambda's API, once, `what` in words for the error, and gives the fields of its answer; within `withinMs` (8 s unless
 * told otherwise, and never longer). Throws EngineFailed, whose cause is an AwsRefused where Lambda answered.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Reference.html
 */
export type CallLambda = (what: string, call: Pick<AwsCall, 'method' | 'path' | 'body'> & { headers?: Record<string, string>; withinMs?: number }) => Promise<Record<string, unknown>>;

/** `connect` is asked at the first call. */
export function createLambdaCall(connect: () => AwsConnection): CallLambda {
  let connection: AwsConnection | undefined;
  return async (what, { headers = {}, withinMs = LONGEST_MS, ...call }) => {
    connection ??= connect();
    try {
      return readAwsAnswer(await sendToAws(connection, { service: 'lambda', ...call, headers, timeoutMs: Math.min(withinMs, LONGEST_MS) }));
    } catch (cause) {
      const why = cause instanceof AwsRefused ? cause.code : cause instanceof NoAnswer ? cause.message : (cause as Error).name;
      throw new EngineFailed(`${what} failed: ${why}`, { cause });
    }
  };
}
