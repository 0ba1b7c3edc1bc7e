import { setTimeout as sleep } from 'node:timers/promises';
import { readButtonValue } from '../../lib/slack/button.ts';
import { SIGNING_SECRET } from '../../test/home/serve/process.ts';
import { APPROVER, REQUESTER } from '../../test/simulation/policy.ts';
import { blockActionsForm, buttonsOf, sendSlack } from '../../test/simulator/slack-client.ts';
import type { SlackMessage } from '../../test/simulator/simulator.ts';
import type { World } from './world.ts';

/** A click that got its 200. `at`: epoch ms, when that came. */
export type Clicked = { name: string; start: number; action: string; at: number };

export type People = { clicked: readonly Clicked[]; stop(): Promise<void> };

const EVERY_MS = 100;
/** The others look away. */
const SHARE_CLICKING = 0.75;
const SHARE_OF_FIRST_BUTTON = 0.75;

/** People who look at each card once, and mostly click a button of it. */
export function beginPeople(world: World): People {
  const clicked: Clicked[] = [];
  const seen = new Set<string>();
  const open = new Set<Promise<void>>();
  let isOver = false;

  async function click(message: SlackMessage): Promise<void> {
    await sleep(Math.random() * 1_500);
    const buttons = buttonsOf(message);
    const button = Math.random() < SHARE_OF_FIRST_BUTTON ? buttons[0] : buttons.at(-1);
    const asks = readButtonValue(button?.value ?? '');
    if (button?.action_id === undefined || asks === undefined || !('name' in asks)) return;
    const user = asks.do === 'decide' && asks.who === 'requester' ? REQUESTER : APPROVER;
    const { text, blocks, ts: messageTs, channel } = message;
    const form = blockActionsForm({ message: { text, blocks }, user, messageTs, channel, actionId: button.action_id, value: button.value, responseUrl: world.simulator.slack.newResponseUrl() });
    try {
      const { status } = await sendSlack(world.url, '/slack/action', form, SIGNING_SECRET, Math.floor(Date.now() / 1_000));
      if (status === 200) clicked.push({ name: asks.name, start: asks.start, action: button.action_id, at: Date.now() });
    } catch {
      seen.delete(message.ts); // nobody there: it is tried once more
    }
  }

  const loop = (async () => {
    while (!isOver) {
      for (const message of world.simulator.slack.messages()) {
        if (seen.has(message.ts) || buttonsOf(message).length === 0) continue;
        seen.add(message.ts);
        if (Math.random() > SHARE_CLICKING) continue;
        const clicking: Promise<void> = click(message).finally(() => open.delete(clicking));
        open.add(clicking);
      }
      await sleep(EVERY_MS);
    }
  })();
  return {
    clicked,
    async stop() {
      isOver = true;
      await loop;
      await Promise.all(open);
    },
  };
}
