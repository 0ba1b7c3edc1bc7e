import * as z from 'zod';
import type { Policy } from '../../lib/policy/policy.ts';
import { NoAnswer, openSend } from '../../lib/http/send.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';

const TIMEOUT_MS = 10_000;
const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const Reply = z.object({
  ok: flag,
  error: text,
  team: text,
  team_id: text,
  channel: z.object({ name: text, is_archived: flag, is_member: flag, is_im: flag }).optional().catch(undefined),
});
type Answer = { status: number; scopes: string | undefined; reply: z.output<typeof Reply> };
type Ask = (method: string, query?: Record<string, string>) => Promise<Answer>;

/** Looks at the bot's token, its scopes, its workspace and the channel of the policy. Posts nothing. */
export async function* checkSlack({ slack: { apiUrl, botToken, signingSecrets } }: Settings, { slack }: Policy): AsyncGenerator<Finding, void, undefined> {
  if (botToken === undefined) {
    yield warning('Slack', `off: SLACK_BOT_TOKEN is not set; what becomes of a kill stands in the log only`);
    return;
  }
  if (signingSecrets.length === 0) yield warning('Slack', 'no commands and no clicks: SLACK_SIGNING_SECRET is not set');
  const send = openSend([apiUrl]);
  const ask: Ask = async (method, query = {}) => {
    // Methods that read do not understand a JSON body. https://docs.slack.dev/apis/web-api/
    const url = new URL(`${method}?${new URLSearchParams(query)}`, apiUrl);
    const answer = await send({ method: 'GET', url, headers: { authorization: `Bearer ${botToken.reveal()}` }, timeoutMs: TIMEOUT_MS });
    return { status: answer.status, scopes: answer.headers['x-oauth-scopes'], reply: parse(answer.text) };
  };
  try {
    const test = await ask('auth.test');
    if (test.reply.ok !== true) {
      yield bad('Slack', `auth.test: ${test.reply.error ?? `HTTP ${test.status}`}; see SLACK_BOT_TOKEN (xoxb-…), and whether the app is still installed`);
      return;
    }
    yield judgeTeam(test.reply, slack.team, signingSecrets.length > 0);
    yield judgeScopes(test.scopes, signingSecrets.length > 0);
    if (slack.channel !== undefined) yield judgeChannel(slack.channel, await ask('conversations.info', { channel: slack.channel }));
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    yield bad('Slack', `no answer: ${error.message}; see SLACK_API_URL, and whether Slack can be reached from here`);
  }
}

function judgeTeam({ team, team_id: id }: Answer['reply'], wanted: string | undefined, takesCommands: boolean): Finding {
  const workspace = `workspace ${team ?? ''} (${id ?? 'unknown'})`;
  if (wanted !== undefined && wanted !== id) return bad('Slack', `the token is of ${workspace}, the policy says slack.team: ${wanted}; one of the two is wrong`);
  if (wanted === undefined && takesCommands) return warning('Slack', `${workspace}; set slack.team: ${id ?? ''} in the policy; every command and every click is refused until then`);
  return ok('Slack', workspace);
}

function judgeScopes(header: string | undefined, takesCommands: boolean): Finding {
  if (header === undefined) return warning('Slack', 'did not say which scopes the token has; it needs chat:write and commands');
  const scopes = header.split(',').map((scope) => scope.trim());
  const missing = ['chat:write', ...(takesCommands ? ['commands'] : [])].filter((scope) => !scopes.includes(scope));
  if (missing.length === 0) return ok('Slack', `scopes ${scopes.join(', ')}`);
  return bad('Slack', `the token lacks ${missing.join(' and ')}; add it under OAuth & Permissions and install the app again`);
}

function judgeChannel(id: string, { status, reply: { ok: isOk, error, channel } }: Answer): Finding {
  const about = `Slack channel ${id}`;
  if (isOk !== true || channel === undefined) {
    if (error === 'missing_scope') return warning(about, 'cannot be looked at without channels:read, which nothing else needs; see yourself that the bot is in it');
    if (error === 'channel_not_found') return bad(about, 'the bot does not see it: correct slack.channel in the policy, or invite the bot to the private channel');
    return bad(about, `conversations.info: ${error ?? `HTTP ${status}`}`);
  }
  if (channel.is_archived === true) return bad(about, 'is archived; take another one for slack.channel in the policy');
  if (channel.is_im !== true && channel.is_member !== true) return bad(about, 'the bot is not in it; invite it there');
  return ok(about, `${channel.name ?? 'direct message'}, the bot is in it`);
}

function parse(answer: string): Answer['reply'] {
  try {
    return Reply.parse(JSON.parse(answer));
  } catch {
    return {};
  }
}
