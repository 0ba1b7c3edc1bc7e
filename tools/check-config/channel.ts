import { bad, type Finding, ok, warning } from '../findings.ts';
import type { Answer } from './ask-slack.ts';

/**
 * Whether the bot can post in a channel, by what conversations.info said of it; `about` says which channel, `key` where the policy
 * names it. https://docs.slack.dev/reference/methods/conversations.info/
 */
export function judgeChannel(about: string, key: string, { status, reply: { ok: isOk, error, channel } }: Answer): Finding {
  if (isOk !== true || channel === undefined) {
    if (error === 'missing_scope') return warning(about, 'cannot be looked at without channels:read, which nothing else needs; see yourself that the bot is in it');
    if (error === 'channel_not_found') return bad(about, `the bot does not see it: correct ${key} in the policy, or invite the bot to the private channel`);
    if (status === 429) return warning(about, 'was not looked at, since Slack was asked too often; try again in a minute');
    return bad(about, `conversations.info: ${error ?? `HTTP ${status}`}`);
  }
  if (channel.is_archived === true) return bad(about, `is archived; take another one for ${key} in the policy`);
  if (channel.is_im !== true && channel.is_member !== true) return bad(about, 'the bot is not in it; invite it there');
  return ok(about, `${channel.name ?? 'direct message'}, the bot is in it`);
}
