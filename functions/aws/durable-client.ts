import { randomUUID } from 'node:crypto';
import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js';
import { type AwsCall, type AwsConnection, AwsRefused, readAwsAnswer, sendToAws } from '../../lib/aws/send-aws.ts';
import type { Clock } from '../../lib/core/time.ts';
import { fieldsOf } from '../../lib/http/json.ts';
import { NoAnswer } from '../../lib/http/send.ts';

type StateAnswer = Awaited<ReturnType<DurableExecutionClient['getExecutionState']>>;
type CheckpointAnswer = Awaited<ReturnType<DurableExecutionClient['checkpoint']>>;
type Fields = Record<string, unknown>;

const TIMEOUT_MS = 55_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const FIRST_THROTTLED_PAUSE_MS = 500;

/**
 * What the durable SDK calls of Lambda, without the AWS SDK that it would load for it: the same calls, three tries as there, with the
 * same bytes. Throws errors of the AWS SDK's shape, by which the durable SDK tells what ends an execution from what passes.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html
 */
export function createDurableClient(connect: () => AwsConnection, clock: Clock): DurableExecutionClient {
  let connection: AwsConnection | undefined;
  const call = async (request: Pick<AwsCall, 'method' | 'path' | 'body'>): Promise<Fields> => {
    connection ??= connect();
    for (let tries = 1; ; tries++) {
      try {
        return readAwsAnswer(await sendToAws(connection, { service: 'lambda', headers: { 'content-type': 'application/json' }, timeoutMs: TIMEOUT_MS, ...request }));
      } catch (error) {
        if (tries === TRIES || !passes(error)) throw asSdkError(error);
        await clock.sleep(pauseMs(error, tries) * clock.random());
      }
    }
  };
  return {
    async getExecutionState({ DurableExecutionArn: arn, CheckpointToken: token, Marker: marker, MaxItems: most }) {
      const query = Object.entries({ CheckpointToken: token, Marker: marker, MaxItems: most }).flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []));
      const answer = await call({ method: 'GET', path: `${pathOf(arn)}/state?${query.join('&')}`, body: '' });
      return withDates(answer) as StateAnswer;
    },
    async checkpoint({ DurableExecutionArn: arn, ...fields }) {
      const body = JSON.stringify({ ...fields, ClientToken: fields.ClientToken ?? randomUUID() });
      const { NewExecutionState: state, ...answer } = await call({ method: 'POST', path: `${pathOf(arn)}/checkpoint`, body });
      const read: object = { ...answer, ...(state === undefined ? {} : { NewExecutionState: withDates(fieldsOf(state) ?? {}) }) };
      return read as CheckpointAnswer;
    },
  };
}

const pathOf = (arn: string | undefined): string => `/2025-12-01/durable-executions/${encodeURIComponent(arn ?? '')}`;

function passes(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof AwsRefused && (isThrottled(error) || error.status >= 500));
}

const isThrottled = ({ status, code }: AwsRefused): boolean => status === 429 || /Thrott|TooManyRequests/.test(code);

/** At most; the pause is a random part of it. */
function pauseMs(error: unknown, tries: number): number {
  const first = error instanceof AwsRefused && isThrottled(error) ? FIRST_THROTTLED_PAUSE_MS : FIRST_PAUSE_MS;
  return first * 2 ** (tries - 1);
}

function asSdkError(error: unknown): unknown {
  if (!(error instanceof AwsRefused)) return error;
  return Object.assign(new Error(error.said || error.code, { cause: error }), { name: error.code, $metadata: { httpStatusCode: error.status } });
}

/** In JSON a time is a number of seconds; the SDK's clients make it a Date. */
function withDates(state: Fields): object {
  const operations = Array.isArray(state['Operations']) ? state['Operations'].map((operation) => datesIn(fieldsOf(operation) ?? {})) : [];
  return { ...state, Operations: operations };
}

function datesIn(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (name.endsWith('Timestamp') && typeof value === 'number') return [name, new Date(value * 1_000)];
      return [name, name.endsWith('Details') ? datesIn(fieldsOf(value) ?? {}) : value];
    }),
  );
}
