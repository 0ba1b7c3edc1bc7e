import { blockActionsForm, buttonsOf, sendSlack } from '../../test/simulator/slack-client.ts';
import type { SlackMessage } from '../../test/simulator/simulator.ts';
import { type Stage, waitFor } from './step.ts';

/** Clicks on a button of a message, signed as Slack signs. What it gives waits for the first word of the note that only this person sees. */
export async function clickOn({ simulator, url, signingSecret }: Stage, { channel, ts, blocks }: SlackMessage, actionId: string, user: string): Promise<() => Promise<string>> {
  const button = buttonsOf({ blocks }).find(({ action_id: id }) => id === actionId);
  const responseUrl = simulator.slack.newResponseUrl();
  const form = blockActionsForm({ user, channel, messageTs: ts, actionId, value: button?.value, responseUrl });
  await sendSlack(url, '/slack/action', form, signingSecret, Math.floor(Date.now() / 1_000));
  return () =>
    waitFor('a note', () => {
      const text = simulator.slack.responses().find((response) => response.url === responseUrl)?.body['text'];
      return typeof text === 'string' ? text.split(':')[0] : undefined;
    });
}
