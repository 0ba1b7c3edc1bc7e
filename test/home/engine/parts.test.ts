import { describe, expect, it } from '@jest/globals';
import { enginePort } from '../../../home/engine/engine-port.ts';
import { currentInvocation, type Invocation, orRevoked, runInvocation, runOutside } from '../../../home/engine/invocation.ts';
import { createRunnings } from '../../../home/engine/running.ts';
import { alreadyStarted, invalidParameter, invalidToken, mayPass, notFound, ServiceError, tooMany } from '../../../home/engine/service-error.ts';
import { handTimers } from './hand-timers.ts';

describe('an error of the engine', () => {
  it.each([
    [invalidParameter('no'), 'InvalidParameterValueException', 400, 'no', false],
    [invalidToken('old'), 'InvalidParameterValueException', 400, 'Invalid Checkpoint Token: old', true],
    [notFound('It'), 'ResourceNotFoundException', 404, 'It not found', false],
    [alreadyStarted('run'), 'DurableExecutionAlreadyStartedException', 409, 'Durable execution run already started with a different payload', false],
    [tooMany(7), 'TooManyRequestsException', 429, '7 executions are open, and no more are taken until some have ended', false],
    [new ServiceError('ServiceException', 500, 'ours'), 'ServiceException', 500, 'ours', true],
    [new ServiceError('Other', 499, 'theirs'), 'Other', 499, 'theirs', false],
  ])('%p: its name, its status, and whether the same call may do once more', (error, name, status, message, passes) => {
    expect([error.name, error.status, error.message, mayPass(error)]).toEqual([name, status, message, passes]);
  });

  it('that is none of its own may pass', () => expect(mayPass(new Error('the disk is full'))).toBe(true));
});

describe('what runs in an invocation', () => {
  const revoked = new AbortController();
  const invocation: Invocation = { name: 'run', signal: revoked.signal, waitAside: async (wait) => wait };

  it('knows it, and what runs outside of it does not', () => {
    expect([currentInvocation(), runInvocation(invocation, currentInvocation), runInvocation(invocation, () => runOutside(() => [currentInvocation()]))]).toEqual([undefined, invocation, [undefined]]);
  });

  it('ends by its own signal or by the end of the invocation', () => {
    const own = new AbortController();
    expect([orRevoked(), orRevoked(own.signal), runInvocation(invocation, () => orRevoked())]).toEqual([undefined, own.signal, revoked.signal]);
    const [one, other] = [runInvocation(invocation, () => orRevoked(own.signal)), runInvocation(invocation, () => orRevoked(new AbortController().signal))];
    own.abort();
    expect([one?.aborted, other?.aborted]).toEqual([true, false]);
    revoked.abort();
    expect(other?.aborted).toBe(true);
  });
});

describe('an invocation in flight', () => {
  const execution = { name: 'run', id: 'id-1', functionName: 'f', version: '1', input: '{}', status: 'RUNNING', startMs: 0, invocations: 2, checkpointCalls: 0, throws: 0, deaths: 0, mayBeDeadly: true } as const;

  it('has the token that it was given last, none that another has, and none once it is revoked', () => {
    const { make, renewToken } = createRunnings({ settlesWithinMs: 1, onStuck: () => undefined });
    const one = make(execution);
    expect(one).toMatchObject({ name: 'run', token: 'id-1/3/1', calls: 0, mayBeDeadly: true, execution: { invocations: 3 } });
    expect(make(execution).token).toBe('id-1/3/2');
    expect([renewToken(one), one.token]).toEqual(['id-1/3/3', 'id-1/3/3']);
    one.revoke();
    expect([one.token, one.signal.aborted, (one.signal.reason as Error).message]).toEqual([undefined, true, 'the invocation is over']);
    renewToken(one);
    expect(one.token).toBeUndefined();
    one.over();
  });

  it('waits aside where it has no place, too', async () => {
    const one = createRunnings({ settlesWithinMs: 1, onStuck: () => undefined }).make(execution);
    expect(await one.waitAside(Promise.resolve('listed'))).toBe('listed');
  });

  it('is stuck when it has not settled in time, told of once', async () => {
    const timers = handTimers();
    try {
      const stuck: string[] = [];
      const { make } = createRunnings({ settlesWithinMs: 50, onStuck: (name) => void stuck.push(name) });
      const [hangs, settles, hasSettled] = [make(execution), make({ ...execution, name: 'settles' }), make({ ...execution, name: 'has settled' })];
      hasSettled.over();
      for (const one of [hangs, settles, hasSettled, hangs]) one.revoke();
      await timers.advance(49);
      settles.over();
      expect(stuck).toEqual([]);
      await timers.advance(100);
      expect(stuck).toEqual(['run']);
    } finally {
      timers.putBack();
    }
  });
});

