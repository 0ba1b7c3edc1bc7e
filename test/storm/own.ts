import { currentInvocation } from '../../home/engine/invocation.ts';
import { enginePort } from '../../home/engine/engine-port.ts';
import type { DurableEngine } from '../../home/engine/engine.ts';
import { createRoutes } from '../../home/http/routes.ts';
import { LIMITS } from '../../home/http/limits.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { followTogether } from '../../home/mrs/follow-together.ts';
import { openEngineOfHome } from '../../home/serve/engine-of-home.ts';
import { NAMES_INSIDE } from '../../home/serve/names.ts';
import { ANSWER_RESERVE_MS, replyToError } from '../../lib/http/reply.ts';
import { compose } from '../../lib/house/compose.ts';
import { createLog } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { makeActor } from '../simulation/actor.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Ground, readTold, type StormHome } from './home.ts';

/** The own home with its limits: 50 invocations at once, 10,000 open executions, 10 places for MRS. The work of its processor takes no time here. */
export function openOwn({ world, openSend, env }: Ground): StormHome {
  const store = memoryStore();
  const ledger = createSqliteLedger(store);
  const clock = { now: world.now, wall: world.now, sleep: world.sleep, random: world.chance.random, setTimer: world.at };
  const log = createLog({ level: 'error', now: world.now, write: () => undefined, count: () => undefined });
  let ids = 0;
  const createId = (): string => `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`;
  const policy = loadPolicy(env['POLICY_FILE'] ?? '');
  const begunAt = new Map<string, number>();
  const counts = { inFlight: 0, mostInFlight: 0 };
  const actor = makeActor('own home');

  const house = compose({
    home: 'own',
    bornAt: world.now(),
    env: { ...env, ...NAMES_INSIDE },
    clock,
    createId,
    log,
    openSend: openSend(() => actor),
    followTogether: followTogether(clock),
    readParameters: async () => new Map(),
    openEngine: (functionName) => enginePort(opened, functionName.replace(/:[^:]*$/, ''), clock),
    openLedger: () => ledger,
    invokeSelf: async () => undefined,
    readPolicy: () => policy,
  });
  const opened: DurableEngine = openEngineOfHome({
    store, ledger, clock, createId, log, policy,
    house: {
      ...house,
      // The first thing that an invocation does.
      async refresh() {
        const name = currentInvocation()?.name;
        if (name !== undefined && !begunAt.has(name)) begunAt.set(name, world.now());
        await house.refresh();
      },
    },
    endProcess: (why) => world.blame('the process ends', why),
  });
  void opened.resume();
  const routes = createRoutes({ load: house.load, loadStarting: house.loadStarting });

  return {
    engine: opened,
    begunAt,
    countOpen: () => Object.values(opened.countOpenByFunction()).reduce((sum, count) => sum + count, 0),
    async knock(line, { headers, body }) {
      await world.sleep(world.chance.whole(10, 60)); // its way there
      const [method = '', path = ''] = line.split(' ');
      const receivedAt = world.now();
      counts.mostInFlight = Math.max(counts.mostInFlight, ++counts.inFlight);
      const request = { method, path, headers, rawBody: Buffer.from(body), requestId: createId(), receivedAt, answerBy: receivedAt + LIMITS.handleMs - ANSWER_RESERVE_MS, log };
      try {
        const { status, headers: answered = {}, body: said = {} } = await routes(request).catch((error: unknown) => replyToError(error, log));
        return readTold(status, answered, said as object);
      } finally {
        counts.inFlight -= 1;
      }
    },
    lines: () => [`  at the door: at most ${counts.mostInFlight} deliveries at once (${LIMITS.connections} connections are allowed)`],
    close() {
      opened.close();
      store.close();
    },
  };
}
