import type { Policy } from '../../lib/policy/policy.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';
import { type Answer, createAsk } from './ask-slack.ts';
import { judgeChannel } from './channel.ts';
import { checkPeople } from './people.ts';

/** Looks at the bot's token, its scopes, its workspace, the channel of the policy and whom it names as owners. Posts nothing. */
export async function* checkSlack({ slack: { apiUrl, botToken, signingSecrets } }: Settings, policy: Policy): AsyncGenerator<Finding, void, undefined> {
  const { slack } = policy;
  if (botToken === undefined) {
    yield warning('Slack', `off: SLACK_BOT_TOKEN is not set; what becomes of a kill stands in the log only`);
    return;
  }
  if (signingSecrets.length === 0) yield warning('Slack', 'no commands and no clicks: SLACK_SIGNING_SECRET is not set');
  const ask = createAsk(apiUrl, botToken);
  try {
    const test = await ask('auth.test');
    if (test.reply.ok !== true) {
      yield bad('Slack', `auth.test: ${test.reply.error ?? `HTTP ${test.status}`}; see SLACK_BOT_TOKEN (xoxb-…), and whether the app is still installed`);
      return;
    }
    yield judgeTeam(test.reply, slack.team, signingSecrets.length > 0);
    yield judgeScopes(test.scopes, signingSecrets.length > 0);
    if (slack.channel !== undefined) yield judgeChannel(`Slack channel ${slack.channel}`, 'slack.channel', await ask('conversations.info', { channel: slack.channel }));
    yield* checkPeople(ask, policy);
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
