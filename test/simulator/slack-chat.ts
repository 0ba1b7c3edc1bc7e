import * as z from 'zod';
import { readBlocks } from './slack-blocks.ts';
import { nextTs, type SimulatedChannel, type SlackMessage, type SlackVersion, type Workspace } from './slack-workspace.ts';

/** What a method answers; always with status 200. */
export type SlackReply = { ok: boolean; error?: string; [field: string]: unknown };

/** A method of the Web API; `now` is epoch ms. */
export type SlackMethod = (workspace: Workspace, args: Record<string, unknown>, now: number) => SlackReply;

const LONGEST_POST = 40_000;
const LONGEST_UPDATE = 4_000;

const content = { channel: z.string(), text: z.string().default(''), blocks: z.unknown().optional() };
const postArguments = z.object({ ...content, thread_ts: z.string().optional() });
const ephemeralArguments = z.object({ ...content, user: z.string() });
const updateArguments = z.object({ ...content, ts: z.string() });

/** https://docs.slack.dev/reference/methods/chat.postMessage/ */
export const postMessage: SlackMethod = (workspace, args, now) => {
  const read = postArguments.safeParse(args);
  if (!read.success) return badArguments(read.error);
  const channelId = workspace.users.has(read.data.channel) ? openDirectMessage(workspace, read.data.channel) : read.data.channel;
  const refused = refuseChannel(workspace.channels.get(channelId));
  if (refused) return refused;
  const { thread_ts: threadTs } = read.data;
  const noReply = threadTs === undefined ? undefined : refuseReply(workspace, channelId, threadTs);
  if (noReply) return noReply;
  const said = readVersion(read.data);
  if (!said.ok) return said;
  const message = keepMessage(workspace, { channel: channelId, ...said.version, ...(threadTs !== undefined && { threadTs }) }, now);
  return { ok: true, channel: channelId, ts: message.ts, message: show(workspace, message) };
};

/** https://docs.slack.dev/reference/methods/chat.postEphemeral/ */
export const postEphemeral: SlackMethod = (workspace, args, now) => {
  const read = ephemeralArguments.safeParse(args);
  if (!read.success) return badArguments(read.error);
  const { channel, user } = read.data;
  const refused = refuseChannel(workspace.channels.get(channel));
  if (refused) return refused;
  if (!workspace.users.has(user)) return refuse('user_not_in_channel');
  const said = readVersion(read.data);
  if (!said.ok) return said;
  return { ok: true, message_ts: keepMessage(workspace, { channel, ...said.version, ephemeralFor: user }, now).ts };
};

/** https://docs.slack.dev/reference/methods/chat.update/ */
export const updateMessage: SlackMethod = (workspace, args) => {
  const read = updateArguments.safeParse(args);
  if (!read.success) return badArguments(read.error);
  const { channel: channelId, ts, text, blocks } = read.data;
  const channel = workspace.channels.get(channelId);
  if (channel === undefined) return refuse('channel_not_found');
  if (channel.isArchived) return refuse('is_inactive');
  const message = workspace.messages.find((candidate) => candidate.channel === channelId && candidate.ts === ts);
  if (message === undefined) return refuse('message_not_found');
  if (message.ephemeralFor !== undefined) return refuse('cant_update_message');
  if (text.length > LONGEST_UPDATE) return refuse('msg_too_long');
  const said = readVersion({ text, blocks });
  if (!said.ok) return said;
  message.history.push({ text: message.text, blocks: message.blocks });
  message.text = said.version.text;
  // Blocks that are left out stay; an empty list removes them.
  if (blocks !== undefined && blocks !== null) message.blocks = said.version.blocks;
  return { ok: true, channel: channelId, ts, text: message.text, message: show(workspace, message) };
};

/** A refusal in Slack's words. */
export function refuse(error: string, more: object = {}): SlackReply {
  return { ok: false, error, ...more };
}

/** A refusal of arguments that are missing or of a wrong type. */
export function badArguments({ issues }: z.ZodError): SlackReply {
  const messages = issues.map(({ path, message }) => `[ERROR] ${path.join('/')}: ${message}`);
  return refuse('invalid_arguments', { response_metadata: { messages } });
}

/** What a message is to say, or the refusal of it. */
export function readVersion({ text, blocks: given }: { text: string; blocks?: unknown }): { ok: true; version: SlackVersion } | (SlackReply & { ok: false }) {
  const read = readBlocks(given ?? []);
  if (!read.ok) {
    const { errors = [] } = read;
    return { ...read, response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) } };
  }
  if (text.trim() === '' && read.blocks.length === 0) return { ok: false, error: 'no_text' };
  return { ok: true, version: { text: text.slice(0, LONGEST_POST), blocks: read.blocks } };
}

function refuseChannel(channel: SimulatedChannel | undefined): SlackReply | undefined {
  if (channel === undefined) return refuse('channel_not_found');
  if (channel.isArchived) return refuse('is_archived');
  return channel.isMember ? undefined : refuse('not_in_channel');
}

function refuseReply({ channels, messages }: Workspace, channelId: string, threadTs: string): SlackReply | undefined {
  if (channels.get(channelId)?.areThreadsLocked === true) return refuse('restricted_action_thread_locked');
  const parent = messages.find(({ channel, ts }) => channel === channelId && ts === threadTs);
  if (parent === undefined) return refuse('thread_not_found');
  return parent.ephemeralFor === undefined ? undefined : refuse('cannot_reply_to_message');
}

/** A message to a user goes to a direct message, which the bot knows from then on; gives its id. */
function openDirectMessage(workspace: Workspace, user: string): string {
  const id = `D${user.slice(1)}`;
  if (!workspace.channels.has(id)) workspace.channels.set(id, { id, isMember: true });
  return id;
}

function keepMessage(workspace: Workspace, message: Omit<SlackMessage, 'ts' | 'history'>, now: number): SlackMessage {
  const kept = { ...message, ts: nextTs(workspace, now), history: [] };
  workspace.messages.push(kept);
  return kept;
}

function show({ teamId }: Workspace, { ts, text, blocks }: SlackMessage): object {
  return { type: 'message', user: 'U0KILLBOT', bot_id: 'B0KILLBOT', app_id: 'A0123ABCD', team: teamId, ts, text, blocks };
}
