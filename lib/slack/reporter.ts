import type { Reporter } from '../core/report.ts';
import type { MessageRef, Requested } from '../core/request.ts';
import { cleanupText } from './cleanup-text.ts';
import { cardFor, type Message } from './cards.ts';
import { escapeMrkdwn } from './text.ts';
import { type CallSlack, SlackFailed } from './web-api.ts';

/** Slack's words for a channel that the bot cannot post in: another one has to do. */
const UNREACHABLE: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel', 'is_archived', 'user_not_in_channel', 'restricted_action']);

/** Slack's words for a message that cannot be updated any more, most often because somebody deleted it. */
const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive', 'channel_not_found']);

/**
 * Shows requests in Slack: the card is one message of the bot, in the channel of the command, which is updated to the end. Where
 * that is a direct message or a channel without the bot, or the request came from none, it stands in `policyChannel`. An end
 * without a card is a note that only the person who asked can see.
 */
export function createSlackReporter(callSlack: CallSlack, policyChannel: string | undefined, now: () => number): Reporter {
  async function post(channel: string, message: Message, thread?: MessageRef): Promise<MessageRef> {
    const inThread = thread?.channel === channel ? { thread_ts: thread.ts } : {};
    const answer = await callSlack('chat.postMessage', { channel, ...message, ...inThread, unfurl_links: false, unfurl_media: false });
    // Slack answers with the channel's id where a DM was named by its user; updates want that id.
    return { channel: textOr(channel, answer['channel']), ts: textOr('', answer['ts']) };
  }

  /** Tries the channel of the request first, then the policy's; undefined where there is neither. */
  async function whereItCame<T>(channel = policyChannel, say: (channel: string) => Promise<T>): Promise<T | undefined> {
    if (channel === undefined) return undefined;
    try {
      return await say(channel);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      if (policyChannel === undefined || policyChannel === channel) throw error;
      return say(policyChannel);
    }
  }

  function postCard({ channel, thread }: Requested, message: Message): Promise<MessageRef | undefined> {
    // In a direct message no approver could see it.
    return whereItCame(channel?.startsWith('D') ? (policyChannel ?? channel) : channel, (place) => post(place, message, thread));
  }

  /** As a private note where the command was typed; where the person cannot be reached there, in a direct message of the bot. */
  async function tellPerson(channel: string | undefined, user: string, message: Message): Promise<void> {
    try {
      await whereItCame(channel, (place) => callSlack('chat.postEphemeral', { channel: place, user, ...message }));
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      await post(user, message);
    }
  }

  return {
    async show(request, view, previous) {
      const message = cardFor(request, view, new Date(now()));
      if (previous) {
        try {
          await callSlack('chat.update', { ...previous, ...message });
          return previous;
        } catch (error) {
          // A question is not posted anew: the updates that take its buttons away would miss it.
          if (view.stage === 'ask' || !(error instanceof SlackFailed) || !GONE.has(error.slackError)) throw error;
        }
        return postCard(request, message);
      }
      if (view.stage === 'end' && request.trigger === 'slack') {
        await tellPerson(request.channel, request.requestedBy, message);
        return undefined;
      }
      return postCard(request, message);
    },
    async say(text, as) {
      if (policyChannel !== undefined) await post(policyChannel, { text: as === 'plain' ? escapeMrkdwn(text) : text, blocks: [] });
    },
    async showCleanup(report, stage, previous) {
      const message = { text: cleanupText(report, stage), blocks: [] };
      if (policyChannel === undefined || previous === undefined) return policyChannel === undefined ? undefined : post(policyChannel, message);
      await callSlack('chat.update', { ...previous, ...message });
      return previous;
    },
  };
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SlackFailed && UNREACHABLE.has(error.slackError);
}

function textOr(fallback: string, value: unknown): string {
  return typeof value === 'string' ? value : fallback;
}
