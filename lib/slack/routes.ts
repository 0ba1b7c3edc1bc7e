import { createLambdaSend } from '../executions/lambda-send.ts';
import { createStarter } from '../kill/create-starter.ts';
import type { Starter } from '../kill/start-all.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import { createHandOver } from './later.ts';
import type { SlackParts } from './parts.ts';
import { receiveAction } from './receive-action.ts';
import { receiveCommand } from './receive-command.ts';

/** POST /slack/command and /slack/action. `functionName` is this function's own, for what is answered later. */
export function createSlackRoutes(load: () => Killswitch, log: Log, functionName: string): (request: HttpRequest) => Promise<HttpReply> {
  let starter: Starter | undefined; // made once: it holds the client of Lambda
  const handOver = createHandOver(createLambdaSend(), functionName);
  const partsNow = (): SlackParts => {
    const killswitch = load();
    starter ??= createStarter(killswitch, log);
    return { ...killswitch, starter, executions: starter.executions, handOver };
  };
  return async (request) => {
    switch (request.path) {
      case '/slack/command':
        return receiveCommand(partsNow(), request);
      case '/slack/action':
        return receiveAction(partsNow(), request);
      default:
        return errorReply(404, 'no such route');
    }
  };
}
