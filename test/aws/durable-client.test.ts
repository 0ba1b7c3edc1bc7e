import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectAws } from '../../functions/aws/connect-aws.ts';
import { createDurableClient } from '../../functions/aws/durable-client.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { virtualClock } from '../local/clock.ts';
import { createDurableBackend } from '../local/durable-backend.ts';
import { startLambdaServer } from '../local/lambda-server.ts';
import { sampleWorkflow } from '../local/sample-workflow.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:kill:3/durable-execution/alert-live-1/6f1c';
const UPDATE = { Id: '1', Type: 'STEP', Action: 'START' } as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const clientAt = (url: string, clock: SteppingClock) =>
  createDurableClient(() => connectAws({ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_ENDPOINT_URL_LAMBDA: url }, clock, 'lambda'), clock);

/** A Lambda that gives these answers, one after the other; `hang-up` gives none. */
async function lambdaWith(...answers: ({ status: number; type?: string; body?: object } | 'hang-up')[]) {
  const seen: { path: string; headers: Record<string, unknown>; body: string }[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = answers[seen.length - 1] ?? { status: 500 };
      if (answer === 'hang-up') return void response.destroy();
      response.writeHead(answer.status, answer.type === undefined ? {} : { 'x-amzn-errortype': answer.type }).end(JSON.stringify(answer.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())));
  const clock = createSteppingClock(NOON);
  return { seen, clock, client: clientAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, clock) };
}

describe('the client that the durable SDK is given', () => {
  it('carries a whole execution over the wire: steps, waits, a callback, polls', async () => {
    const backend = createDurableBackend({ clock: virtualClock(NOON) });
    const server = await startLambdaServer(backend);
    cleanups.push(() => backend.close(), () => server.close());
    let strikes = 0;
    const outside = { submit: async (id: string) => backend.succeedCallback(id, 'yes'), strike: async () => void (strikes += 1) };
    backend.register('kill', sampleWorkflow(outside, { durableExecutionClient: clientAt(server.url, createSteppingClock(NOON)) }), { client: 'http' });
    backend.start('kill', 'run', '{"job":"nb-1"}');
    const view = await backend.settled('run');
    expect(view).toMatchObject({ status: 'SUCCEEDED' });
    expect(JSON.parse(view.result ?? '')).toEqual({ job: 'nb-1', answer: 'yes', struck: 'struck', polls: 5 });
    expect(strikes).toBe(1);
    expect((view.endMs ?? 0) - NOON).toBe((25 + 4) * 60_000);
  });

  it('sends a checkpoint signed, with a token of its own, and makes dates of seconds', async () => {
    const operation = { Id: '1', StartTimestamp: 1_795_348_800, StepDetails: { NextAttemptTimestamp: 1_795_348_805.5, Attempt: 1 } };
    const { client, seen } = await lambdaWith({ status: 200, body: { CheckpointToken: 'next', NewExecutionState: { Operations: [operation] } } });
    const answer = await client.checkpoint({ DurableExecutionArn: ARN, CheckpointToken: 'this', Updates: [UPDATE] });
    expect(answer).toEqual({
      CheckpointToken: 'next',
      NewExecutionState: { Operations: [{ Id: '1', StartTimestamp: new Date(NOON), StepDetails: { NextAttemptTimestamp: new Date(NOON + 5_500), Attempt: 1 } }] },
    });
    expect(seen[0]?.path).toBe(`/2025-12-01/durable-executions/${encodeURIComponent(ARN)}/checkpoint`);
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ CheckpointToken: 'this', ClientToken: expect.stringMatching(/^[\w-]{36}$/), Updates: [UPDATE] });
    expect(seen[0]?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=local\/20261122\/eu-west-1\/lambda\/aws4_request/);
  });

  it('reads the rest of a state, page by page as it is told', async () => {
    const { client, seen } = await lambdaWith({ status: 200, body: { Operations: [], NextMarker: 'm-2' } });
    expect(await client.getExecutionState({ DurableExecutionArn: ARN, CheckpointToken: 'a+b/c=', Marker: 'm 1', MaxItems: 1_000 })).toEqual({ Operations: [], NextMarker: 'm-2' });
    expect(new URL(seen[0]?.path ?? '', 'http://localhost').search).toBe('?CheckpointToken=a%2Bb%2Fc%3D&Marker=m%201&MaxItems=1000');
  });

  it('tries what may pass three times in all, with the same bytes', async () => {
    const { client, seen, clock } = await lambdaWith({ status: 429, type: 'TooManyRequestsException' }, 'hang-up', { status: 200, body: { CheckpointToken: 'next' } });
    expect(await client.checkpoint({ DurableExecutionArn: ARN, CheckpointToken: 'this', Updates: [UPDATE] })).toEqual({ CheckpointToken: 'next' });
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1);
    expect(seen).toHaveLength(3);
    expect(clock.sleeps).toHaveLength(2);
  });

  it('gives up after three tries', async () => {
    const { client, seen } = await lambdaWith('hang-up', 'hang-up', 'hang-up');
    await expect(client.checkpoint({ DurableExecutionArn: ARN, CheckpointToken: 'this', Updates: [] })).rejects.toBeInstanceOf(NoAnswer);
    expect(seen).toHaveLength(3);
  });

  it("throws what stays wrong at once, in the AWS SDK's shape: by it the durable SDK tells a stale token from an end", async () => {
    const { client, seen } = await lambdaWith({ status: 400, type: 'InvalidParameterValueException', body: { message: 'Invalid Checkpoint Token: it is stale' } });
    await expect(client.checkpoint({ DurableExecutionArn: ARN, CheckpointToken: 'old', Updates: [] })).rejects.toMatchObject({
      name: 'InvalidParameterValueException', message: 'Invalid Checkpoint Token: it is stale', $metadata: { httpStatusCode: 400 },
    });
    expect(seen).toHaveLength(1);
  });
});
