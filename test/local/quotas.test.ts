import { GetDurableExecutionCommand, InvokeCommand, LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type VirtualClock, virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';
import { startLambdaServer } from './lambda-server.ts';
import { createQuotas, PUBLISHED_QUOTAS } from './quotas.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);

let clock: VirtualClock;
let backend: DurableBackend;
let server: Awaited<ReturnType<typeof startLambdaServer>>;
let lambda: LambdaClient;
let running: number;
let mostRunning: number;
beforeEach(async () => {
  clock = virtualClock(START_MS);
  backend = createDurableBackend({ clock, mostInvocations: 3 });
  running = 0;
  mostRunning = 0;
  backend.register('kill', async () => {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return { Status: 'SUCCEEDED', Result: '{}' };
  });
  server = await startLambdaServer(backend, { admit: createQuotas(clock, { ...PUBLISHED_QUOTAS, start: 20 }) });
  lambda = new LambdaClient({ endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
});
afterEach(async () => {
  lambda.destroy();
  backend.close();
  await server.close();
});

const start = (index: number) => lambda.send(new InvokeCommand({ FunctionName: 'kill:durable', InvocationType: 'Event', DurableExecutionName: `run-${index}`, Payload: '{}' }));
const list = () => lambda.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'kill' }));
const get = () => lambda.send(new GetDurableExecutionCommand({ DurableExecutionArn: backend.list({})[0]?.arn ?? '' }));
async function countTaken(calls: Promise<unknown>[]): Promise<number> {
  const done = await Promise.allSettled(calls);
  for (const answer of done) if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ name: 'TooManyRequestsException', retryAfterSeconds: '1', $metadata: { httpStatusCode: 429 } });
  return done.filter(({ status }) => status === 'fulfilled').length;
}
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

describe('a Lambda with quotas', () => {
  it('throttles each kind of call for itself, and takes it again a second later', async () => {
    expect(await countTaken(times(25, start))).toBe(20);
    expect(await countTaken(times(20, list))).toBe(15);
    expect(await countTaken(times(35, get))).toBe(30);
    clock.advanceTo(START_MS + 999);
    expect(await countTaken([start(100)])).toBe(0);
    clock.advanceTo(START_MS + 1_000);
    expect(await countTaken([start(100), list(), get()])).toBe(3);
  });

  it('runs so many invocations at once, and the others after them', async () => {
    for (let index = 0; index < 10; index++) backend.start('kill', `run-${index}`, '{}');
    await backend.idle();
    expect(mostRunning).toBe(3);
    expect(backend.list({}).map(({ status }) => status)).toEqual(times(10, () => 'SUCCEEDED'));
  });
});
