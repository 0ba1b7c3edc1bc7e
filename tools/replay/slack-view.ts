import type { KnownBlock } from '@slack/types';
import type { Click } from '../../test/simulator/slack-client.ts';
import { buttonsOf } from '../../test/simulator/slack-client.ts';
import type { SlackMessage, SlackResponse, SlackVersion } from '../../test/simulator/slack-workspace.ts';
import { messageLines } from './slack-text.ts';
import { UsageError } from './settings.ts';

/** All that a simulated Slack shows at one time, each in the order it was posted. */
export type Shown = { messages: SlackMessage[]; ephemerals: SlackMessage[]; responses: SlackResponse[] };

/** The simulated Slack of a running npm start. */
export type SlackView = { read(): Promise<Shown>; newResponseUrl(): Promise<string> };

/** One thing that Slack shows anew. `isUnderWay`: it will not stay like that. */
export type News = { heading: string; lines: string[]; isUnderWay: boolean };

/** Opens the simulated Slack of that simulator; undefined where it gives no answer: npm start is gone. */
export async function openSlackView(simulatorUrl: string): Promise<SlackView | undefined> {
  const call = async (method: string, name: string): Promise<unknown> => (await fetch(`${simulatorUrl}/simulator/slack/${name}`, { method })).json();
  const view: SlackView = {
    async read() {
      const [messages, ephemerals, responses] = await Promise.all(['messages', 'ephemerals', 'responses'].map((name) => call('GET', name)));
      return { messages, ephemerals, responses } as Shown;
    },
    newResponseUrl: async () => ((await call('POST', 'response-urls')) as { url: string }).url,
  };
  return view.read().then(() => view, () => undefined);
}

/** What is shown now and was not before, or says something else now. A card that has yet to get its buttons is not shown: it has them in a moment. */
export function newsOf(before: Shown, now: Shown): News[] {
  const versions = new Map(before.messages.filter(isWhole).map((message) => [keyOf(message), message.history.length]));
  const changed = now.messages.filter((message) => isWhole(message) && versions.get(keyOf(message)) !== message.history.length);
  return [
    ...now.responses.slice(before.responses.length).map(({ body }) => newsOfVersion('Then, to that person only:', versionOf(body))),
    ...now.ephemerals.slice(before.ephemerals.length).map((message) => newsOfVersion(`Then, in ${message.channel}, to ${message.ephemeralFor} only:`, message)),
    ...changed.map((message) => ({ ...newsOfVersion(headingOf(message, versions.has(keyOf(message))), message), isUnderWay: message.text.startsWith('Killing') })),
  ];
}

function isWhole(message: SlackMessage): boolean {
  return buttonsOf(message).length > 0 || !/^(?:Dry run: would kill|Kill) this job\?/.test(message.text);
}

function headingOf({ channel, threadTs }: SlackMessage, isKnown: boolean): string {
  if (isKnown) return `Then, the message in ${channel} says:`;
  return `Then, in ${threadTs === undefined ? '' : 'a thread of '}${channel}:`;
}

function newsOfVersion(heading: string, version: SlackVersion): News {
  return { heading, lines: messageLines(version), isUnderWay: false };
}

function keyOf({ channel, ts }: SlackMessage): string {
  return `${channel} ${ts}`;
}

function versionOf({ text, blocks = [] }: SlackResponse['body']): SlackVersion {
  return { text: typeof text === 'string' ? text : '', blocks: blocks as KnownBlock[] };
}

/** A message that only one person sees has no `ts` that a click would name. */
const NO_TS = '1795350012.000100';

/** The click on the button with that text (in either case): the first one in the newest message that has it. Throws UsageError where none has. */
export function findButton({ messages, ephemerals, responses }: Shown, label: string): Pick<Click, 'actionId' | 'value' | 'messageTs' | 'isEphemeral' | 'message' | 'channel'> {
  const posted = [...messages, ...ephemerals].toSorted((a, b) => (a.ts < b.ts ? 1 : -1)).map(({ ts, channel, ephemeralFor, text, blocks }) => ({ ts, channel, isEphemeral: ephemeralFor !== undefined, version: { text, blocks } }));
  const noted = responses.toReversed().map(({ body }) => ({ ts: NO_TS, channel: undefined, isEphemeral: true, version: versionOf(body) }));
  const labels: string[] = [];
  for (const { ts, channel, isEphemeral, version } of [...posted, ...noted]) {
    for (const { text, action_id: actionId = '', value } of buttonsOf(version)) {
      if (text.text.toLowerCase() === label.toLowerCase()) return { actionId, value, messageTs: ts, isEphemeral, message: version, ...(channel !== undefined && { channel }) };
      labels.push(text.text);
    }
  }
  throw new UsageError(labels.length === 0 ? 'no message has a button now' : `no message has a button "${label}"; there are: ${[...new Set(labels)].join(', ')}`);
}
