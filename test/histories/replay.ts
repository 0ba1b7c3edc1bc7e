import type { DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import type { OperationUpdate } from '@aws-sdk/client-lambda';
import { createDurableHandler } from '../../lib/house/durable-handler.ts';
import { runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import type { CrashHook } from '../local/deaths.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import type { WarnStage } from '../stage/warn.ts';
import type { History, RecordedOperation } from './history.ts';

/** How long a callback is waited for; what the SDK asked for is no part of an operation. As long as the warning of the stage. */
const CALLBACK_SEC = 30 * 60;

/** The execution of the stage at its wait, as it goes into a file. */
export function record({ clock, backend }: WarnStage): History {
  const [view] = backend.list({});
  if (view === undefined) throw new Error('nothing was started');
  const { functionName, name, input, operations } = view;
  return {
    functionName, name, input,
    operations: operations.flatMap(({ Id = '', ParentId, Name, Type, SubType, Status, StepDetails, WaitDetails, CallbackDetails }) => {
      if (Type !== 'STEP' && Type !== 'WAIT' && Type !== 'CALLBACK') return [];
      const { Result, Error } = StepDetails ?? CallbackDetails ?? {};
      const dueAt = StepDetails?.NextAttemptTimestamp ?? (Status === 'STARTED' ? WaitDetails?.ScheduledEndTimestamp : undefined);
      const plain = { Id, ParentId, Name, Type, SubType, Status: Status as RecordedOperation['Status'], Result, Error, dueInSec: dueAt && Math.ceil((dueAt.getTime() - clock.now()) / 1_000) };
      return [JSON.parse(JSON.stringify(plain)) as RecordedOperation];
    }),
  };
}

/** What came of a replay: how it ended, and the operations that its code went on to write. */
export type Replayed = { view: ExecutionView; wrote: { type: string; name?: string; action: string }[] };

/**
 * Puts a history on record in an engine of its own, then lets today's code go on from there, in the world of `stage`, where the
 * execution was played up to the same wait. `goOn` brings it to its end.
 */
export async function replay(stage: WarnStage, { functionName, name, input, operations }: History, goOn: (engine: DurableBackend) => unknown): Promise<Replayed> {
  const wrote: Replayed['wrote'] = [];
  let isOnRecord = false;
  const crash: CrashHook = ({ point, operations: updates }) => {
    if (isOnRecord && point === 'before-checkpoint') wrote.push(...updates);
    return false;
  };
  const engine = createDurableBackend({ clock: stage.clock, executionTimeoutSec: 360_000, crash });
  const house = { refresh: stage.refresh, loadStarting: stage.load };
  const handler = createDurableHandler(stage.outside, house, functionName.endsWith('warn') ? runWarningPayload : runPayload);
  const putOnRecord = async ({ durableExecutionClient: client, DurableExecutionArn, CheckpointToken }: DurableExecutionInvocationInputWithClient): Promise<{ Status: string }> => {
    await client.checkpoint({ DurableExecutionArn, CheckpointToken, Updates: operations.map(updateOf) } as Parameters<typeof client.checkpoint>[0]);
    for (const { Type, Status, Name, Result } of operations) {
      if (Type === 'CALLBACK' && Status === 'SUCCEEDED') engine.succeedCallback(engine.callbacks().find((callback) => callback.name === Name)?.id ?? '', Result);
    }
    isOnRecord = true;
    return { Status: 'PENDING' };
  };
  engine.register(functionName, (event, context) => (isOnRecord ? handler(event, context) : putOnRecord(event)));
  for (const { arn } of stage.backend.list({})) stage.backend.stop(arn);
  stage.clock.stopAt(stage.clock.now());
  engine.start(functionName, name, input);
  await engine.idle();
  stage.clock.stopAt(Infinity);
  await goOn(engine);
  void engine.idle(); // lets the clock go on
  const view = await engine.settled(name);
  await engine.idle();
  engine.close();
  await stage.idle();
  return { view, wrote };
}

/** The update after which an operation stands as it was recorded. */
function updateOf({ Id, ParentId, Name, Type, SubType, Status, Result, Error, dueInSec }: RecordedOperation): OperationUpdate {
  const update = { Id, ParentId, Name, Type, SubType } as OperationUpdate;
  if (Type === 'WAIT') return { ...update, Action: 'START', WaitOptions: { WaitSeconds: dueInSec ?? 1 } };
  if (Type === 'CALLBACK') return { ...update, Action: 'START', CallbackOptions: { TimeoutSeconds: CALLBACK_SEC } };
  switch (Status) {
    case 'SUCCEEDED':
      return { ...update, Action: 'SUCCEED', Payload: Result };
    case 'PENDING':
      return { ...update, Action: 'RETRY', Payload: Result, Error, StepOptions: { NextAttemptDelaySeconds: dueInSec } };
    default:
      return { ...update, Action: 'FAIL', Error };
  }
}
