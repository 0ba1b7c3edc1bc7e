import type { KillRequest } from '../core/request.ts';
import { executionName, type StartId } from '../kill/start-id.ts';
import type { NextStarter } from '../warn/warner.ts';
import { EngineFailed } from './engine.ts';
import { nameExecution } from './names.ts';
import { startAll, type Starter } from './start-all.ts';

/** What a warning hands on to goes through the one door, under a name that is made of the warning's first round and of the round. */
export function nextStarter(starter: Starter): NextStarter {
  return {
    nameOf: (request) => nameExecution(starter.policy, starter.killFunction, request, keyOfNext(request)),
    async start(request) {
      const [started] = await startAll(starter, [{ request, deliveryKey: keyOfNext(request) }]);
      if (started?.outcome === 'failed') throw new EngineFailed('the service that runs it did not take it');
      if (started?.outcome === 'refused') throw Object.assign(new Error(started.reason), { retryable: false });
    },
  };
}

function keyOfNext({ warning }: KillRequest): string {
  const first: StartId = warning?.first ?? { name: '', start: 0 };
  return `warned by ${executionName(first)} round ${warning?.round ?? 0}`;
}
