import * as z from 'zod';
import type { Cloud } from './cloud.ts';
import type { Answer, RecordedRequest, Route } from './routing.ts';
import { badArguments, postEphemeral, postMessage, refuse, type SlackMethod, type SlackReply, updateMessage } from './slack-chat.ts';
import { answerResponseUrl } from './slack-response-url.ts';
import { openConnection, refuseAppToken } from './slack-socket.ts';

/** Methods that only read do not understand a JSON body. https://docs.slack.dev/apis/web-api/#post-bodies */
type Method = { call: SlackMethod; takesJson: boolean };

/** Slack: methods of the Web API under /api/, and response URLs. Faults on `slack` hit both; `when` picks by path. */
export function slackRoutes(cloud: Cloud): Route[] {
  const answer: Route['answer'] = ({ request }, name = '') => ({ status: 200, body: callMethod(cloud, request, name) });
  return [
    { on: 'slack', method: 'POST', path: /^\/api\/([\w.]+)$/, answer },
    { on: 'slack', method: 'GET', path: /^\/api\/([\w.]+)$/, answer },
    {
      on: 'slack',
      method: 'POST',
      path: /^\/hooks\/commands\/[^/]+$/,
      answer: ({ request }): Answer => answerResponseUrl(cloud.slack, request, cloud.now()),
    },
  ];
}

const METHODS = new Map<string, Method>([
  ['chat.postMessage', { call: postMessage, takesJson: true }],
  ['chat.postEphemeral', { call: postEphemeral, takesJson: true }],
  ['chat.update', { call: updateMessage, takesJson: true }],
  ['auth.test', { call: testAuth, takesJson: true }],
  ['conversations.info', { call: showConversation, takesJson: false }],
  ['users.info', { call: showUser, takesJson: false }],
]);

function callMethod({ slack, now }: Cloud, request: RecordedRequest, name: string): SlackReply {
  const isOfApp = name === 'apps.connections.open'; // all others are called by the bot
  const method = isOfApp ? { call: openConnection(request.headers.host ?? ''), takesJson: true } : METHODS.get(name);
  if (method === undefined) return refuse('unknown_method', { req_method: name });
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return refuse('not_authed');
  const refused = isOfApp ? refuseAppToken(slack, token) : refuseBotToken(slack, token);
  if (refused) return refused;
  const read = readArguments(request, method.takesJson);
  return read.ok ? method.call(slack, read.args, now()) : refuse(read.error);
}

function refuseBotToken({ botToken }: Cloud['slack'], token: string): SlackReply | undefined {
  return token === botToken ? undefined : refuse('invalid_auth');
}

type ArgumentsRead = { ok: true; args: Record<string, unknown> } | { ok: false; error: string };

function readArguments({ headers, body, query }: RecordedRequest, takesJson: boolean): ArgumentsRead {
  if (body === '') return { ok: true, args: query };
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  switch (type) {
    case undefined:
      return { ok: false, error: 'missing_post_type' };
    case 'application/x-www-form-urlencoded':
      return { ok: true, args: { ...query, ...Object.fromEntries(new URLSearchParams(body)) } };
    case 'application/json':
      return takesJson ? readJson(body) : { ok: true, args: query };
    default:
      return { ok: false, error: 'invalid_post_type' };
  }
}

function readJson(text: string): ArgumentsRead {
  try {
    const read = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return read.success ? { ok: true, args: read.data } : { ok: false, error: 'json_not_object' };
  } catch {
    return { ok: false, error: 'invalid_json' };
  }
}

function testAuth({ teamId }: Cloud['slack']): SlackReply {
  return {
    ok: true,
    url: 'https://simulator.slack.com/',
    team: 'simulator',
    user: 'killswitch',
    team_id: teamId,
    user_id: 'U0KILLBOT',
    bot_id: 'B0KILLBOT',
    is_enterprise_install: false,
  };
}

function showConversation({ channels, teamId }: Cloud['slack'], args: Record<string, unknown>): SlackReply {
  const read = z.object({ channel: z.string() }).safeParse(args);
  if (!read.success) return badArguments(read.error);
  const channel = channels.get(read.data.channel);
  if (channel === undefined) return refuse('channel_not_found');
  const { id, isMember, isArchived = false } = channel;
  const isDirect = id.startsWith('D');
  const kind = isDirect ? { is_im: true } : { is_im: false, is_channel: true, name: id.toLowerCase(), is_member: isMember };
  return { ok: true, channel: { id, ...kind, is_archived: isArchived, context_team_id: teamId } };
}

/** https://docs.slack.dev/reference/methods/users.info/ */
function showUser({ users, teamId }: Cloud['slack'], args: Record<string, unknown>): SlackReply {
  const read = z.object({ user: z.string() }).safeParse(args);
  if (!read.success) return badArguments(read.error);
  const member = users.get(read.data.user);
  if (member === undefined) return refuse('user_not_found');
  const { id, isDeactivated = false, isBot = false } = member;
  return { ok: true, user: { id, team_id: teamId, name: id.toLowerCase(), deleted: isDeactivated, is_bot: isBot } };
}
