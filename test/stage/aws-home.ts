import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { connectAws } from '../../functions/aws/connect-aws.ts';
import { handleEvent } from '../../functions/aws/handle-event.ts';
import { http } from '../../functions/aws/http.ts';
import { createLambdaCall } from '../../functions/aws/lambda-call.ts';
import { createLambdaEngine, invokeLater } from '../../functions/aws/lambda-engine.ts';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { createApi } from '../../lib/api/api.ts';
import type { HttpReply, HttpRequest } from '../../lib/http/reply.ts';
import { openSend } from '../../lib/http/send.ts';
import { answerLater } from '../../lib/slack/answer-later.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { type Door, doorOf, type House, type HomeParts, replyOf, type StageHome } from './home-of-stage.ts';
import { holdToLambdaRights } from './lambda-rights.ts';

export const SLACK_FUNCTION = 'mrs-killswitch-test-slack';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** The AWS home: each function composed as in functions/, the Lambda API at `lambdaUrl`, events as EventBridge delivers them. */
export function setUpAwsHome({ backend, ledger, log, clock, house, noteTask, released }: HomeParts, lambdaUrl: string): StageHome {
  const aws = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test', AWS_ENDPOINT_URL_LAMBDA: lambdaUrl };
  const callLambda = holdToLambdaRights(createLambdaCall(() => connectAws(aws, clock, 'lambda')), ledger.caller, ledger.forbid);
  backend.registerPlain(SLACK_FUNCTION, async (task: LaterTask) => {
    noteTask(task);
    await released();
    await house('slack').refresh();
    return ledger.calledBy('slack', () => answerLater(house('slack').load, log, task));
  });
  // A deployment begins with cold functions.
  let routes: Record<Door, Handler>;
  let deployed: unknown;
  const routesOf = (): Record<Door, Handler> => {
    const [api, slack, alerts] = [house('api'), house('slack'), house('alerts')];
    if (deployed === api) return routes;
    deployed = api;
    const serve = (handle: (request: HttpRequest) => Promise<HttpReply>, own: House): Handler => http({ log, clock }, handle, own);
    return (routes = { api: serve(createApi(api.loadApi), api), slack: serve(createSlackRoutes(slack.load), slack), alerts: serve(createAlertRoute(alerts.load), alerts) });
  };
  return {
    outside: {
      home: 'aws',
      openSend,
      openEngine: (functionName) => createLambdaEngine(callLambda, functionName, clock),
      invokeSelf: (payload) => invokeLater(callLambda, SLACK_FUNCTION, payload),
    },
    async call(line, { remainingMs, to = doorOf(line), ...event }) {
      const { statusCode = 0, headers = {}, body: text = '' } = await ledger.calledBy(to, () => routesOf()[to](httpEvent(line, event), lambdaContext(remainingMs)));
      return replyOf(statusCode, headers, text);
    },
    async event(event) {
      await house('events').refresh();
      return ledger.calledBy('events', () => handleEvent(house('events').load, log, event));
    },
    delayNotices: () => undefined,
    close: async () => undefined,
  };
}
