import type { KnownBlock } from '@slack/types';
import { blockActionsForm, buttonsOf, commandForm, sendSlack } from '../simulator/slack-client.ts';
import type { SimulatedSlack, SlackMessage } from '../simulator/slack-workspace.ts';
import type { ChatEntry, Person } from './state.ts';

type Parts = {
  slack: SimulatedSlack;
  people: readonly Person[];
  /** Where commands are typed. */
  channel: string;
  team: string;
  signingSecret: string;
  /** Of the home that serves now. */
  url: () => string;
  now: () => number;
};

/** The simulated Slack as people see it, and what they do there: each command and click is a signed request. */
export type Chat = {
  /** The newest, in the order in which they came. */
  entries(): ChatEntry[];
  /** Types `/mrs` and what stands behind it. Throws where the answer is no 200. */
  type(userId: string, text: string): Promise<void>;
  /** Clicks the nth button of an entry. Throws where there is none, or the answer is no 200. */
  click(userId: string, entryId: string, nth: number): Promise<void>;
};

/** Who asked, where, and by a click on which entry. */
type Asked = { userId: string; where: string; entryId?: string };

const MOST_SHOWN = 100;

export function openChat({ slack, people, channel, team, signingSecret, url, now }: Parts): Chat {
  const shown = new Map<string, ChatEntry>();
  const askedBy = new Map<string, Asked>();
  let typed = 0;
  let notes = 0;
  let answersRead = 0;

  function look(): void {
    const messages = [...slack.messages(), ...slack.ephemerals()].toSorted((one, other) => (one.ts < other.ts ? -1 : 1));
    for (const message of messages) shown.set(idOf(message), entryOf(message));
    const answers = slack.responses();
    for (const { url: responseUrl, body } of answers.slice(answersRead)) takeAnswer(askedBy.get(responseUrl), body);
    answersRead = answers.length;
  }

  /** An answer takes the place of the note that was clicked where it says so, else it is one more. */
  function takeAnswer(asked: Asked | undefined, body: Record<string, unknown>): void {
    if (asked === undefined) return;
    const said = { text: typeof body['text'] === 'string' ? body['text'] : '', blocks: (body['blocks'] ?? []) as KnownBlock[] };
    const clicked = asked.entryId === undefined ? undefined : shown.get(asked.entryId);
    if (body['replace_original'] === true && clicked?.kind === 'note') shown.set(clicked.id, { ...clicked, ...said, updates: clicked.updates + 1 });
    else put({ id: `note-${++notes}`, kind: 'note', where: asked.where, onlyFor: asked.userId, ...said, updates: 0 });
  }

  function put(entry: ChatEntry): void {
    shown.set(entry.id, entry);
  }

  function entryOf(message: SlackMessage): ChatEntry {
    const { channel: where, text, blocks, history, ephemeralFor } = message;
    const onlyFor = ephemeralFor ?? (where.startsWith('D') ? people.find(({ id }) => id.slice(1) === where.slice(1))?.id ?? where : undefined);
    return { id: idOf(message), kind: ephemeralFor === undefined ? 'message' : 'note', where, text, blocks, updates: history.length, ...(onlyFor !== undefined && { onlyFor }) };
  }

  async function send(path: string, form: URLSearchParams): Promise<string> {
    const { status, text } = await sendSlack(url(), path, form, signingSecret, Math.floor(now() / 1_000));
    if (status !== 200) throw new Error(`POST ${path} was answered with ${status}: ${text}`);
    return text;
  }

  function newResponseUrl(asked: Asked): string {
    const responseUrl = slack.newResponseUrl();
    askedBy.set(responseUrl, asked);
    return responseUrl;
  }

  return {
    entries() {
      look();
      return [...shown.values()].slice(-MOST_SHOWN);
    },
    async type(userId, text) {
      look();
      put({ id: `typed-${++typed}`, kind: 'typed', where: channel, onlyFor: userId, text: `/mrs ${text}`, blocks: [], updates: 0 });
      const asked = { userId, where: channel };
      const answer = await send('/slack/command', commandForm({ team_id: team, channel_id: channel, user_id: userId, user_name: userId.toLowerCase(), text, response_url: newResponseUrl(asked) }));
      if (answer !== '') takeAnswer(asked, JSON.parse(answer) as Record<string, unknown>);
    },
    async click(userId, entryId, nth) {
      look();
      const entry = shown.get(entryId);
      const button = entry && buttonsOf(entry)[nth];
      if (entry === undefined || button === undefined) throw new Error('this button is gone');
      const { where, text, blocks, kind } = entry;
      const responseUrl = newResponseUrl({ userId, where, entryId });
      const click = { actionId: button.action_id ?? '', value: button.value, messageTs: tsOf(entryId), user: userId, team, channel: where, isEphemeral: kind === 'note', message: { text, blocks }, responseUrl };
      await send('/slack/action', blockActionsForm(click));
    },
  };
}

function idOf({ channel, ts }: SlackMessage): string {
  return `${channel}/${ts}`;
}

/** A note that came as an answer has none that anybody could know. */
function tsOf(entryId: string): string {
  return entryId.split('/')[1] ?? '1795348800.000100';
}
