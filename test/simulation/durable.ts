import type { CheckpointDurableExecutionRequest } from '@aws-sdk/client-lambda';
import { DurableExecutionClientError, DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import { type Engine, EngineFailed } from '../../lib/start/engine.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { type Actor, makeActor, shortName } from './actor.ts';
import { callOutside } from './call.ts';
import type { HouseClock } from './clocks.ts';
import type { DurableName } from './house.ts';
import { MINUTE_MS, SECOND_MS, type World } from './world.ts';

export const KILL_FUNCTION = 'mrs-killswitch-test-kill:durable';
export const WARN_FUNCTION = 'mrs-killswitch-test-warn:durable';
const NAMES: Record<DurableName, string> = { kill: KILL_FUNCTION.replace(':durable', ''), warn: WARN_FUNCTION.replace(':durable', '') };
/** As serverless.yml has it; a warning for a day, and as long as the rules of the story need at least. */
const LIFE_SEC: Record<DurableName, number> = { kill: 10 * 3_600, warn: 24.25 * 3_600 };
const BAD_ENDS = ['FAILED', 'TIMED_OUT', 'STOPPED'] as const;

type Input = ConstructorParameters<typeof DurableExecutionInvocationInputWithClient>[0];
type Client = DurableExecutionInvocationInputWithClient['durableExecutionClient'];
type Event = DurableExecutionInvocationInputWithClient & { UpdatedOperationIds?: string[] };

export type DurableOptions = {
  /** Runs an invocation of one of the durable functions as `actor`. */
  invoke: (name: DurableName, actor: Actor, event: unknown, context: unknown) => Promise<unknown>;
  /** Somebody asked for an execution of that name, and there is one. */
  onStarted: (name: string, by: Actor, payload: string) => void;
  /** An execution came to a bad end. */
  onBadEnd: (event: StatusEvent) => void;
  /** Whether it takes no more starts from outside. */
  isFull: () => boolean;
};

export type Durable = {
  backend: DurableBackend;
  /** Of a function by its qualified name. */
  openEngine: (functionName: string, who: () => Actor) => Engine;
  /** A kill of that execution leaves: a bad moment for it to end, and so a good one. */
  onKill: (execution: string) => void;
  /** The process dies with all its invocations, and one with another version of the workflow begins. */
  upgrade: () => void;
  /** It dies, and begins again as it was. */
  restart: () => void;
};

/** The durable engine of the tests on the world's clock, with everything that can go wrong on the way to it. */
export function makeDurable(world: World, clock: HouseClock, { invoke, onStarted, onBadEnd, isFull }: DurableOptions): Durable {
  const { chance } = world;
  const backend = createDurableBackend({
    clock: { now: clock.now, setTimer: clock.setTimer },
    onFunctionFailure: () => undefined,
    onStatusChange(event) {
      const { status, durableExecutionName: name, functionArn } = event.detail;
      if (status !== 'RUNNING') world.tell(shortName(name), `ends ${status}`);
      if (status === 'RUNNING') {
        const soon = chance.one([chance.whole(0, 3 * SECOND_MS), chance.whole(0, 30 * SECOND_MS), chance.whole(0, 20 * MINUTE_MS)]);
        perhapsEndBadly(name, functionArn.endsWith(NAMES.warn) ? soon + chance.one([0, chance.whole(0, 60) * MINUTE_MS]) : soon);
      }
      if (BAD_ENDS.some((bad) => bad === status)) onBadEnd(event);
    },
  });
  const lastReads = new Map<string, Actor['lastRead']>();
  const invocations = new Set<Actor>();
  for (const [name, registered] of Object.entries(NAMES) as [DurableName, string][]) backend.register(registered, async (event: Event, context: { awsRequestId: string }) => {
    const execution = /durable-execution\/([^/]+)\//.exec(event.DurableExecutionArn)?.[1] ?? '';
    // What an invocation has read stands in steps, and the next one goes on with it.
    const lateMs = lastReads.has(execution) ? 0 : world.lateMs();
    const lastRead = lastReads.get(execution) ?? { switches: new Map() };
    lastReads.set(execution, lastRead);
    const actor = makeActor(`${shortName(execution)}#${context.awsRequestId.split('/').at(-1)}`, { execution, isMortal: true, lastRead });
    invocations.add(actor);
    try {
      if (lateMs > 0) world.tell(shortName(execution), `waits ${Math.round(lateMs / SECOND_MS)} s for its first run`);
      await world.sleep(lateMs + chance.whole(20, 1_500));
      return await (actor.isAlive ? invoke(name, actor, withFaults(event, actor), context) : new Promise(() => undefined));
    } finally {
      invocations.delete(actor);
    }
  }, { executionTimeoutSec: LIFE_SEC[name] });

  function allDie(): void {
    for (const actor of invocations) world.die(actor, 'with its process');
  }

  /** Somebody stops it, its time is up, or it breaks off: whatever an invocation of it does just then. */
  function perhapsEndBadly(name: string, afterMs: number): void {
    if (!chance.happens(world.rate() * 2)) return;
    const status = chance.one(BAD_ENDS);
    world.after(afterMs, () => {
      const found = backend.list({ executionName: name })[0];
      if (world.rate() === 0 || found?.status !== 'RUNNING') return;
      world.tell(shortName(name), `an outside hand ends it: ${status}`);
      backend.stop(found.arn, { ErrorType: 'Simulated', ErrorMessage: 'simulated' }, status);
    });
  }

  /** The same event with a client that goes through the world; the dead never hear of it again. */
  function withFaults(event: Event, actor: Actor): unknown {
    const inner = event.durableExecutionClient;
    const checkpoint = (request: CheckpointDurableExecutionRequest): Promise<unknown> =>
      callOutside<Promise<unknown>>(world, actor, {
        to: 'engine',
        what: `checkpoint ${(request.Updates ?? []).map(({ Name: name = '', Action: action }) => `${name} ${action}`).join(', ')}`,
        timeoutMs: 3 * SECOND_MS,
        effect() {
          const answer = (inner.checkpoint as (request: CheckpointDurableExecutionRequest) => Promise<unknown>)(request);
          answer.catch(() => undefined);
          return answer;
        },
        noAnswer: () => new DurableExecutionClientError('no answer', { scope: 'INVOCATION' }),
      });
    const client = { checkpoint, getExecutionState: inner.getExecutionState.bind(inner) } as unknown as Client;
    const { DurableExecutionArn, CheckpointToken, UpdatedOperationIds, InitialExecutionState } = event;
    const input = new DurableExecutionInvocationInputWithClient({ DurableExecutionArn, CheckpointToken, InitialExecutionState } as Input, client);
    return Object.assign(input, { UpdatedOperationIds });
  }

  const openEngine: Durable['openEngine'] = (functionName, who) => {
    const call = <Answer>(what: string, effect: () => Answer, show: (answer: Answer) => string = () => ''): Promise<Answer> =>
      callOutside(world, who(), { to: 'engine', what, timeoutMs: 8 * SECOND_MS, effect, show, noAnswer: () => new EngineFailed(`${what} failed: TimeoutError`) });
    const takes = (name: string): boolean => !isFull() || who().execution !== '' || /^(?:end|notice)-/.test(name) || backend.list({ executionName: name }).length > 0;
    return engineOver(backend, functionName, call, { takes, onStarted: (name, payload) => onStarted(name, who(), payload) });
  };
  return {
    backend,
    openEngine,
    onKill: (execution) => perhapsEndBadly(execution, chance.whole(0, 40 * SECOND_MS)),
    upgrade() {
      allDie();
      lastReads.clear();
      backend.upgrade();
    },
    restart() {
      allDie();
      backend.restart();
    },
  };
}

type EngineCall = <Answer>(what: string, effect: () => Answer, show?: (answer: Answer) => string) => Promise<Answer>;

type Starts = { takes: (name: string) => boolean; onStarted: (name: string, payload: string) => void };

function engineOver(backend: DurableBackend, functionName: string, call: EngineCall, { takes, onStarted }: Starts): Engine {
  return {
    start: (name, payload) =>
      call(
        `start ${shortName(name)}`,
        () => {
          if (!takes(name)) throw new EngineFailed('starting failed', { isFull: true });
          try {
            backend.start(functionName, name, payload);
            onStarted(name, payload);
            return 'started';
          } catch (error) {
            if ((error as Error).name === 'DurableExecutionAlreadyStartedException') return 'exists';
            throw new EngineFailed('starting failed', { cause: error });
          }
        },
        (answer) => answer,
      ),
    inputOf: (arn) =>
      call('get execution', () => {
        const found = backend.get(arn);
        if (found === undefined) throw new EngineFailed('reading an execution failed: ResourceNotFoundException');
        return found.input;
      }),
    answer: (callbackId, result) =>
      call(
        'answer callback',
        () => {
          try {
            backend.succeedCallback(callbackId, result);
            return 'taken';
          } catch {
            return 'late';
          }
        },
        (answer) => answer,
      ),
  };
}
