import type { Reporter } from '../core/report.ts';
import type { MessageRef, Requested } from '../core/request.ts';
import { cleanupText } from './cleanup-text.ts';
import type { Message } from './cards.ts';
import { digestText } from './digest-text.ts';
import { cardFor } from './request-card.ts';
import { escapeMrkdwn } from './text.ts';
import { type CallSlack, SlackFailed } from './web-api.ts';

/** Slack's words for a channel that the bot cannot post in, or a person it cannot reach there: another place has to do. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'channel_not_found', 'not_in_channel', 'is_archived', 'is_inactive', 'user_not_in_channel', 'user_not_found', 'messages_tab_disabled', 'method_not_supported_for_channel_type',
]);
const RESTRICTED = /^restricted_action/;

/** Slack's words for a message that cannot be updated any more, most often because somebody deleted it. */
const GONE: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive', 'channel_not_found']);

/** Slack's words for a thread that takes no reply any more: deleted, locked, or of a message or channel that has none. */
const NO_THREAD = /thread|^cannot_reply_to_message$|^message_not_found$/;

/**
 * Shows requests in Slack: the card is one message of the bot, in the channel of the command, which is updated to the end. Where
 * that is a direct message or a channel without the bot, or the request came from none, it stands in `policyChannel`. An end
 * without a card is a note that only the person who asked can see.
 */
export function createSlackReporter(callSlack: CallSlack, policyChannel: string | undefined, now: () => number): Reporter {
  async function postOnce(channel: string, message: Message, thread: MessageRef | undefined): Promise<MessageRef> {
    const answer = await callSlack('chat.postMessage', { channel, ...message, ...(thread && { thread_ts: thread.ts }), unfurl_links: false, unfurl_media: false });
    // Slack answers with the channel's id where a DM was named by its user; updates want that id.
    return { channel: textOr(channel, answer['channel']), ts: textOr('', answer['ts']) };
  }

  /** As a reply where the thread is of this channel and takes it; else without. */
  async function post(channel: string, message: Message, thread?: MessageRef): Promise<MessageRef> {
    if (thread?.channel !== channel) return postOnce(channel, message, undefined);
    try {
      return await postOnce(channel, message, thread);
    } catch (error) {
      if (!(error instanceof SlackFailed) || !NO_THREAD.test(error.slackError)) throw error;
      return postOnce(channel, message, undefined);
    }
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

  /** Updates a message that stands; Slack's refusal where it cannot be updated any more. */
  async function update(card: MessageRef, message: Message): Promise<SlackFailed | undefined> {
    try {
      await callSlack('chat.update', { ...card, ...message });
      return undefined;
    } catch (error) {
      if (error instanceof SlackFailed && (GONE.has(error.slackError) || isUnreachable(error))) return error;
      throw error;
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
        const gone = await update(previous, message);
        if (gone === undefined) return previous;
        // A card whose buttons are to come is not posted anew: the updates that take them away would miss it.
        if (view.stage === 'ask' || view.stage === 'notify' || view.stage === 'warn') throw gone;
        // Of a warning there may be others; what comes next has messages of its own.
        if (view.stage === 'kept' || view.stage === 'handed-on') return previous;
        // It only told people, and has nothing more to say; or others say the same.
        if (view.stage === 'end' && (view.end.outcome === 'notified' || view.isCopy)) return previous;
        return postCard(request, message);
      }
      // Elsewhere it would be the channel's message twice.
      if (view.stage === 'warn' && view.to !== undefined) return post(view.to, message);
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
      if (policyChannel === undefined) return undefined;
      if (previous !== undefined && (await update(previous, message)) === undefined) return previous;
      return post(policyChannel, message);
    },
    async showDigest(digest) {
      if (policyChannel !== undefined) await post(policyChannel, { text: digestText(digest), blocks: [] });
    },
  };
}

function isUnreachable(error: unknown): boolean {
  return error instanceof SlackFailed && (UNREACHABLE.has(error.slackError) || RESTRICTED.test(error.slackError));
}

function textOr(fallback: string, value: unknown): string {
  return typeof value === 'string' ? value : fallback;
}
