import { currentInvocation, orRevoked, runOutside } from '../../home/engine/invocation.ts';
import { enginePort } from '../../home/engine/engine-port.ts';
import type { DurableEngine } from '../../home/engine/engine.ts';
import { createRoutes } from '../../home/http/routes.ts';
import { LIMITS } from '../../home/http/limits.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { followTogether } from '../../home/mrs/follow-together.ts';
import { untilRevoked } from '../../home/mrs/until-revoked.ts';
import { openEngineOfHome } from '../../home/serve/engine-of-home.ts';
import { NAMES_INSIDE } from '../../home/serve/names.ts';
import { ANSWER_RESERVE_MS, replyToError } from '../../lib/http/reply.ts';
import { compose } from '../../lib/house/compose.ts';
import { NoAnswer, type OpenSend } from '../../lib/http/send.ts';
import { createLog } from '../../lib/log/log.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { makeActor } from '../simulation/actor.ts';
import type { World } from '../simulation/world.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Ground, readTold, type StormHome } from './home.ts';

/** The own home with its limits: 50 invocations at once, 10,000 open executions, 10 places for MRS. The work of its processor takes no time here. */
export function openOwn({ world, openSend, env }: Ground): StormHome {
  const store = memoryStore();
  const ledger = createSqliteLedger(store);
  const clock = { now: world.now, wall: world.now, sleep: sleepIn(world), random: world.chance.random, setTimer: world.at };
  const log = createLog({ level: 'error', now: world.now, write: () => undefined, count: () => undefined });
  let ids = 0;
  const createId = (): string => `00000000-0000-4000-8000-${(++ids).toString(16).padStart(12, '0')}`;
  const policy = loadPolicy(env['POLICY_FILE'] ?? '');
  const begunAt = new Map<string, number>();
  const actor = makeActor('own home');

  const together = followTogether(clock);
  const house = compose({
    home: 'own',
    bornAt: world.now(),
    env: { ...env, ...NAMES_INSIDE },
    clock,
    createId,
    log,
    openSend: untilRevokedSend(openSend(() => actor)),
    forMany: { openSend: openSend(() => actor), clock: { ...clock, sleep: (ms) => runOutside(() => clock.sleep(ms)) } },
    followTogether: (mrs) => together(untilRevoked(mrs)),
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
    endProcess: (why) => world.judge('the simulation itself', true, () => `the process ends: ${why}`),
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
      const request = { method, path, headers, rawBody: Buffer.from(body), requestId: createId(), receivedAt, answerBy: receivedAt + LIMITS.handleMs - ANSWER_RESERVE_MS, log };
      const { status, headers: answered = {}, body: said = {} } = await routes(request).catch((error: unknown) => replyToError(error, log));
      return readTold(status, answered, said as object);
    },
    lines: () => [],
    close() {
      opened.close();
      store.close();
    },
  };
}

/** As the home's own way out: what an invocation sends ends when that is revoked. */
function untilRevokedSend(openSend: OpenSend): OpenSend {
  return (...origins) => {
    const send = openSend(...origins);
    return (call) => (currentInvocation()?.signal.aborted === true ? Promise.reject(new NoAnswer('unreachable', 'this run was stopped; nothing was sent')) : send({ ...call, signal: orRevoked(call.signal) }));
  };
}

/** As the home's own clock: no invocation sleeps on when it is revoked. */
function sleepIn({ at, now }: World): (ms: number, signal?: AbortSignal) => Promise<void> {
  return (ms, given) =>
    new Promise((resolve, reject) => {
      const signal = orRevoked(given);
      const cancel = at(now() + ms, () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      });
      const giveUp = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      if (signal?.aborted) giveUp();
      else signal?.addEventListener('abort', giveUp, { once: true });
    });
}
