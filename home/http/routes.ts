import { createAlertRoute, type DeliveryParts } from '../../lib/alerts/receive.ts';
import { type ApiParts, createApi } from '../../lib/api/api.ts';
import type { HttpReply, HttpRequest } from '../../lib/http/reply.ts';
import type { SlackParts } from '../../lib/slack/ask-for-kill.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';

/** What the routes ask for at each request; both throw SettingsInvalid while settings or policy are wrong. */
export type Loads = { load: () => ApiParts; loadStarting: () => DeliveryParts & SlackParts };

/** All routes as one function from request to reply, as serverless.yml gives them to its functions: what no other takes is the API's. */
export function createRoutes({ load, loadStarting }: Loads): (request: HttpRequest) => Promise<HttpReply> {
  const slack = createSlackRoutes(loadStarting);
  const alerts = createAlertRoute(loadStarting);
  const api = createApi(load);
  return (request) => {
    const line = `${request.method} ${request.path}`;
    if (/^POST \/slack\/(?:command|action)$/.test(line)) return slack(request);
    return /^(?:POST|PUT) \/alerts\/[^/]+$/.test(line) ? alerts(request) : api(request);
  };
}
