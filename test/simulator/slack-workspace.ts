import { randomBytes } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import { makeSocketMode, type SimulatedSocketMode, type SocketMode, type SocketModeOptions, viewSocketMode } from './slack-socket.ts';

/** A conversation; one with an id that begins with D is a direct message. */
export type SimulatedChannel = { id: string; /** whether the bot is in it */ isMember: boolean; isArchived?: boolean; /** whether nobody may reply in a thread */ areThreadsLocked?: boolean };

/** A member of the workspace; a bot is one too. */
export type SimulatedMember = { id: string; isDeactivated?: boolean; isBot?: boolean };

export type SlackOptions = { botToken: string; teamId: string; channels: SimulatedChannel[]; users: (string | SimulatedMember)[] } & SocketModeOptions;

/** What a message said at one time. */
export type SlackVersion = { text: string; blocks: KnownBlock[] };

/** A message as it stands now; `history` holds what it said before, oldest first. */
export type SlackMessage = SlackVersion & {
  channel: string;
  ts: string;
  history: SlackVersion[];
  /** The one user who can see it. */
  ephemeralFor?: string;
  /** The message that it is a reply to. */
  threadTs?: string;
};

/** What was posted to a response URL, as it came. */
export type SlackResponse = { url: string; body: Record<string, unknown> };

/** Slack as tests see it; what it gives are copies. */
export type SimulatedSlack = {
  /** For SLACK_API_URL: ends in /api/. */
  apiUrl: string;
  /** The messages that everyone in their channel can see, in the order they were posted. */
  messages(): SlackMessage[];
  /** The messages that one user only can see, in the order they were posted. */
  ephemerals(): SlackMessage[];
  /** What came in at response URLs and was taken. */
  responses(): SlackResponse[];
  /** A response URL such as comes with a command or a click: good for 5 posts in 30 min from now on. */
  newResponseUrl(): string;
  /** Somebody deletes a message: it can be neither updated nor answered any more. */
  deleteMessage(message: Pick<SlackMessage, 'channel' | 'ts'>): void;
  /** Somebody makes that of a channel, as an administrator can: it is archived, or its threads are locked. */
  changeChannel(id: string, change: Partial<Omit<SimulatedChannel, 'id'>>): void;
  socketMode: SimulatedSocketMode;
};

/** What the routes of Slack share. Messages stand in the order they were posted. */
export type Workspace = {
  botToken: string;
  teamId: string;
  channels: Map<string, SimulatedChannel>;
  users: Map<string, SimulatedMember>;
  messages: SlackMessage[];
  responses: SlackResponse[];
  /** By path; `at` is epoch ms. */
  responseUrls: Map<string, { at: number; uses: number }>;
  /** The newest ts, in units of 100 µs. */
  lastTick: number;
  socketMode: SocketMode;
};

export const DEFAULT_CHANNELS: SimulatedChannel[] = [
  { id: 'C0123456789', isMember: true },
  { id: 'C0000NOBOT', isMember: false },
];
export const DEFAULT_USERS: SlackOptions['users'] = ['U012AB3CD', 'U045EF6GH', 'U0STRANGER'];

/** A workspace with one channel that the bot is in and one that it is not, unless told otherwise. */
export function makeWorkspace(options: Partial<SlackOptions> = {}): Workspace {
  const { channels = DEFAULT_CHANNELS, users = DEFAULT_USERS } = options;
  return {
    botToken: options.botToken ?? 'xoxb-simulator-token',
    teamId: options.teamId ?? 'T0123ABCD',
    channels: new Map(channels.map((channel) => [channel.id, channel])),
    users: new Map(users.map((user) => (typeof user === 'string' ? [user, { id: user }] : [user.id, user]))),
    messages: [],
    responses: [],
    responseUrls: new Map(),
    lastTick: 0,
    socketMode: makeSocketMode(options),
  };
}

/** The view of a workspace that is served at `baseUrl()` on the clock `now`. */
export function viewWorkspace(workspace: Workspace, baseUrl: () => string, now: () => number): SimulatedSlack {
  return {
    get apiUrl() {
      return `${baseUrl()}/api/`;
    },
    messages: () => structuredClone(workspace.messages.filter(({ ephemeralFor }) => ephemeralFor === undefined)),
    ephemerals: () => structuredClone(workspace.messages.filter(({ ephemeralFor }) => ephemeralFor !== undefined)),
    responses: () => workspace.responses.map(({ url, body }) => ({ url: baseUrl() + url, body })),
    newResponseUrl() {
      const path = `/hooks/commands/${randomBytes(12).toString('hex')}`;
      workspace.responseUrls.set(path, { at: now(), uses: 0 });
      return baseUrl() + path;
    },
    deleteMessage({ channel, ts }) {
      workspace.messages = workspace.messages.filter((message) => message.channel !== channel || message.ts !== ts);
    },
    changeChannel(id, change) {
      workspace.channels.set(id, { id, isMember: true, ...workspace.channels.get(id), ...change });
    },
    socketMode: viewSocketMode(workspace.socketMode, now),
  };
}

/** A ts that no message has yet and that is larger than all before, such as `1795350000.000100`; `now` is epoch ms. */
export function nextTs(workspace: Workspace, now: number): string {
  workspace.lastTick = Math.max(Math.floor(now / 1_000) * 10_000, workspace.lastTick) + 1;
  const microseconds = (workspace.lastTick % 10_000) * 100;
  return `${Math.floor(workspace.lastTick / 10_000)}.${String(microseconds).padStart(6, '0')}`;
}
