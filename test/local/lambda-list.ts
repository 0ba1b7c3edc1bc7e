import type { ExecutionStatus } from '@aws-sdk/client-lambda';
import type { DurableBackend } from './durable-backend.ts';
import type { ExecutionFilter } from './execution-filter.ts';
import { VERSION } from './function-name.ts';
import { type Answer, type Call, json, summaryOf } from './lambda-answer.ts';
import { invalidParameter } from '../../home/engine/service-error.ts';

const MOST_ITEMS = 1000;
const STATUSES: readonly string[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED'] satisfies ExecutionStatus[];

/** ListDurableExecutionsByFunction: newest first. https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html */
export function answerList(backend: DurableBackend, functionName: string, { url: { searchParams: query } }: Call): Answer {
  const { name, qualifier } = backend.kindOf(functionName);
  const asked = query.get('Qualifier') ?? qualifier ?? VERSION;
  // Every alias points to the one version there is; another version, or $LATEST, ran nothing.
  const isOtherVersion = /^(\d+|\$.*)$/.test(asked) && asked !== VERSION;
  const executions = isOtherVersion ? [] : backend.list({ functionName: name, ...filterOf(query) });
  const { items, nextMarker } = pageOf(executions, query, ({ arn }) => arn);
  return json({ DurableExecutions: items.map(summaryOf), NextMarker: nextMarker });
}

/**
 * Cuts one page by `MaxItems` (default 100, 0 too, at most 1000) and `Marker`. A marker names the last item of its page, so
 * that what begins between two pages shifts nothing. Throws InvalidParameterValueException.
 */
export function pageOf<Item>(all: readonly Item[], query: URLSearchParams, keyOf: (item: Item) => string): { items: Item[]; nextMarker?: string } {
  const maxItems = Number(query.get('MaxItems') ?? 0);
  if (!Number.isInteger(maxItems) || maxItems < 0 || maxItems > MOST_ITEMS) throw invalidParameter(`MaxItems must be 0 to ${MOST_ITEMS}`);
  const marker = query.get('Marker') ?? '';
  const last = marker === '' ? -1 : all.findIndex((item) => encode(keyOf(item)) === marker);
  if (marker !== '' && last < 0) throw invalidParameter('Marker is not one of this list');

  const from = last + 1;
  const items = all.slice(from, from + (maxItems === 0 ? 100 : maxItems));
  const end = items.at(-1);
  return from + items.length < all.length && end !== undefined ? { items, nextMarker: encode(keyOf(end)) } : { items };
}

function filterOf(query: URLSearchParams): ExecutionFilter {
  const executionName = query.get('DurableExecutionName');
  const statuses = query.getAll('Statuses');
  const startedAfterMs = timeOf(query, 'StartedAfter');
  const startedBeforeMs = timeOf(query, 'StartedBefore');
  for (const status of statuses) if (!STATUSES.includes(status)) throw invalidParameter(`${status} is no status`);
  return {
    ...(executionName !== null && { executionName }),
    ...(statuses.length > 0 && { statuses: statuses as ExecutionStatus[] }),
    ...(startedAfterMs !== undefined && { startedAfterMs }),
    ...(startedBeforeMs !== undefined && { startedBeforeMs }),
    oldestFirst: query.get('ReverseOrder') === 'true',
  };
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidParameter(`${name} is no time`);
  return ms;
}

function encode(key: string): string {
  return Buffer.from(key).toString('base64url');
}
