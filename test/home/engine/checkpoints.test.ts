import type { OperationUpdate } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { currentInvocation } from '../../../home/engine/invocation.ts';
import type { Running } from '../../../home/engine/running.ts';
import { createRaw, nameAndMessage, NOW, PENDING, type Raw, type Speaker, SUCCEEDED } from './raw.ts';

let raw: Raw;
beforeEach(async () => {
  raw = createRaw({ keepsOperations: true });
  await raw.engine.resume();
});
afterEach(() => raw.engine.close());

/** Runs a function that speaks the wire model itself until it rests; what its first call returned. */
async function speak(speaker: Speaker): Promise<unknown> {
  const seen: unknown[] = [];
  raw.register('raw', async (...args) => {
    if (seen.length > 0) return SUCCEEDED;
    seen.push('threw');
    seen[0] = await speaker(...args);
    return SUCCEEDED;
  });
  await raw.engine.start('raw', 'run', '{"a":1}').written;
  await raw.rest();
  return seen[0];
}

const steps = (count: number, from = 0): OperationUpdate[] => Array.from({ length: count }, (_, index) => ({ Id: `s-${from + index}`, Type: 'STEP', Action: 'START' }));
const EXECUTION = { Id: 'id-1', Name: 'run', Type: 'EXECUTION', Status: 'STARTED', StartTimestamp: '2026-01-05T12:00:00.000Z', ExecutionDetails: { InputPayload: '{"a":1}' } };

describe('an invocation', () => {
  it('is told of its execution, in an event and a context like those of Lambda', async () => {
    const { told, contexts } = (await speak(async (_, event, context) => ({ told: event, contexts: context }))) as { told: unknown; contexts: { getRemainingTimeInMillis: () => number } };
    expect(told).toEqual({
      DurableExecutionArn: 'arn:mrs-killswitch:engine:function:raw:1/durable-execution/run/id-1',
      CheckpointToken: 'id-1/1/1',
      InitialExecutionState: { Operations: [EXECUTION], NextMarker: '' },
    });
    expect(contexts).toEqual({
      awsRequestId: 'id-1/1', functionName: 'raw', functionVersion: '1', invokedFunctionArn: 'arn:mrs-killswitch:engine:function:raw:1', memoryLimitInMB: '256', logGroupName: 'raw', logStreamName: 'engine',
      callbackWaitsForEmptyEventLoop: false, getRemainingTimeInMillis: expect.any(Function),
    });
    expect(contexts.getRemainingTimeInMillis()).toBe(60_000);
  });

  it('that goes on is told what it did, and what changed meanwhile', async () => {
    const events: unknown[] = [];
    raw.register('nap', async (take, event) => {
      events.push([event.UpdatedOperationIds, event.CheckpointToken, event.InitialExecutionState.Operations.map(({ Id, Status }) => `${Id} ${Status}`)]);
      if (events.length > 1) return SUCCEEDED;
      await take({ Id: 'nap', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 60 } }, { Id: 's', Type: 'STEP', Action: 'START' });
      return PENDING;
    });
    await raw.engine.start('nap', 'run', '{}').written;
    await raw.rest();
    raw.clock.advanceTo(NOW + 60_000);
    await raw.rest();
    expect(events).toEqual([
      [undefined, 'id-1/1/1', ['id-1 STARTED']],
      [['nap'], 'id-1/2/3', ['id-1 STARTED', 'nap SUCCEEDED', 's STARTED']],
    ]);
    expect(raw.engine.operationsOf('run')[0]).toEqual({ Id: 'nap', Type: 'WAIT', Status: 'SUCCEEDED', StartTimestamp: '2026-01-05T12:00:00.000Z', EndTimestamp: '2026-01-05T12:01:00.000Z', WaitDetails: { ScheduledEndTimestamp: '2026-01-05T12:01:00.000Z' } });
  });
});

