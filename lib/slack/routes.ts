import { randomUUID } from 'node:crypto';
import type { Executions } from '../executions/client.ts';
import { createLambdaSend } from '../executions/lambda-send.ts';
import { openExecutions } from '../executions/open.ts';
import type { Starter } from '../kill/start-all.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import { createHandOver, type HandOver } from './later.ts';
import { receiveAction } from './receive-action.ts';
import { receiveCommand } from './receive-command.ts';

/** What the Slack routes work with. */
export type SlackParts = Killswitch & { starter: Starter; executions: Executions; handOver: HandOver };

/** POST /slack/command and /slack/action. `functionName` is this function's own, for what is answered later. */
export function createSlackRoutes(load: () => Killswitch, log: Log, functionName: string): (request: HttpRequest) => Promise<HttpReply> {
  let parts: SlackParts | undefined;
  const partsNow = (): SlackParts => {
    if (parts) return parts;
    const killswitch = load();
    const opened = openExecutions(killswitch.settings);
    const starter = { ...killswitch, ...opened, log, createId: randomUUID };
    parts = { ...killswitch, starter, executions: opened.executions, handOver: createHandOver(createLambdaSend(), functionName) };
    return parts;
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
