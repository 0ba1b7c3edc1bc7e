import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLambdaCall, createLambdaEngine } from '../../functions/aws/lambda-engine.ts';
import { EngineFailed, type Execution } from '../../lib/start/engine.ts';
import { createLog } from '../../lib/log/log.ts';
import { NOON } from '../core/a-job.ts';
import { MINUTE_MS, type StartStage, startStartStage } from '../stage/start.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const payload = (attempt: string): string => JSON.stringify({ kind: 'notice', text: 'hello', attempt });

async function listed(mostPages = 5, startedAfterMs = NOON - MINUTE_MS): Promise<Execution[]> {
  const found: Execution[] = [];
  for await (const execution of stage.engine.list({ startedAfter: new Date(startedAfterMs), mostPages })) found.push(execution);
  return found;
}

describe('starting an execution', () => {
  it('is told from a name that is taken, whether the taker runs or has ended', async () => {
    stage.ending = ({ attempt }) => (attempt === 'runs' ? 'never' : { outcome: 'killed' });
    expect(await stage.engine.start('run-1', payload('runs'))).toBe('started');
    expect(await stage.engine.start('run-2', payload('ends'))).toBe('started');
    await stage.backend.settled('run-2');
    expect(await stage.engine.start('run-1', payload('other'))).toBe('exists');
    expect(await stage.engine.start('run-2', payload('other'))).toBe('exists');
    expect(stage.names()).toEqual(['run-1', 'run-2']);
  });

  it('with the same bytes again is the same start: a success, and one execution', async () => {
    expect(await stage.engine.start('run-1', payload('same'))).toBe('started');
    expect(await stage.engine.start('run-1', payload('same'))).toBe('started');
    expect(stage.names()).toEqual(['run-1']);
  });

  it('is asynchronous, under the qualified name, and carries the payload byte for byte', async () => {
    const text = '{"kind":"notice","text":"späte Läufe 🙂 \\u0000","attempt":"1"}';
    await stage.engine.start('run-1', text);
    expect(stage.lambda.calls).toMatchObject([{ on: 'start', path: '/2015-03-31/functions/mrs-killswitch-test-kill:durable/invocations', executionName: 'run-1', body: text }]);
    expect(stage.backend.list({ executionName: 'run-1' })[0]?.input).toBe(text);
  });

  it.each(['DurableExecutionAlreadyStartedException', 'DurableExecutionAlreadyExists'])('takes %s, one of the two names of the error, for a taken name', async (type) => {
    stage.lambda.script = () => ({ status: 409, type });
    expect(await stage.engine.start('run-1', payload('1'))).toBe('exists');
  });

  it.each([
    ['throttles', { status: 429, type: 'TooManyRequestsException' }],
    ['is down', { status: 503, type: 'ServiceException' }],
    ['answers another 409', { status: 409, type: 'ResourceConflictException' }],
    ['forbids it', { status: 403, type: 'AccessDeniedException' }],
    ['hangs up', 'hang-up'],
  ] as const)('throws EngineFailed after one try where Lambda %s', async (_, fault) => {
    stage.lambda.script = () => fault;
    const error: unknown = await stage.engine.start('run-1', payload('1')).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineFailed);
    expect(error).toMatchObject({ code: 'engine_failed', retryable: true, cause: expect.any(Error) });
    expect(stage.lambda.calls).toHaveLength(1);
    expect(stage.names()).toEqual([]);
  });

  it('throws EngineFailed where nobody listens', async () => {
    await stage.lambda.close();
    await expect(stage.engine.start('run-1', payload('1'))).rejects.toThrow(EngineFailed);
  });

  it('never shows a secret or the payload in its trouble, not in the log either', async () => {
    stage.lambda.script = () => ({ status: 403, type: 'AccessDeniedException' });
    const error: unknown = await stage.engine.start('run-1', payload('attempt-in-the-payload')).catch((thrown: unknown) => thrown);
    const lines: string[] = [];
    createLog({ level: 'debug', now: () => NOON, write: (line) => void lines.push(line) }).error('failed', { error });
    expect(lines.join()).toContain('starting an execution failed: AccessDeniedException');
    for (const shown of [lines.join(), String(error), JSON.stringify(error)]) expect(shown).not.toMatch(/aws-secret-of-this-test|attempt-in-the-payload/);
  });
});

