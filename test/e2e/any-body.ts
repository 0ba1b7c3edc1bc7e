import { JOBS_PATH } from '../simulator/client.ts';
import { slackHeaders } from '../simulator/slack-client.ts';

const ALERT_TOKEN = 'e2e-alert-token-0123456789';
const SIGNING_SECRET = 'e2e-signing-secret-0123456789';
/** What a start needs so that bodies get past the door. */
export const PROOFS = { ALERT_TOKENS: `e2e:${ALERT_TOKEN}`, SLACK_SIGNING_SECRET: SIGNING_SECRET };

/** JSON that no route takes; '' is a request without a body. */
export const ANY_BODY = ['0', '"x"', 'null', '[]', 'true', '1.5', ''];

const KILL = `${JOBS_PATH}/431b135e-c090-489f-b1db-0abe3822b855/kill`;

/** Sends a body as JSON to every route that takes one, with a proof and without; status and body of each answer. */
export async function sendEverywhere(url: string, body: string, apiToken: string): Promise<[to: string, status: number, answer: unknown][]> {
  const signed = slackHeaders(SIGNING_SECRET, Math.floor(Date.now() / 1_000), body);
  const sent: [to: string, path: string, proof: Record<string, string>, method?: 'POST' | 'PUT'][] = [
    ['/slack/command', '/slack/command', {}],
    ['/slack/command, signed', '/slack/command', signed],
    ['/slack/action', '/slack/action', {}],
    ['/slack/action, signed', '/slack/action', signed],
    ['/alerts/generic', '/alerts/generic', {}],
    ['/alerts/generic, with a token', '/alerts/generic', { authorization: `Bearer ${ALERT_TOKEN}` }],
    ['PUT /alerts/generic', '/alerts/generic', {}, 'PUT'],
    ['PUT /alerts/generic, with a token', '/alerts/generic', { authorization: `Bearer ${ALERT_TOKEN}` }, 'PUT'],
    ...['alertmanager', 'grafana', 'datadog'].map((source): [string, string, Record<string, string>] => [`/alerts/${source}, with a token`, `/alerts/${source}`, { authorization: `Bearer ${ALERT_TOKEN}` }]),
    ['/alerts/pagerduty', '/alerts/pagerduty', {}],
    ['/alerts/smn', '/alerts/smn', {}],
    ['…/kill', KILL, {}],
    ['…/kill, with a token', KILL, { authorization: `Bearer ${apiToken}` }],
    ['/health', '/health', {}],
    ['/nowhere', '/nowhere', {}],
  ];
  return Promise.all(
    sent.map(async ([to, path, proof, method = 'POST']): Promise<[string, number, unknown]> => {
      const request: RequestInit = { method, headers: { ...proof, 'Content-Type': 'application/json' }, body };
      const answer = await fetch(url + path, request);
      const text = await answer.text();
      return [to, answer.status, text.startsWith('{') ? JSON.parse(text) : text];
    }),
  );
}