describe('a checkpoint', () => {
  it('is told what it did, and gets the next token', async () => {
    expect(await speak((take) => take(...steps(1)))).toEqual({
      CheckpointToken: 'id-1/1/2',
      NewExecutionState: { Operations: [{ Id: 's-0', Type: 'STEP', Status: 'STARTED', StartTimestamp: '2026-01-05T12:00:00.000Z', StepDetails: { Attempt: 0 } }] },
    });
  });

  it('knows the contexts of the calls before it', async () => {
    await speak(async (take) => {
      await take({ Id: 'c', Type: 'CONTEXT', Action: 'START' });
      return take({ Id: 's', ParentId: 'c', Type: 'STEP', Action: 'START' });
    });
    expect(raw.engine.operationsOf('run')).toMatchObject([{ Id: 'c' }, { Id: 's', ParentId: 'c' }]);
  });

  it('of nothing is told nothing', async () => {
    expect(await speak(async (_, { DurableExecutionArn, CheckpointToken }) => raw.engine.checkpoint({ DurableExecutionArn, CheckpointToken } as never))).toEqual({ CheckpointToken: 'id-1/1/2', NewExecutionState: { Operations: [] } });
  });

  it('that is refused puts nothing on record, and its token stays good', async () => {
    const answers = await speak(async (take) => {
      const [token, refused] = [take.token(), await nameAndMessage(take(...steps(1), { Id: 'w', Type: 'WAIT', Action: 'START' }))];
      await take({ Id: 'other', Type: 'STEP', Action: 'START' });
      return [token, refused];
    });
    expect(answers).toEqual(['id-1/1/1', 'InvalidParameterValueException: a delay is a whole number of seconds, at least 1']);
    expect(raw.engine.operationsOf('run').map(({ Id: id }) => id)).toEqual(['other']);
    expect(raw.engine.byName('run')?.checkpointCalls).toBe(1);
  });

  it('is one at a time', async () => {
    expect(await speak(async (take) => Promise.all([nameAndMessage(take()), nameAndMessage(take())]))).toEqual(['answered', 'InvalidParameterValueException: Invalid Checkpoint Token: it is not the latest one']);
  });

  it.each([
    [false, 'its token stays good', 'answered'], [true, 'it gets no token back', 'InvalidParameterValueException: Invalid Checkpoint Token: it is not the latest one'],
  ])('does not get to the disk; its invocation is revoked meanwhile: %p; %s', async (isRevoked, _, again) => {
    const said = await speak(async (take) => {
      const lost = nameAndMessage(take(...steps(1)));
      if (isRevoked) (currentInvocation() as Running).revoke();
      raw.store.database.exec('ROLLBACK');
      return [await lost, await nameAndMessage(take(...steps(1)))];
    });
    expect(said).toEqual([expect.stringContaining('no transaction is active'), again]);
    expect(raw.engine.operationsOf('run')).toHaveLength(isRevoked ? 0 : 1);
  });

  it('of an execution or a function that is none is refused', async () => {
    const refused = async (DurableExecutionArn: string | undefined): Promise<string> => nameAndMessage(raw.engine.checkpoint({ DurableExecutionArn, CheckpointToken: 'x', Updates: [] } as never));
    await speak(() => undefined);
    const arn = 'arn:mrs-killswitch:engine:function:raw:1/durable-execution/run/id-1';
    for (const wrong of [undefined, '', 'run', `${arn}2`, arn.replace('/run/', '/other/'), `${arn}/id-1`]) {
      expect(await refused(wrong)).toBe(`ResourceNotFoundException: Durable execution ${wrong} not found`);
    }
    expect(await refused(arn)).toBe('InvalidParameterValueException: Durable execution run has already ended: SUCCEEDED');
  });

  it('has 3000 operations at most', async () => {
    const answers = await speak(async (take) => [await nameAndMessage(take(...steps(3_000))), await nameAndMessage(take(...steps(1, 3_000))), await nameAndMessage(take({ Id: 's-0', Type: 'STEP', Action: 'SUCCEED' })), await nameAndMessage(take())]);
    expect(answers).toEqual(['answered', 'InvalidParameterValueException: an execution has at most 3000 operations', 'answered', 'answered']);
    expect(raw.engine.operationsOf('run')).toHaveLength(3_000);
  });

  it('with a result that is too large for the answer is what the execution comes to', async () => {
    raw.register('large', async (take) => {
      const answer = await take({ Id: 'e', Type: 'EXECUTION', Action: 'SUCCEED', Payload: '"large"' });
      expect(answer.NewExecutionState).toEqual({ Operations: [] });
      return { Status: 'SUCCEEDED', Result: '' };
    });
    await raw.engine.start('large', 'large', '{}').written;
    await raw.rest();
    expect(raw.engine.byName('large')).toMatchObject({ status: 'SUCCEEDED', result: '"large"' });
    expect(raw.engine.operationsOf('large')).toEqual([]);
  });

  it.each<[string, OperationUpdate[], number | undefined]>([
    ['a wait', [{ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 60 } }], NOW + 60_000],
    ['a retry', [{ Id: 's', Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 30 } }], NOW + 30_000],
    ['a wait that is given up', [{ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 60 } }, { Id: 'w', Type: 'WAIT', Action: 'CANCEL' }], NOW + 3_600_000],
    ['a step', [{ Id: 's', Type: 'STEP', Action: 'START', CallbackOptions: { TimeoutSeconds: 9 } }], NOW + 3_600_000],
  ])('of %s sets its timer and no other', async (_, updates, atMs) => {
    expect(await speak(async (take) => take(...updates).then(() => [raw.engine.nextAtMs(), raw.engine.hasProgress()]))).toEqual([atMs, atMs !== NOW + 3_600_000]);
  });

  it('is told of what changed from outside once, after what it did itself', async () => {
    const answers = await speak(async (take) => {
      await take({ Id: 'r', Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 30 }, Payload: '1' });
      raw.clock.advanceTo(NOW + 30_000);
      return [(await take(...steps(1))).NewExecutionState?.Operations, (await take()).NewExecutionState?.Operations];
    });
    expect(answers).toMatchObject([[{ Id: 's-0' }, { Id: 'r', Status: 'READY', StepDetails: { Attempt: 1, Result: '1' } }], []]);
    expect(raw.engine.operationsOf('run')[0]?.StepDetails).toEqual({ Attempt: 1, Result: '1' });
  });
});

