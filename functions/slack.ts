import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { http } from '../lib/lambda.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';
import { answerLater } from '../lib/slack/answer-later.ts';
import { isLaterTask, type LaterTask } from '../lib/slack/later.ts';
import { createSlackRoutes } from '../lib/slack/routes.ts';

const log = createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) });
const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));
const answer = http(log, createSlackRoutes(load, log, process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? ''), load);

/** POST /slack/command and /slack/action, and what they handed over to be answered later. */
export const handler = async (event: APIGatewayProxyEventV2 | LaterTask, context: Context): Promise<APIGatewayProxyStructuredResultV2 | void> => {
  if (!isLaterTask(event)) return answer(event, context);
  await load.refresh();
  return answerLater(load, log, event);
};
