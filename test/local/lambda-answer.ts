import type { ExecutionView } from './execution-view.ts';

/** One request to the Lambda API. */
export type Call = { method: string; url: URL; headers: Readonly<Record<string, string | string[] | undefined>>; body: string };
/** Its answer; `body` is JSON text or empty. */
export type Answer = { status: number; headers?: Record<string, string>; body: string };

/** JSON of an answer's members: times as epoch seconds, what is undefined left out. */
export function json(members: object): Answer {
  return { status: 200, body: JSON.stringify(withEpochSeconds(members)) };
}

function withEpochSeconds(value: unknown, name = ''): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (name.endsWith('Timestamp') && typeof value === 'string') return Date.parse(value) / 1000;
  if (Array.isArray(value)) return value.map((item) => withEpochSeconds(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withEpochSeconds(member, name)]));
}

/** What List says of one execution. */
export function summaryOf({ arn, name, functionArn, status, startMs, endMs }: ExecutionView): object {
  return {
    DurableExecutionArn: arn,
    DurableExecutionName: name,
    FunctionArn: functionArn,
    Status: status,
    StartTimestamp: new Date(startMs),
    ...(endMs !== undefined && { EndTimestamp: new Date(endMs) }),
  };
}
