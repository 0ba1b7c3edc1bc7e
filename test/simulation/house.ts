import { compose, type Outside } from '../../lib/house/compose.ts';
import { createDurableHandler } from '../../lib/house/durable-handler.ts';
import { handleEvent } from '../../functions/aws/handle-event.ts';
import { http } from '../../functions/aws/http.ts';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { createApi } from '../../lib/api/api.ts';
import { handleCleanup } from '../../lib/cleanup/handle-schedule.ts';
import type { OpenSend } from '../../lib/http/send.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import { createLog } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { answerLater } from '../../lib/slack/answer-later.ts';
import { isLaterTask } from '../../lib/slack/later.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';
import type { Engine } from '../../lib/start/engine.ts';
import { runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { type Actor, makeActor, type SwitchPlace } from './actor.ts';
import { callOutside } from './call.ts';
import type { HouseClock } from './clocks.ts';
import type { Env } from './deployments.ts';
import { SECOND_MS, type World } from './world.ts';

export type FunctionName = 'alerts' | 'slack' | 'api' | 'events' | 'cleanup' | DurableName;
/** The durable ones. */
export type DurableName = 'kill' | 'warn';
type Handler = (event: never, context: never) => Promise<unknown>;

/** The outside as an actor finds it; who that is is asked for anew at each call. */
export type Around = {
  /** Of the deployment of that moment. */
  envAt: (atMs: number) => Env;
  openSend: (who: () => Actor) => OpenSend;
  openLedger: (who: () => Actor) => Ledger;
  /** Of a function by its qualified name. */
  openEngine: (functionName: string, who: () => Actor) => Engine;
  invokeSelf: (who: () => Actor) => (payload: unknown) => Promise<void>;
  /** What the parameter store says of the off switch, by env. */
  readParameter: () => string;
  alterParameters?: ((read: Map<string, string>) => Map<string, string>) | undefined;
  onSwitchRead: (actor: Actor, place: SwitchPlace, isOn: boolean, sentAt: number) => void;
};

/** One sandbox of Lambda: it serves one invocation at a time, remembers between them, and is gone when one dies in it. */
type Sandbox = { actor: Actor; handler: Handler };

/** The functions, of whichever deployment. */
export type Functions = {
  /** Invokes a function as `actor`; rejects where it throws, dies, or takes longer than its time. `deployedBy`: as it was deployed then, by epoch ms; now, where left out. */
  invoke: (name: FunctionName, actor: Actor, event: unknown, context: unknown, deployedBy?: number) => Promise<unknown>;
};

// As serverless.yml has them.
const TIMEOUT_SEC: Record<FunctionName, number> = { alerts: 29, slack: 29, api: 29, events: 60, cleanup: 300, kill: 120, warn: 120 };

export function makeFunctions(world: World, { setTimer: _setTimer, isSet: _isSet, ...clock }: HouseClock, around: Around): Functions {
  // By function and deployment: what was deployed anew is served by sandboxes of its own.
  const idle = new Map<FunctionName, Map<Env, Sandbox[]>>();
  let ids = 0;

  function idleOf(name: FunctionName, env: Env): Sandbox[] {
    const ofName = idle.get(name) ?? new Map<Env, Sandbox[]>();
    idle.set(name, ofName);
    const sandboxes = ofName.get(env) ?? [];
    ofName.set(env, sandboxes);
    return sandboxes;
  }

  function openSandbox(name: FunctionName, env: Env): Sandbox {
    const sandbox: Sandbox = { actor: makeActor('nobody'), handler: async () => undefined };
    const who = (): Actor => sandbox.actor;
    const outside: Outside = {
      home: 'aws',
      env,
      clock: {
        ...clock,
        // The dead do not go on, and what they slept through is nobody's.
        sleep: async (delayMs) => {
          const { actor } = sandbox;
          await world.sleep(delayMs);
          if (!actor.isAlive) await new Promise(() => undefined);
        },
        random: world.chance.random,
      },
      createId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      log: createLog({ level: 'warn', now: world.now, write: (line) => tellLine(world, who().name, line) }),
      openSend: around.openSend(who),
      readParameters: async (names) => {
        const sentAt = world.now();
        const actor = who();
        const read = await callOutside(world, actor, {
          to: 'parameters',
          what: `get ${names.join(', ')}`,
          timeoutMs: 3 * SECOND_MS,
          effect: () => new Map(names.map((parameter) => [parameter, around.readParameter()])),
          noAnswer: () => new Error('the parameter store gave no answer'),
          show: (found) => [...found.values()].join(', '),
          onAnswer: (found) => around.onSwitchRead(actor, 'parameter', [...found.values()].includes('true'), sentAt),
        });
        return around.alterParameters?.(read) ?? read;
      },
      openEngine: (functionName) => around.openEngine(functionName, who),
      openLedger: () => around.openLedger(who),
      invokeSelf: around.invokeSelf(who),
      readPolicy: () => loadPolicy(env['POLICY_FILE'] ?? ''),
    };
    sandbox.handler = handlerOf(name, outside);
    return sandbox;
  }

  return {
    async invoke(name, actor, event, context, deployedBy = world.now()) {
      const env = around.envAt(deployedBy);
      const sandboxes = idleOf(name, env);
      const sandbox = sandboxes.pop() ?? openSandbox(name, env);
      sandbox.actor = actor;
      return new Promise((resolve, reject) => {
        actor.onDeath = (why) => reject(new Error(`died ${why}`));
        const cancel = world.at(world.now() + TIMEOUT_SEC[name] * SECOND_MS, () => world.die(actor, 'at the end of its time'));
        const end = (how: () => void): void => {
          if (!actor.isAlive) return;
          actor.isAlive = false;
          cancel();
          sandboxes.push(sandbox);
          how();
        };
        sandbox.handler(event as never, context as never).then(
          (answer) => end(() => resolve(answer)),
          (error: unknown) => end(() => reject(error as Error)),
        );
      });
    },
  };
}

/** As the files of functions/ put them together. */
function handlerOf(name: FunctionName, outside: Outside): Handler {
  const house = compose(outside);
  switch (name) {
    case 'alerts':
      return http(outside, createAlertRoute(house.loadStarting), house);
    case 'api':
      return http(outside, createApi(house.load), house);
    case 'slack': {
      const answer = http(outside, createSlackRoutes(house.loadStarting), house);
      return async (event: object, context: never) => (isLaterTask(event) ? answerLater(house.loadStarting, outside.log, event) : answer(event as never, context));
    }
    case 'events':
      return async (event: unknown) => {
        await house.refresh();
        return handleEvent(house.loadStarting, outside.log, event);
      };
    case 'cleanup':
      return async (event: unknown) => {
        await house.refresh();
        return handleCleanup(house.loadStarting, outside.log, event);
      };
    case 'kill':
      return createDurableHandler(outside, house, runPayload) as Handler;
    case 'warn':
      return createDurableHandler(outside, house, runWarningPayload) as Handler;
  }
}

/** Warnings and worse are part of the story; metrics and audit lines are not. */
function tellLine(world: World, who: string, line: string): void {
  if (!world.isTold || line.startsWith('{"_aws"')) return;
  const { level, message, error, fault } = JSON.parse(line) as { level: string; message: string; error?: unknown; fault?: unknown };
  if (level === 'warn' || level === 'error') world.tell(who, `(log: ${message}${error === undefined && fault === undefined ? '' : ` ${JSON.stringify(error ?? fault).slice(0, 160)}`})`);
}
