import { KEEP, KILL_NOW, readButtonValue } from '../../lib/slack/button.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SlackMessage } from '../simulator/slack-workspace.ts';
import { APPROVER, CHANNEL, OWNER, REQUESTER, STRANGER, TEAM_CHANNEL } from './policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** A click on a card of a warning. `warning` is the execution of its round. */
export type WarningClick = { at: number; by: string; what: typeof KEEP | typeof KILL_NOW; warning: string; channel: string };

export type Owners = {
  /** Looks at a message that was posted or changed. */
  lookAt: (message: SlackMessage) => void;
  clicks: readonly WarningClick[];
  /** One of them clicks on a card of that warning. */
  click: (warning: string) => void;
};

export type ClickOn = (user: string, button: { action_id?: string; value?: string | undefined }, message: SlackMessage) => void;

/** Nobody sits at a screen for ever: what is warned of later is nobody's. */
const NOBODY_AFTER_MS = 20 * HOUR_MS;

/** The round that a message warns of, by the buttons that it has: its execution. */
export function warningOn(message: SlackMessage): string | undefined {
  for (const { value = '' } of buttonsOf(message)) {
    const read = readButtonValue(value);
    if (read?.do === 'warned') return read.start === 1 ? read.name : `${read.name}-${read.start}`;
  }
  return undefined;
}

/** Those whose jobs are warned of, and others: in time, late, at once on several cards, and where it is none of their business. */
export function makeOwners(world: World, clickOn: ClickOn): Owners {
  const { chance } = world;
  /** The messages of each round, as they stood with buttons. */
  const cards = new Map<string, { message: SlackMessage; buttons: ReturnType<typeof buttonsOf> }[]>();
  const clicks: WarningClick[] = [];

  function click(warning: string): void {
    const known = cards.get(warning) ?? [];
    if (known.length === 0) return;
    const { message, buttons } = chance.one(known);
    const button = chance.happens(0.6) ? buttons[0] : buttons.at(-1);
    const { channel } = message;
    const inChannel = button?.action_id === KEEP ? [REQUESTER, REQUESTER, APPROVER, OWNER, STRANGER] : [REQUESTER, REQUESTER, REQUESTER, APPROVER, STRANGER];
    const by = channel === CHANNEL ? chance.one(inChannel) : channel === TEAM_CHANNEL ? chance.one([STRANGER, STRANGER, OWNER, REQUESTER]) : OWNER;
    if (button === undefined) return;
    clicks.push({ at: world.now(), by, what: button.action_id === KEEP ? KEEP : KILL_NOW, warning, channel });
    clickOn(by, button, message);
  }

  function plan(warning: string): void {
    const soonMs = (): number => chance.one([chance.whole(2, 90) * SECOND_MS, chance.whole(1, 6) * MINUTE_MS, chance.whole(1, 33) * MINUTE_MS]);
    for (let count = chance.one([0, 0, 1, 1, 1, 2, 3]); count > 0; count--) world.after(soonMs(), () => click(warning));
    if (chance.happens(0.15)) world.after(chance.whole(10, 180) * MINUTE_MS, () => click(warning));
    if (!chance.happens(0.2)) return;
    const togetherMs = soonMs();
    for (let count = chance.whole(2, 3); count > 0; count--) world.after(togetherMs + chance.whole(0, 20), () => click(warning));
  }

  return {
    clicks,
    click,
    lookAt(message) {
      const warning = warningOn(message);
      if (warning === undefined) return;
      const known = cards.get(warning) ?? [];
      if (known.length === 0 && world.now() < world.startMs + NOBODY_AFTER_MS) plan(warning);
      if (!known.some((card) => card.message === message)) known.push({ message, buttons: buttonsOf(message) });
      cards.set(warning, known);
    },
  };
}
