import type { CheckpointDurableExecutionRequest, ErrorObject } from '@aws-sdk/client-lambda';
import type { DurableBackend } from './durable-backend.ts';
import type { ExecutionView } from './execution-view.ts';
import { type Answer, type Call, json, summaryOf } from './lambda-answer.ts';
import { answerInvoke } from './lambda-invoke.ts';
import { answerList } from './lambda-list.ts';
import { notFound, ServiceError } from '../../home/engine/service-error.ts';

type Route = { method: string; path: RegExp; answer: (backend: DurableBackend, key: string, call: Call) => Answer | Promise<Answer> };

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/invocations$/, answer: answerInvoke },
  { method: 'GET', path: /^\/2025-12-01\/functions\/([^/]+)\/durable-executions$/, answer: answerList },
  { method: 'GET', path: /^\/2025-12-01\/durable-executions\/([^/]+)$/, answer: answerGet },
  { method: 'GET', path: /^\/2025-12-01\/durable-executions\/([^/]+)\/state$/, answer: answerState },
  { method: 'POST', path: /^\/2025-12-01\/durable-executions\/([^/]+)\/checkpoint$/, answer: answerCheckpoint },
  { method: 'POST', path: /^\/2025-12-01\/durable-executions\/([^/]+)\/stop$/, answer: answerStop },
  { method: 'POST', path: /^\/2025-12-01\/durable-execution-callbacks\/([^/]+)\/succeed$/, answer: answerSucceed },
  { method: 'POST', path: /^\/2025-12-01\/durable-execution-callbacks\/([^/]+)\/fail$/, answer: answerFail },
  { method: 'POST', path: /^\/2025-12-01\/durable-execution-callbacks\/([^/]+)\/heartbeat$/, answer: answerHeartbeat },
];

/** Answers one call of the Lambda API (paths as in the service model of `@aws-sdk/client-lambda`); throws a ServiceError for an error answer. */
export async function answerLambdaCall(backend: DurableBackend, call: Call): Promise<Answer> {
  for (const { method, path, answer } of ROUTES) {
    const [, key] = path.exec(call.url.pathname) ?? [];
    if (key !== undefined && method === call.method) return answer(backend, decodeURIComponent(key), call);
  }
  throw new ServiceError('UnknownOperationException', 404, `${call.method} ${call.url.pathname} is not served here`);
}

function find(backend: DurableBackend, arn: string): ExecutionView {
  const execution = backend.get(arn);
  if (execution === undefined) throw notFound(`Durable execution ${arn}`);
  return execution;
}

function answerGet(backend: DurableBackend, arn: string, { url }: Call): Answer {
  const execution = find(backend, arn);
  const hasData = url.searchParams.get('IncludeExecutionData') !== 'false';
  const data = hasData && { InputPayload: execution.input, Result: execution.result, Error: execution.error };
  return json({ ...summaryOf(execution), Version: execution.functionArn.split(':').at(-1), ExecutionDataIncluded: hasData, ...data });
}

async function answerState(backend: DurableBackend, arn: string, { url: { searchParams: query } }: Call): Promise<Answer> {
  return json(
    await backend.state({
      DurableExecutionArn: arn,
      CheckpointToken: query.get('CheckpointToken') ?? '',
      Marker: query.get('Marker') ?? undefined,
      MaxItems: query.has('MaxItems') ? Number(query.get('MaxItems')) : undefined,
    }),
  );
}

async function answerCheckpoint(backend: DurableBackend, arn: string, { body }: Call): Promise<Answer> {
  const request = JSON.parse(body) as CheckpointDurableExecutionRequest;
  return json(await backend.checkpoint({ ...request, DurableExecutionArn: arn }));
}

function answerStop(backend: DurableBackend, arn: string, { body }: Call): Answer {
  backend.stop(arn, errorObject(body));
  const { endMs = 0 } = find(backend, arn);
  return json({ StopTimestamp: new Date(endMs) });
}

function answerSucceed(backend: DurableBackend, id: string, { body }: Call): Answer {
  backend.succeedCallback(id, body === '' ? undefined : body);
  return json({});
}

function answerFail(backend: DurableBackend, id: string, { body }: Call): Answer {
  backend.failCallback(id, errorObject(body) ?? {});
  return json({});
}

function answerHeartbeat(backend: DurableBackend, id: string): Answer {
  backend.heartbeat(id);
  return json({});
}

function errorObject(body: string): ErrorObject | undefined {
  return body === '' ? undefined : (JSON.parse(body) as ErrorObject);
}
