import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallLambda } from '../../functions/aws/lambda-call.ts';
import { createLambdaEngine } from '../../functions/aws/lambda-engine.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { createLog } from '../../lib/log/log.ts';
import { NOON } from '../core/a-job.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { type StartStage, startStartStage } from '../stage/start.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const payload = (attempt: string): string => JSON.stringify({ kind: 'notice', text: 'hello', attempt });

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
});

onlyOnAws('a call to Lambda').describe('a start by a call to Lambda', () => {
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
    ['throttles, and nobody said how long it may take', { status: 429, type: 'TooManyRequestsException' }],
    ['is down, and nobody said how long it may take', { status: 503, type: 'ServiceException' }],
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

  it.each([500, 502, 503])('that Lambda has trouble with (HTTP %d) is tried again, with the same bytes, until the time is up', async (status) => {
    let tries = 0;
    stage.lambda.script = () => (tries++ < 1 ? { status, type: 'ServiceException' } : undefined);
    expect(await stage.engine.start('run-1', payload('1'), NOON + 8_000)).toBe('started');
    expect(stage.lambda.calls.map(({ body }) => body)).toEqual([payload('1'), payload('1')]);
  });

  it('that Lambda throttles is tried again, with the same bytes, until the time is up', async () => {
    let throttled = 0;
    stage.lambda.script = () => (throttled++ < 3 ? { status: 429, type: 'TooManyRequestsException' } : undefined);
    expect(await stage.engine.start('run-1', payload('1'), NOON + 8_000)).toBe('started');
    expect(stage.lambda.calls.map(({ body }) => body)).toEqual(Array.from({ length: 4 }, () => payload('1')));
    expect(stage.clock.now() - NOON).toBe(200 + 400 + 800);

    stage.lambda.script = () => ({ status: 429, type: 'TooManyRequestsException' });
    const until = stage.clock.now() + 8_000;
    await expect(stage.engine.start('run-2', payload('2'), until)).rejects.toThrow(EngineFailed);
    expect(stage.clock.now()).toBeLessThanOrEqual(until);
    expect(stage.names()).toEqual(['run-1']);
  });

  it('that got no answer is tried again too: the same bytes are the same start', async () => {
    let broken = 0;
    stage.lambda.script = () => (broken++ < 2 ? 'after-effect' : undefined);
    expect(await stage.engine.start('run-1', payload('1'), NOON + 8_000)).toBe('started');
    expect(stage.lambda.calls).toHaveLength(3);
    expect(stage.names()).toEqual(['run-1']);
  });

  it.each<[string, number | undefined, number | undefined]>([
    ['as long as it has', NOON + 5_000, 5_000],
    ['2 s at least, which a start may take', NOON + 1_000, 2_000],
    ['as long as a call may take, where nobody said', undefined, undefined],
  ])('is waited for %s', async (_, until, withinMs) => {
    const calls: Parameters<CallLambda>[1][] = [];
    const engine = createLambdaEngine(async (_what, call) => ({ place: calls.push(call) }), 'f', createFakeClock(new Date(NOON).toISOString()));
    expect(await engine.start('run-1', payload('1'), until)).toBe('started');
    expect(calls.map((call) => call.withinMs)).toEqual([withinMs]);
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

describe('reading what an execution was started with', () => {
  it('gives it byte for byte, whether it runs or has ended', async () => {
    stage.ending = () => 'never';
    await stage.engine.start('run-1', payload('1'));
    const { arn = '' } = stage.backend.list({ executionName: 'run-1' })[0] ?? {};
    expect(await stage.engine.inputOf(arn)).toBe(payload('1'));
    stage.backend.stop(arn);
    expect(await stage.engine.inputOf(arn)).toBe(payload('1'));
  });

  it('throws EngineFailed for one that Lambda does not know', async () => {
    await expect(stage.engine.inputOf('arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/n/i')).rejects.toThrow(EngineFailed);
  });
});