describe('the engine of the house', () => {
  const clock = { now: () => 0, sleep: async () => undefined, random: () => 0 };
  const named = (name: string): Error => Object.assign(new Error('no'), { name });
  const failing = (error: unknown) => enginePort({
    start: () => ({ written: Promise.reject(error as Error) }),
    get() {
      throw error;
    },
    succeedCallback: async () => Promise.reject(error as Error),
  } as never, 'kill', clock);

  it('starts, tells an input, and answers', async () => {
    const calls: unknown[] = [];
    const port = enginePort({
      start: (...args: unknown[]) => ({ written: Promise.resolve(void calls.push(args)) }),
      get: (arn: string) => ({ input: `input of ${arn}` }),
      succeedCallback: async (...args: unknown[]) => void calls.push(args),
    } as never, 'kill', clock);
    expect([port.startsAtOnce, await port.start('run', '{}'), await port.inputOf('arn'), await port.answer('cb', 'yes')]).toEqual([100, 'started', 'input of arn', 'taken']);
    expect(calls).toEqual([['kill', 'run', '{}'], ['cb', 'yes']]);
  });

  it('says what is there already, and what comes too late', async () => {
    expect(await failing(named('DurableExecutionAlreadyStartedException')).start('run', '{}')).toBe('exists');
    expect(await failing(named('CallbackTimeoutException')).answer('cb', 'yes')).toBe('late');
  });

  it.each([['TooManyRequestsException', true], ['ResourceNotFoundException', false]])('fails with %s: full is %p', async (name, isFull) => {
    const cause = named(name);
    const [port, code] = [failing(cause), 'engine_failed'];
    await expect(port.start('run', '{}')).rejects.toMatchObject({ code, message: 'starting an execution failed', cause, isFull });
    await expect(port.inputOf('arn')).rejects.toMatchObject({ code, message: 'reading an execution failed', cause, isFull: false });
    await expect(port.answer('cb', 'yes')).rejects.toMatchObject({ code, message: 'answering a callback failed', cause, isFull: false });
  });

  it('fails with what is no error, too', async () => {
    await expect(failing({ name: 'DurableExecutionAlreadyStartedException' }).start('run', '{}')).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it.each([
    ['a full disk', 13, 3], ['a store that another process holds', 5, 3], ['a store that is read-only', 8, 1], ['a damaged store', 11, 1], ['what is no trouble of the store', undefined, 1],
  ])('is asked again while that passes: %s', async (_, errcode, times) => {
    let [tries, nowMs] = [0, 0];
    const port = enginePort({
      start() {
        tries += 1;
        if (tries < 3) throw Object.assign(new Error('no'), { code: 'ERR_SQLITE_ERROR', errcode });
        return { written: Promise.resolve() };
      },
    } as never, 'kill', { ...clock, now: () => nowMs, sleep: async (ms) => void (nowMs += ms) });
    expect([await port.start('run', '{}', 60_000).catch(({ code }: { code: string }) => code), tries]).toEqual([times === 3 ? 'started' : 'engine_failed', times]);
  });
});
