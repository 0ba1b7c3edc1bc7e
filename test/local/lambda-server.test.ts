import {
  GetDurableExecutionCommand,
  InvokeCommand,
  LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  SendDurableExecutionCallbackFailureCommand,
  SendDurableExecutionCallbackHeartbeatCommand,
  SendDurableExecutionCallbackSuccessCommand,
  StopDurableExecutionCommand,
} from '@aws-sdk/client-lambda';
import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type VirtualClock, virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';
import { startLambdaServer } from './lambda-server.ts';
import { sampleWorkflow } from './sample-workflow.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);

let clock: VirtualClock;
let crashAtCall: number | undefined;
let crashes: number;
let backend: DurableBackend;
let server: Awaited<ReturnType<typeof startLambdaServer>>;
let lambda: LambdaClient;
let noted: unknown[];
const environment = { ...process.env };

beforeEach(async () => {
  clock = virtualClock(START_MS);
  crashAtCall = undefined;
  crashes = 0;
  backend = createDurableBackend({
    clock,
    onFunctionFailure: () => {},
    crash({ point, call }) {
      const dies = point === 'after-checkpoint' && call === crashAtCall;
      if (dies) crashes += 1;
      return dies;
    },
  });
  server = await startLambdaServer(backend);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: server.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  lambda = new LambdaClient({ maxAttempts: 1 });

  noted = [];
  const ask = (_: unknown, context: DurableContext): Promise<string> =>
    context.waitForCallback<string>('answer', async () => {}).catch((error: unknown) => String(error));
  backend.register('kill', withDurableExecution(ask));
  backend.register('quick', withDurableExecution(async (event: { n: number }) => event.n + 1));
  backend.registerPlain('note', async (event) => {
    noted.push(event);
    return { ok: true };
  });
  backend.registerPlain('bad', () => Promise.reject(new TypeError('boom')));
});

afterEach(async () => {
  lambda.destroy();
  backend.close();
  await server.close();
  process.env = { ...environment };
});

function start(name: string | undefined, payload: unknown, functionName = 'kill:durable'): Promise<{ StatusCode?: number | undefined; DurableExecutionArn?: string | undefined }> {
  return lambda.send(
    new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', DurableExecutionName: name, Payload: JSON.stringify(payload) }),
  );
}

async function nameAndStatus(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'answered',
    (error: { name: string; $metadata: { httpStatusCode: number } }) => `${error.name} ${error.$metadata.httpStatusCode}`,
  );
}

async function namesOf(input: Partial<ConstructorParameters<typeof ListDurableExecutionsByFunctionCommand>[0]>): Promise<{ names: string; marker: string | undefined }> {
  const answer = await lambda.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'kill', ...input }));
  return { names: (answer.DurableExecutions ?? []).map(({ DurableExecutionName: name }) => name).join(' '), marker: answer.NextMarker };
}

describe('Invoke', () => {
  it('starts an execution once per name and payload, and answers 409 for another payload', async () => {
    const first = await start('run', { nonce: 1 });
    expect(first).toMatchObject({ StatusCode: 202, DurableExecutionArn: expect.stringContaining(':function:kill:1/durable-execution/run/') });
    expect((await start('run', { nonce: 1 })).DurableExecutionArn).toBe(first.DurableExecutionArn);
    expect(await nameAndStatus(start('run', { nonce: 2 }))).toBe('DurableExecutionAlreadyStartedException 409');
  });

  it('takes an alias, a Qualifier or a qualified ARN, but not the bare name of a durable function', async () => {
    expect(await nameAndStatus(start('a', {}, 'kill'))).toBe('InvalidParameterValueException 400');
    expect(await nameAndStatus(start('a', {}, 'arn:aws:lambda:eu-west-1:123456789012:function:kill:durable'))).toBe('answered');
    const qualified = new InvokeCommand({ FunctionName: 'kill', Qualifier: 'durable', InvocationType: 'Event', DurableExecutionName: 'b' });
    expect((await lambda.send(qualified)).StatusCode).toBe(202);
    expect(await nameAndStatus(start('c', {}, 'missing:durable'))).toBe('ResourceNotFoundException 404');
  });

  it('waits for the end of a durable execution that is called synchronously', async () => {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'quick:durable', Payload: '{"n":1}' }));
    expect({ status: answer.StatusCode, body: answer.Payload?.transformToString() }).toEqual({ status: 200, body: '2' });
  });

  it('runs plain functions now or later, and tells of their errors only to those who wait', async () => {
    expect((await start(undefined, { text: 'hi' }, 'note')).StatusCode).toBe(202);
    expect((await start(undefined, {}, 'bad')).StatusCode).toBe(202);
    await backend.idle();
    expect(noted).toEqual([{ text: 'hi' }]);

    const good = await lambda.send(new InvokeCommand({ FunctionName: 'note', Payload: '{}' }));
    expect(good.Payload?.transformToString()).toBe('{"ok":true}');
    const bad = await lambda.send(new InvokeCommand({ FunctionName: 'bad', Payload: '{}' }));
    expect(bad.FunctionError).toBe('Unhandled');
    expect(JSON.parse(bad.Payload?.transformToString() ?? '')).toEqual({ errorType: 'TypeError', errorMessage: 'boom' });
  });

  it('refuses an asynchronous payload over 1 MiB', async () => {
    expect(await nameAndStatus(start('big', 'x'.repeat(1_048_576)))).toBe('RequestTooLargeException 413');
    expect(await nameAndStatus(start('fits', 'x'.repeat(1_048_574)))).toBe('answered');
  });

  it('refuses a payload that is no JSON', async () => {
    const call = lambda.send(new InvokeCommand({ FunctionName: 'note', Payload: '{' }));
    expect(await nameAndStatus(call)).toBe('InvalidRequestContentException 400');
  });
});

