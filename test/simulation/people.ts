import type { Button, KnownBlock } from '@slack/types';
import { CLEANUP } from '../../lib/slack/button.ts';
import { blockActionsForm, buttonsOf, commandForm } from '../simulator/slack-client.ts';
import type { Workspace } from '../simulator/slack-workspace.ts';
import type { Chance } from './chance.ts';
import type { Doors } from './doors.ts';
import { makeOwners, type Owners, warningOn } from './owners.ts';
import { APPROVER, CHANNEL, REQUESTER, STRANGER } from './policy.ts';
import { CLOUD_URL } from './cloud.ts';
import { MINUTE_MS, SECOND_MS, type World } from './world.ts';

export type People = {
  /** Types a command. */
  type: (text: string) => Promise<void>;
  typeAsApprover: (text: string) => Promise<void>;
  /** Somebody, whoever it is, clicks a button that stands somewhere. */
  clickAnywhere: (odd: Chance) => void;
  /** Asks for the list of a cleanup, and wants all that stand on it gone. */
  clickOnCleanup: () => Promise<void>;
  /** Clicks on cards of warnings so far. */
  warningClicks: Owners['clicks'];
  /** Looks at a message that was posted or changed, and clicks, or not. */
  lookAt: (channel: string, ts: string) => void;
};

/** People in Slack: the right ones and the wrong ones, hasty and late. */
export function makePeople(world: World, workspace: Workspace, doors: Doors): People {
  const { chance } = world;
  const planned = new Set<string>();
  let count = 0;

  function responseUrl(): string {
    const path = `/hooks/commands/${++count}`;
    workspace.responseUrls.set(path, { at: world.now(), uses: 0 });
    return CLOUD_URL + path;
  }

  function clickNow(user: string, { action_id: actionId = '', value }: { action_id?: string; value?: string | undefined }, channel: string, messageTs: string): void {
    world.tell(user, `clicks ${actionId}`);
    const form = blockActionsForm({ actionId, value, messageTs, user, channel, responseUrl: responseUrl(), triggerId: `click-${++count}` });
    void doors.knockAsSlack('click', '/slack/action', form);
  }
  const click = (afterMs: number, user: string, button: Pick<Button, 'action_id' | 'value'>, channel: string, messageTs: string): void =>
    world.after(afterMs, () => clickNow(user, button, channel, messageTs));
  const owners = makeOwners(world, (user, button, { channel, ts }) => clickNow(user, button, channel, ts));

  /** A card that only tells people: most of them see no need. */
  function lookAtNotice(channel: string, ts: string, button: Button): void {
    if (planned.has(ts)) return;
    planned.add(ts);
    if (chance.happens(0.6)) return;
    const afterMs = chance.one([chance.whole(1, 300) * SECOND_MS, chance.whole(1, 600) * MINUTE_MS]);
    click(afterMs, chance.one([REQUESTER, REQUESTER, STRANGER]), button, channel, ts);
    if (chance.happens(0.3)) click(afterMs + chance.whole(0, 40) * SECOND_MS, REQUESTER, button, channel, ts);
  }

  async function type(text: string, user = REQUESTER): Promise<void> {
    world.tell(user, `types /mrs ${text}`);
    await doors.knockAsSlack('command', '/slack/command', commandForm({ text, user_id: user, trigger_id: `command-${++count}`, response_url: responseUrl() }));
  }

  return {
    async clickOnCleanup() {
      await type('cleanup');
      await world.sleep(chance.whole(10, 120) * SECOND_MS);
      const lists = workspace.responses.flatMap(({ body }) => buttonsOf({ blocks: (body['blocks'] ?? []) as KnownBlock[] }).filter(({ action_id: id }) => id === CLEANUP));
      const button = lists.at(-1);
      if (button !== undefined) clickNow(REQUESTER, button, CHANNEL, 'list');
    },
    warningClicks: owners.clicks,
    type,
    typeAsApprover: (text) => type(text, APPROVER),
    clickAnywhere(odd) {
      const live = workspace.messages.filter((message) => message.ephemeralFor === undefined && buttonsOf(message).length > 0);
      if (live.length === 0) return;
      const message = odd.one(live);
      const warning = warningOn(message);
      if (warning !== undefined) owners.click(warning);
      else clickNow(odd.one([REQUESTER, APPROVER, STRANGER]), odd.one(buttonsOf(message)), message.channel, message.ts);
    },
    lookAt(channel, ts) {
      const message = workspace.messages.find((one) => one.channel === channel && one.ts === ts);
      if (message !== undefined && warningOn(message) !== undefined) return owners.lookAt(message);
      const buttons = message && message.ephemeralFor === undefined ? buttonsOf(message) : [];
      const [notice] = buttons;
      if (buttons.length === 1 && notice?.value?.includes('"of"')) lookAtNotice(channel, ts, notice);
      const key = `${ts} ${buttons.map(({ value }) => value).join(' ')}`;
      if (buttons.length < 2 || planned.has(key)) return;
      planned.add(key);
      const asksRequester = JSON.stringify(message).includes('Please confirm');
      const right = asksRequester ? REQUESTER : APPROVER;
      const wrong = asksRequester ? STRANGER : chance.one([REQUESTER, STRANGER]);
      const pick = (): Button => (chance.happens(0.7) ? buttons[0] : buttons[1]) as Button;
      if (chance.happens(0.2)) click(chance.whole(1, 90) * SECOND_MS, wrong, pick(), channel, ts);
      if (chance.happens(0.12)) return; // nobody answers
      const afterMs = chance.one([chance.whole(1, 60) * SECOND_MS, chance.whole(1, 10) * MINUTE_MS, chance.whole(13 * 60, 17 * 60) * SECOND_MS]);
      click(afterMs, right, pick(), channel, ts);
      if (chance.happens(0.3)) click(afterMs + chance.one([chance.whole(0, 300), chance.whole(1, 40) * SECOND_MS]), right, pick(), channel, ts);
      if (chance.happens(0.15)) click(afterMs + chance.whole(5, 90) * MINUTE_MS, right, pick(), channel, ts);
    },
  };
}
