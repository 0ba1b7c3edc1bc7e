import type { MessageRef, Reporter } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import { cardFor, type Message } from './cards.ts';
import { type CallSlack, SlackFailed } from './web-api.ts';

/** Slack's words for a channel that the bot cannot post in: another one has to do. */
const UNREACHABLE: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel', 'is_archived', 'user_not_in_channel', 'restricted_action']);

/**
 * Shows requests in Slack: the card is one message of the bot, in the channel of the command, which is updated to the end. Where
 * the bot is not in that channel, or the request came from no channel, it stands in `policyChannel`. An end without a card is a
 * note that only the person who asked can see.
 */
export function createSlackReporter(callSlack: CallSlack, policyChannel: string | undefined, now: () => number): Reporter {
  async function post(channel: string, message: Message): Promise<MessageRef> {
    const answer = await callSlack('chat.postMessage', { channel, ...message, unfurl_links: false, unfurl_media: false });
    // Slack answers with the channel's id where a DM was named by its user; updates want that id.
    return { channel: textOr(channel, answer['channel']), ts: textOr('', answer['ts']) };
  }

  /** Tries the channel of the request first, then the policy's; undefined where there is neither. */
  async function whereItCame<T>(request: KillRequest, say: (channel: string) => Promise<T>): Promise<T | undefined> {
    const { channel = policyChannel } = request;
    if (channel === undefined) return undefined;
    try {
      return await say(channel);
    } catch (error) {
      if (!(error instanceof SlackFailed) || !UNREACHABLE.has(error.slackError)) throw error;
      if (policyChannel === undefined || policyChannel === channel) throw error;
      return say(policyChannel);
    }
  }

  return {
    async show(request, view, previous) {
      const message = cardFor(request, view, new Date(now()));
      if (previous) {
        await callSlack('chat.update', { ...previous, ...message });
        return previous;
      }
      if (view.stage === 'end' && request.trigger === 'slack') {
        await whereItCame(request, (channel) => callSlack('chat.postEphemeral', { channel, user: request.requestedBy, ...message }));
        return undefined;
      }
      return whereItCame(request, (channel) => post(channel, message));
    },
    async say(text) {
      if (policyChannel !== undefined) await post(policyChannel, { text, blocks: [] });
    },
  };
}

function textOr(fallback: string, value: unknown): string {
  return typeof value === 'string' ? value : fallback;
}
