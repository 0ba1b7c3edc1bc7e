import type { CheckpointDurableExecutionResponse, OperationUpdate, WireOperation as Operation } from '@aws/durable-execution-sdk-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);

type Event = { DurableExecutionArn: string; CheckpointToken: string; UpdatedOperationIds?: string[]; InitialExecutionState: { Operations: Operation[] } };

let backend: DurableBackend;
beforeEach(() => {
  backend = createDurableBackend({ clock: virtualClock(START_MS), onFunctionFailure: () => {} });
});
afterEach(() => backend.close());

/** Runs a function that speaks the wire model itself, once; returns what it saw. */
async function speak<Seen>(body: (event: Event) => Promise<Seen>): Promise<Seen> {
  let seen: Seen | undefined;
  backend.register('raw', async (event: Event) => {
    seen = await body(event);
    return { Status: 'SUCCEEDED' };
  });
  backend.start('raw', 'run', '{"a":1}');
  await backend.settled('run');
  return seen as Seen;
}

function checkpoint({ DurableExecutionArn }: Event, CheckpointToken: string, ...Updates: OperationUpdate[]): Promise<CheckpointDurableExecutionResponse> {
  return backend.checkpoint({ DurableExecutionArn, CheckpointToken, Updates });
}

async function nameAndMessage(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'answered',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe('a checkpoint', () => {
  it('begins with the EXECUTION operation and its payload', async () => {
    const event = await speak(async (sent) => sent);
    expect(event.InitialExecutionState.Operations).toEqual([
      expect.objectContaining({ Type: 'EXECUTION', Status: 'STARTED', StartTimestamp: '2026-01-05T12:00:00.000Z', ExecutionDetails: { InputPayload: '{"a":1}' } }),
    ]);
  });

  it('gives a new token each time and refuses the old one', async () => {
    const { first, old } = await speak(async (event) => {
      const { CheckpointToken: next = '' } = await checkpoint(event, event.CheckpointToken);
      return { first: next, old: await nameAndMessage(checkpoint(event, event.CheckpointToken)) };
    });
    expect(first).not.toBe('');
    expect(old).toMatch(/^InvalidParameterValueException: Invalid Checkpoint Token/);
  });

  it('never answers an invocation that is dead, and lets it go at the close', async () => {
    let dead: Promise<string> | undefined;
    const first: Event[] = [];
    const outcome = await speak(async (event) => {
      first.push(event);
      const [before] = first;
      if (before === undefined || before === event) throw new Error('the first one dies');
      dead = nameAndMessage(checkpoint(before, before.CheckpointToken, { Id: 's', Type: 'STEP', Action: 'START' }));
      return Promise.race([dead, new Promise((resolve) => setTimeout(resolve, 20, 'silence'))]);
    });
    expect(outcome).toBe('silence');
    expect(backend.list({})[0]).toMatchObject({ checkpointCalls: 0, operations: [{ Type: 'EXECUTION' }] });
    backend.close();
    expect(await dead).toBe('ServiceException: the backend is closed');
  });

  it('never answers an invocation that was killed, not even when the execution has ended', async () => {
    const first: Event[] = [];
    await speak(async (event) => {
      first.push(event);
      if (first.length === 1) backend.crashNow('run');
    });
    const [killed] = first;
    if (killed === undefined) throw new Error('nothing ran');
    const dead = nameAndMessage(checkpoint(killed, killed.CheckpointToken));
    expect(await Promise.race([dead, new Promise((resolve) => setTimeout(resolve, 20, 'silence'))])).toBe('silence');
  });

  it('refuses an execution that has ended', async () => {
    const event = await speak(async (sent) => sent);
    expect(await nameAndMessage(checkpoint(event, event.CheckpointToken))).toMatch('has already ended: SUCCEEDED');
  });

  it('takes START and SUCCEED of one step together and counts the attempt', async () => {
    const answer = await speak((event) =>
      checkpoint(
        event,
        event.CheckpointToken,
        { Id: 'c', Type: 'CONTEXT', Action: 'START' },
        { Id: 's', ParentId: 'c', Type: 'STEP', Action: 'START' },
        { Id: 's', ParentId: 'c', Type: 'STEP', Action: 'SUCCEED', Payload: '1' },
      ),
    );
    expect(answer.NewExecutionState?.Operations).toEqual([
      expect.objectContaining({ Id: 'c', Status: 'STARTED' }),
      expect.objectContaining({ Id: 's', Status: 'SUCCEEDED', StepDetails: { Attempt: 1, Result: '1', Error: undefined } }),
    ]);
  });

  it.each<[string, OperationUpdate[]]>([
    ['an operation that is over', [{ Id: 's', Type: 'STEP', Action: 'SUCCEED' }, { Id: 's', Type: 'STEP', Action: 'START' }]],
    ['an unknown parent', [{ Id: 's', ParentId: 'x', Type: 'STEP', Action: 'START' }]],
    ['a wait begun twice', Array.from({ length: 2 }, () => ({ Id: 'w', Type: 'WAIT' as const, Action: 'START' as const, WaitOptions: { WaitSeconds: 1 } }))],
    ['a wait of no time', [{ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 0 } }]],
    ['another type under the same id', [{ Id: 's', Type: 'STEP', Action: 'START' }, { Id: 's', Type: 'CONTEXT', Action: 'SUCCEED' }]],
    ['a step that starts before its delay is over', [{ Id: 's', Type: 'STEP', Action: 'RETRY', StepOptions: { NextAttemptDelaySeconds: 5 } }, { Id: 's', Type: 'STEP', Action: 'START' }]],
  ])('refuses %s', async (_, updates) => {
    const outcome = await speak((event) => nameAndMessage(checkpoint(event, event.CheckpointToken, ...updates)));
    expect(outcome).toMatch(/^InvalidParameterValueException/);
  });

  it('leaves children of a finished context out, unless the context asked to keep them', async () => {
    const shown = await speak(async (event) => {
      const finished = ['dropped', 'kept'].flatMap((id): OperationUpdate[] => [
        { Id: id, Type: 'CONTEXT', Action: 'START' },
        { Id: `${id}-child`, ParentId: id, Type: 'STEP', Action: 'SUCCEED' },
        { Id: id, Type: 'CONTEXT', Action: 'SUCCEED', ContextOptions: { ReplayChildren: id === 'kept' } },
      ]);
      const { CheckpointToken: next = '' } = await checkpoint(event, event.CheckpointToken, ...finished);
      return backend.state({ DurableExecutionArn: event.DurableExecutionArn, CheckpointToken: next, MaxItems: 3 });
    });
    expect(shown.Operations?.map(({ Id: id }) => id).slice(1)).toEqual(['dropped', 'kept']);
    expect(shown.NextMarker).toBe('3');
    expect(backend.list({})[0]?.operations).toHaveLength(5);
  });

  it('tells the code what changed from outside while it ran', async () => {
    const changes = await speak(async (event) => {
      const begun = await checkpoint(event, event.CheckpointToken, { Id: 'cb', Type: 'CALLBACK', Action: 'START' });
      const id = begun.NewExecutionState?.Operations?.[0]?.CallbackDetails?.CallbackId ?? '';
      backend.succeedCallback(id, 'yes');
      const polled = await checkpoint(event, begun.CheckpointToken ?? '');
      const again = await checkpoint(event, polled.CheckpointToken ?? '');
      return [polled, again].map(({ NewExecutionState: state }) => state?.Operations?.map(({ Status: status }) => status));
    });
    expect(changes).toEqual([['SUCCEEDED'], []]);
  });
});
