import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { isLaterTask, type LaterTask } from '../lib/slack/later.ts';
import { createSlackRoutes } from '../lib/slack/receive-command.ts';
import { compose } from '../lib/house/compose.ts';
import { http } from './aws/http.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda('slack', new URL('../build/policy.json', import.meta.url));
const house = compose(outside);
const answer = http(outside, createSlackRoutes(house.loadStarting), house);

/** POST /slack/command and /slack/action, and what they handed over to be answered later. */
export const handler = async (event: APIGatewayProxyEventV2 | LaterTask, context: Context): Promise<APIGatewayProxyStructuredResultV2 | void> => {
  if (!isLaterTask(event)) return answer(event, context);
  const [{ answerLater }] = await Promise.all([import('../lib/slack/answer-later.ts'), house.refresh()]);
  return answerLater(house.loadStarting, outside.log, event);
};
