import type { DurableBackend } from './durable-backend.ts';
import type { ExecutionView } from './execution-view.ts';
import { VERSION } from './function-name.ts';
import type { Answer, Call } from './lambda-answer.ts';
import { invalidParameter, ServiceError } from '../../home/engine/service-error.ts';

const LONGEST_PAYLOAD_BYTES = { Event: 1_048_576, RequestResponse: 6_291_556 };
type InvocationType = keyof typeof LONGEST_PAYLOAD_BYTES;

/** Invoke: starts a durable execution or calls a plain function, and waits for the end unless the type is `Event`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function answerInvoke(backend: DurableBackend, functionName: string, { url, headers, body }: Call): Promise<Answer> {
  const { kind, name, qualifier = url.searchParams.get('Qualifier') ?? undefined } = backend.kindOf(functionName);
  const type = invocationType(headers['x-amz-invocation-type']);
  const payload = readPayload(body, LONGEST_PAYLOAD_BYTES[type]);
  const executionName = headers['x-amz-durable-execution-name'];

  switch (kind) {
    case 'durable': {
      if (qualifier === undefined) throw invalidParameter('You cannot invoke a durable function using an unqualified ARN.');
      const { arn } = backend.start(name, typeof executionName === 'string' ? executionName : undefined, payload);
      return type === 'Event' ? accepted({ 'x-amz-durable-execution-arn': arn }) : endOf(await ended(backend, arn));
    }
    case 'plain':
      if (executionName !== undefined) throw invalidParameter('DurableExecutionName is only for durable functions.');
      if (type === 'RequestResponse') return answerOf(backend, name, payload);
      backend.callLater(name, payload);
      return accepted({});
  }
}

function invocationType(header: string | string[] | undefined): InvocationType {
  if (header === 'Event' || header === 'RequestResponse') return header;
  if (header === undefined) return 'RequestResponse';
  throw invalidParameter(`InvocationType ${String(header)} is not served here`);
}

function readPayload(body: string, mostBytes: number): string {
  if (Buffer.byteLength(body) > mostBytes) throw new ServiceError('RequestTooLargeException', 413, `the payload is over ${mostBytes} bytes`);
  const payload = body === '' ? '{}' : body;
  try {
    JSON.parse(payload);
  } catch {
    throw new ServiceError('InvalidRequestContentException', 400, 'Could not parse request body into json');
  }
  return payload;
}

function accepted(headers: Record<string, string>): Answer {
  return { status: 202, headers, body: '' };
}

async function ended(backend: DurableBackend, arn: string): Promise<ExecutionView> {
  const execution = backend.get(arn);
  if (execution === undefined) throw new ServiceError('ServiceException', 500, 'the execution is gone');
  return backend.settled(execution.name);
}

function endOf({ arn, status, result, error }: ExecutionView): Answer {
  const headers = { 'x-amz-durable-execution-arn': arn, 'x-amz-executed-version': VERSION };
  if (status === 'SUCCEEDED') return { status: 200, headers, body: result ?? 'null' };
  const body = JSON.stringify({ errorType: error?.ErrorType ?? status, errorMessage: error?.ErrorMessage ?? status });
  return { status: 200, headers: { ...headers, 'x-amz-function-error': 'Unhandled' }, body };
}

async function answerOf(backend: DurableBackend, name: string, payload: string): Promise<Answer> {
  const answer = await backend.call(name, payload);
  if (answer.kind === 'answered') return { status: 200, headers: { 'x-amz-executed-version': '$LATEST' }, body: answer.payload };
  const { name: errorType, message: errorMessage } = answer.error instanceof Error ? answer.error : new Error(String(answer.error));
  return { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify({ errorType, errorMessage }) };
}