describe('callbacks over HTTP', () => {
  it('take one answer; the next one gets 400', async () => {
    await start('run', {});
    await backend.idle();
    const CallbackId = backend.callbacks()[0]?.id ?? '';
    await lambda.send(new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId }));
    await lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: '{"decision":"yes"}' }));
    expect(JSON.parse((await backend.settled('run')).result ?? '')).toBe('{"decision":"yes"}');

    const late = lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: '{}' }));
    expect(await nameAndStatus(late)).toBe('CallbackTimeoutException 400');
    const beat = lambda.send(new SendDurableExecutionCallbackHeartbeatCommand({ CallbackId }));
    expect(await nameAndStatus(beat)).toBe('CallbackTimeoutException 400');
  });

  it('carry a failure to the code', async () => {
    await start('run', {});
    await backend.idle();
    const CallbackId = backend.callbacks()[0]?.id ?? '';
    await lambda.send(new SendDurableExecutionCallbackFailureCommand({ CallbackId, Error: { ErrorMessage: 'not today' } }));
    expect((await backend.settled('run')).result).toBe('"CallbackExternalError: not today"');
  });
});

describe('reading and stopping over HTTP', () => {
  it('lists by every filter, newest first', async () => {
    for (const [name, atMs] of [['a', 0], ['b', 60_000], ['c', 120_000]] as const) {
      clock.advanceTo(START_MS + atMs);
      await start(name, {});
      await backend.idle();
    }
    await start('other', { n: 1 }, 'quick:durable');
    backend.stop(backend.list({ executionName: 'b' })[0]?.arn ?? '');

    expect((await namesOf({})).names).toBe('c b a');
    expect((await namesOf({ FunctionName: 'kill:durable', ReverseOrder: true })).names).toBe('a b c');
    expect((await namesOf({ Qualifier: '2' })).names).toBe('');
    expect((await namesOf({ DurableExecutionName: 'b' })).names).toBe('b');
    expect((await namesOf({ Statuses: ['STOPPED', 'FAILED'] })).names).toBe('b');
    expect((await namesOf({ Statuses: ['RUNNING'] })).names).toBe('c a');
    expect((await namesOf({ StartedAfter: new Date(START_MS) })).names).toBe('c b');
    expect((await namesOf({ StartedBefore: new Date(START_MS + 120_000) })).names).toBe('b a');
    expect(await nameAndStatus(namesOf({ MaxItems: 1001 }))).toBe('InvalidParameterValueException 400');
    expect(await nameAndStatus(namesOf({ FunctionName: 'missing' }))).toBe('ResourceNotFoundException 404');
  });

  it('pages without losing or repeating any, even when another one begins in between', async () => {
    for (const name of ['a', 'b', 'c']) await start(name, {});
    const { names, marker } = await namesOf({ MaxItems: 2 });
    expect(names).toBe('c b');
    await start('d', {});
    expect(await namesOf({ MaxItems: 2, Marker: marker })).toEqual({ names: 'a', marker: undefined });
    expect(await nameAndStatus(namesOf({ Marker: 'bm9uZQ' }))).toBe('InvalidParameterValueException 400');
  });

  it('gets one with its input and result, or without', async () => {
    const { DurableExecutionArn } = await start('run', { n: 1 }, 'quick:durable');
    await backend.settled('run');
    const full = await lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn }));
    expect(full).toMatchObject({ DurableExecutionName: 'run', Status: 'SUCCEEDED', InputPayload: '{"n":1}', Result: '2', StartTimestamp: new Date(START_MS), EndTimestamp: new Date(START_MS) });
    const bare = await lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn, IncludeExecutionData: false }));
    expect(bare.InputPayload).toBeUndefined();
    const unknown = lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: `${DurableExecutionArn}0` }));
    expect(await nameAndStatus(unknown)).toBe('ResourceNotFoundException 404');
  });

  it('stops one', async () => {
    const { DurableExecutionArn } = await start('run', {});
    await backend.idle();
    const stopped = await lambda.send(new StopDurableExecutionCommand({ DurableExecutionArn, Error: { ErrorMessage: 'enough' } }));
    expect(stopped.StopTimestamp).toEqual(new Date(START_MS));
    expect(await lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn }))).toMatchObject({ Status: 'STOPPED', Error: { ErrorMessage: 'enough' } });
  });

  it('answers 404 for what it does not serve', async () => {
    const response = await fetch(`${server.url}/2015-03-31/functions/kill/aliases`, { method: 'POST' });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException']);
  });
});

describe('a handler that talks HTTP itself', () => {
  it('runs to the end and survives a crash, and the dead client hears nothing until the server closes', async () => {
    let strikes = 0;
    const submit = async (CallbackId: string): Promise<void> => {
      await lambda.send(new SendDurableExecutionCallbackSuccessCommand({ CallbackId, Result: 'yes' }));
    };
    const strike = async (): Promise<void> => void (strikes += 1);
    backend.register('real', sampleWorkflow({ submit, strike }), { client: 'http' });
    crashAtCall = 2;
    await start('run', { job: 'nb-1' }, 'real:durable');
    const { status, result } = await backend.settled('run');
    expect(status).toBe('SUCCEEDED');
    expect(JSON.parse(result ?? '')).toEqual({ job: 'nb-1', answer: 'yes', struck: 'struck', polls: 5 });
    expect(strikes).toBe(1);
    expect(crashes).toBe(1);

    // Its SDK prints that the connection broke.
    const printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(printed).not.toHaveBeenCalled();
    await server.close();
    while (printed.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(String(printed.mock.calls[0]?.[0])).toMatch('Failed to checkpoint durable execution');
    printed.mockRestore();
  });
});