describe('the state of an execution', () => {
  const ids = ({ Operations }: { Operations?: { Id?: string | undefined }[] | undefined }): unknown => Operations?.map(({ Id: id }) => id);

  it('comes in pages, of 1000 or as many as were asked for', async () => {
    await speak(async (take, { DurableExecutionArn }) => {
      await take(...steps(1_000));
      const page = async (Marker?: string, MaxItems?: number) => raw.engine.state({ DurableExecutionArn, CheckpointToken: take.token(), Marker, MaxItems } as never);
      const first = await page();
      expect([first.Operations?.length, first.Operations?.[0]?.Type, first.NextMarker]).toEqual([1_000, 'EXECUTION', '1000']);
      const rest = await page('1000');
      expect([ids(rest), 'NextMarker' in rest]).toEqual([['s-999'], false]);
      expect(await page('998', 2)).toMatchObject({ Operations: [{ Id: 's-997' }, { Id: 's-998' }], NextMarker: '1000' });
      const last = await page('999', 2);
      expect([ids(last), 'NextMarker' in last]).toEqual([['s-998', 's-999'], false]);
      return undefined;
    });
    expect(raw.told).toEqual(['run RUNNING', 'run SUCCEEDED']);
  });

  it('is told to who holds the token alone', async () => {
    const said = await speak(async (_, { DurableExecutionArn }) => nameAndMessage(raw.engine.state({ DurableExecutionArn, CheckpointToken: 'other' } as never)));
    expect(said).toBe('InvalidParameterValueException: Invalid Checkpoint Token: it is not the latest one');
  });
});

describe("an error for the SDK's client", () => {
  it.each<[string, (raw: Raw) => Promise<string>, string]>([
    ['a call that is wrong ends the execution', async () => 'id-1/1/1', 'EXECUTION'],
    ['a token that is old ends the invocation', async () => 'other', 'INVOCATION'],
  ])('says how far it reaches: %s', async (_, token, scope) => {
    const wrong = await speak(async (__, { DurableExecutionArn }) => raw.engine.client.checkpoint({ DurableExecutionArn, CheckpointToken: await token(raw), Updates: [{ Id: 'w', Type: 'WAIT', Action: 'START' }] }).catch((error: unknown) => error));
    expect(wrong).toMatchObject({ name: 'DurableExecutionClientError', scope, message: expect.stringContaining('InvalidParameterValueException: ') as unknown, cause: { name: 'InvalidParameterValueException' } });
    expect(await raw.engine.client.getExecutionState({ DurableExecutionArn: 'none', CheckpointToken: '' } as never).catch((error: unknown) => error)).toMatchObject({ scope: 'EXECUTION' });
  });
});