describe('listing executions', () => {
  it('yields all pages, newest first, each name once, and asks for the function without its qualifier', async () => {
    stage.ending = () => 'never';
    for (let count = 1; count <= 1_203; count++) {
      if (count === 1_001) stage.clock.advanceTo(NOON + MINUTE_MS);
      stage.backend.start('mrs-killswitch-test-kill', `run-${count}`, '{}');
    }
    const found = await listed();
    expect(found.map(({ name }) => name)).toEqual(Array.from({ length: 1_203 }, (_, index) => `run-${1_203 - index}`));
    expect(found[0]).toEqual({ arn: expect.stringContaining('/durable-execution/run-1203/'), name: 'run-1203', status: 'RUNNING', startedAt: new Date(NOON + MINUTE_MS) });
    expect(found.at(-1)?.startedAt).toEqual(new Date(NOON));
    const paths = stage.lambda.of('list').map(({ path, query }) => `${path} ${query.get('MaxItems')} ${query.get('ReverseOrder')}`);
    expect(new Set(paths)).toEqual(new Set(['/2025-12-01/functions/mrs-killswitch-test-kill/durable-executions 1000 null']));
    expect(paths).toHaveLength(2);
  });

  it('stops after as many pages as it may read, with the newest ones', async () => {
    stage.ending = () => 'never';
    for (let count = 1; count <= 1_001; count++) stage.backend.start('mrs-killswitch-test-kill', `run-${count}`, '{}');
    const found = await listed(1);
    expect([found.length, found[0]?.name, found.at(-1)?.name]).toEqual([1_000, 'run-1001', 'run-2']);
    expect(stage.lambda.calls).toHaveLength(1);
  });

  it('leaves out what started before, to the millisecond', async () => {
    await stage.engine.start('old', payload('1'));
    stage.clock.advanceTo(NOON + 1);
    await stage.engine.start('new', payload('2'));
    expect((await listed(1, NOON)).map(({ name }) => name)).toEqual(['new']);
  });

  it('tells how each one stands, and when it ended', async () => {
    stage.ending = (its) => (its.attempt === 'bad' ? 'FAILED' : { outcome: 'killed' });
    await stage.engine.start('good', payload('good'));
    await stage.engine.start('bad', payload('bad'));
    await stage.backend.idle();
    expect((await listed()).map(({ name, status, endedAt }) => [name, status, endedAt])).toEqual([
      ['bad', 'FAILED', new Date(NOON)],
      ['good', 'SUCCEEDED', new Date(NOON)],
    ]);
  });

  it('strips the qualifier from an ARN too', async () => {
    const executions = createLambdaEngine(createLambdaCall(), 'arn:aws:lambda:eu-west-1:123456789012:function:mrs-killswitch-test-kill:durable');
    for await (const _ of executions.list({ startedAfter: new Date(NOON), mostPages: 1 })) throw new Error('there are none');
    expect(stage.lambda.calls[0]?.path).toBe('/2025-12-01/functions/arn:aws:lambda:eu-west-1:123456789012:function:mrs-killswitch-test-kill/durable-executions');
  });

  it('throws EngineFailed where a later page fails, after one try', async () => {
    stage.ending = () => 'never';
    for (let count = 1; count <= 1_001; count++) stage.backend.start('mrs-killswitch-test-kill', `run-${count}`, '{}');
    stage.lambda.script = ({ query }) => (query.has('Marker') ? { status: 500, type: 'ServiceException' } : undefined);
    await expect(listed()).rejects.toThrow('listing executions failed: ServiceException');
    expect(stage.lambda.calls).toHaveLength(2);
  });
});

describe('reading one execution', () => {
  it('gives its input, and its result or its error', async () => {
    stage.ending = (its) => (its.attempt === 'bad' ? 'FAILED' : { outcome: 'expired' });
    await stage.engine.start('good', payload('good'));
    await stage.engine.start('bad', payload('bad'));
    await stage.backend.idle();
    const [bad, good] = await listed();
    expect(await stage.engine.get(good?.arn ?? '')).toEqual({ status: 'SUCCEEDED', input: payload('good'), result: '{"kill_id":"kill-1","outcome":"expired"}' });
    expect(await stage.engine.get(bad?.arn ?? '')).toEqual({ status: 'FAILED', input: payload('bad'), error: 'scripted' });
  });

  it('throws EngineFailed for one that Lambda does not know', async () => {
    await expect(stage.engine.get('arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/n/i')).rejects.toThrow(EngineFailed);
  });
});
