import type { MessageRef, Reporter } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import { cardFor, type Message } from './cards.ts';
import { type CallSlack, SlackFailed } from './web-api.ts';

/** Slack's words for a channel that the bot cannot post in: another one has to do. */
const UNREACHABLE: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel', 'is_archived', 'user_not_in_channel', 'restricted_action']);

/**
 * Shows requests in Slack: the card is one message of the bot, in the channel of the command, which is updated to the end. Where
 * the bot is not in that channel, or the request came from no channel, it stands in `channel` of the policy. An end without a
 * card is a note that only the person who asked can see.
 */
export function createSlackReporter(callSlack: CallSlack, channel: string, now: () => number): Reporter {
  const post = async (to: string, message: Message): Promise<MessageRef> => {
    const answer = await callSlack('chat.postMessage', { channel: to, ...message, unfurl_links: false, unfurl_media: false });
    return { channel: textOr(to, answer['channel']), ts: textOr('', answer['ts']) };
  };

  async function postWhereItCame(request: KillRequest, message: Message): Promise<MessageRef> {
    if (request.channel === undefined || request.channel === channel) return post(channel, message);
    try {
      return await post(request.channel, message);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      return post(channel, message);
    }
  }

  /** In the channel of the command; where the bot cannot reach the person there, as a message in the policy's channel. */
  async function tellPerson(request: KillRequest, message: Message): Promise<undefined> {
    try {
      await callSlack('chat.postEphemeral', { channel: request.channel ?? channel, user: request.requestedBy, ...message });
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await post(channel, message);
    }
  }

  return {
    async show(request, view, previous) {
      const message = cardFor(request, view, new Date(now()));
      if (previous) {
        await callSlack('chat.update', { ...previous, ...message });
        return previous;
      }
      if (view.stage === 'end' && request.trigger === 'slack') return tellPerson(request, message);
      return postWhereItCame(request, message);
    },
    async say(text) {
      await post(channel, { text, blocks: [] });
    },
  };
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SlackFailed && UNREACHABLE.has(error.slackError);
}

function textOr(fallback: string, value: unknown): string {
  return typeof value === 'string' ? value : fallback;
}
