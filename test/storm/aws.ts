import type { CheckpointDurableExecutionRequest, CheckpointDurableExecutionResponse } from '@aws/durable-execution-sdk-js';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createLambdaEngine } from '../../functions/aws/lambda-engine.ts';
import type { CallLambda } from '../../functions/aws/lambda-call.ts';
import { createEngine } from '../../home/engine/engine.ts';
import type { InvocationEvent } from '../../home/engine/invocation-event.ts';
import { AwsRefused } from '../../lib/aws/send-aws.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';
import { functionArn } from '../local/function-name.ts';
import { withClient } from '../local/injected-client.ts';
import { createQuotas, PUBLISHED_QUOTAS, Throttled } from '../local/quotas.ts';
import { type Actor, makeActor } from '../simulation/actor.ts';
import { callOutside } from '../simulation/call.ts';
import { KILL_FUNCTION, WARN_FUNCTION } from '../simulation/durable.ts';
import { makeFunctions } from '../simulation/house.ts';
import { ledgerOver, makeLedgerTable } from '../simulation/ledger.ts';
import { SECOND_MS, type World } from '../simulation/world.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Bill, chargeOf, countUpdates } from './bill.ts';
import { type Ground, readTold, type StormHome } from './home.ts';
import { type TableUse, withinThroughput } from './table.ts';

const NAME = KILL_FUNCTION.replace(':durable', '');

/** The AWS home under what AWS allows: requests of the HTTP API, starts, the concurrency of kill, the age of what waits for it, and the table's throughput. */
export function openAws({ world, openSend, env, places, shipped }: Ground): StormHome {
  const store = memoryStore();
  const table = makeLedgerTable();
  const used: TableUse = { written: 0, read: 0, refused: 0 };
  const bill: Bill = { operations: 0, bytes: 0, invocations: 0, durationMs: 0 };
  const begunAt = new Map<string, number>();
  let open = 0;
  const counts = { dropped: 0, inFlight: 0, mostInFlight: 0, throttled: 0 };
  const quotas = createQuotas({ now: world.now }, PUBLISHED_QUOTAS);
  const mayEnter = makeGate(world, shipped);
  const limited = { ...table, ...withinThroughput(table, world.now, places, used) };

  const functions = makeFunctions(world, { now: world.now, wall: world.now, setTimer: world.at, isSet: false }, {
    envAt: () => awsEnv,
    openSend,
    openLedger: (who) => ledgerOver(world, limited, who, { onWritten: () => undefined, onSwitchRead: () => undefined }),
    openEngine: (name, who) => createLambdaEngine(callLambda(who), name, { now: world.now, wall: world.now, sleep: world.sleep, random: world.chance.random }),
    invokeSelf: () => async () => undefined,
    readParameter: () => 'false',
    onSwitchRead: () => undefined,
  });
  const awsEnv = { ...env, KILL_FUNCTION, WARN_FUNCTION, LEDGER_TABLE: 'ledger' };
  let ids = 0;
  const engine = createEngine({
    store,
    clock: { now: world.now, setTimer: world.at },
    createId: () => `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`,
    version: WORKFLOW_VERSION,
    functionArn,
    mostInvocations: shipped.killConcurrency,
    mostOpen: Number.MAX_SAFE_INTEGER,
    onStatusChange: ({ status }) => void (open += status === 'RUNNING' ? 1 : -1),
  });
  engine.register(NAME, { handler: runKill as never, lifeSec: shipped.killLifeSec, timeoutSec: shipped.killTimeoutSec });
  void engine.resume();

  async function runKill(event: InvocationEvent, context: unknown): Promise<unknown> {
    const name = /durable-execution\/([^/]+)\//.exec(event.DurableExecutionArn)?.[1] ?? '';
    if (!begunAt.has(name)) {
      begunAt.set(name, world.now());
      // What has waited longer for its first invocation Lambda drops: it goes to the dead letters, and no code of ours hears of it.
      if (world.now() - (engine.byName(name)?.startMs ?? 0) > shipped.eventAgeSec * SECOND_MS) {
        counts.dropped += 1;
        return { Status: 'FAILED', Error: { ErrorType: 'Dropped', ErrorMessage: 'it waited too long' } };
      }
    }
    const actor = makeActor(name, { execution: name });
    const checkpoint = async (request: CheckpointDurableExecutionRequest): Promise<CheckpointDurableExecutionResponse> => {
      countUpdates(bill, request);
      return callOutside<Promise<CheckpointDurableExecutionResponse>>(world, actor, { to: 'engine', what: 'checkpoint', timeoutMs: 55 * SECOND_MS, effect: () => engine.checkpoint(request), noAnswer: () => new Error('no answer') });
    };
    return billed(() => functions.invoke('kill', actor, withClient(event, checkpoint), context));
  }

  async function billed<T>(invoke: () => Promise<T>): Promise<T> {
    const from = world.now();
    try {
      return await invoke();
    } finally {
      bill.invocations += 1;
      bill.durationMs += world.now() - from;
    }
  }

  /** Lambda's answer to a start. */
  const callLambda = (who: () => Actor): CallLambda => (what, { method, path, headers = {}, body }) =>
    callOutside(world, who(), {
      to: 'engine',
      what,
      timeoutMs: 8 * SECOND_MS,
      effect() {
        try {
          quotas(method, decodeURIComponent(path));
          engine.start(NAME, headers['x-amz-durable-execution-name'], body);
          return {};
        } catch (cause) {
          const isThrottled = cause instanceof Throttled;
          if (isThrottled) counts.throttled += 1;
          const { name } = cause as Error;
          const refused = new AwsRefused(name, { status: isThrottled ? 429 : 409, headers: isThrottled ? { 'retry-after': '1' } : {}, text: '' }, '');
          throw new EngineFailed(`${what} failed: ${name}`, { cause: refused });
        }
      },
      noAnswer: () => new EngineFailed(`${what} failed: no answer`, { cause: new NoAnswer('timeout', 'no answer') }),
    });

  return {
    engine,
    begunAt,
    countOpen: () => open,
    async knock(line, request) {
      await world.sleep(world.chance.whole(10, 60)); // its way there
      if (!mayEnter()) return { status: 429 };
      counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
      try {
        const { statusCode = 0, headers = {}, body = '{}' } = (await billed(() => functions.invoke('alerts', makeActor('alerts'), httpEvent(line, request), lambdaContext()))) as APIGatewayProxyStructuredResultV2;
        return readTold(statusCode, headers, JSON.parse(body) as object);
      } catch {
        return undefined;
      } finally {
        counts.inFlight -= 1;
      }
    },
    lines: () => [
      `  at the door: at most ${counts.mostInFlight} deliveries at once, ${counts.throttled} starts throttled by Lambda; dropped by Lambda after ${shipped.eventAgeSec} s in its queue: ${counts.dropped}`,
      `  the table: ${used.written} entries written, ${used.read} read, ${used.refused} calls throttled`,
      `  AWS charges: ${chargeOf(bill, used)}`,
    ],
    close() {
      engine.close();
      table.close();
      store.close();
    },
  };
}

/** The throttle of the HTTP API: a bucket of so many requests, which fills so fast. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html */
function makeGate(world: World, { requestsPerSecond, burst }: { requestsPerSecond: number; burst: number }): () => boolean {
  let tokens = burst;
  let at = world.now();
  return () => {
    tokens = Math.min(burst, tokens + ((world.now() - at) / SECOND_MS) * requestsPerSecond);
    at = world.now();
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
