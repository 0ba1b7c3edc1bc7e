import { createHmac, randomBytes } from 'node:crypto';
import type { ActionsBlockElement, Button, KnownBlock, SectionBlockAccessory } from '@slack/types';
import type { Reply } from './client.ts';
import type { SlackVersion } from './slack-workspace.ts';

/** The `X-Slack-Signature` of a body. https://docs.slack.dev/authentication/verifying-requests-from-slack/ */
export function signSlack(secret: string, timestampSec: number, rawBody: string | Buffer): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestampSec}:`).update(rawBody).digest('hex')}`;
}

/** The headers that Slack sends with a form, signed at `timestampSec`. */
export function slackHeaders(secret: string, timestampSec: number, rawBody: string | Buffer): Record<string, string> {
  return {
    'Content-Type': 'application/x-www-form-urlencoded',
    'User-Agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
    'X-Slack-Request-Timestamp': String(timestampSec),
    'X-Slack-Signature': signSlack(secret, timestampSec, rawBody),
  };
}

/** Sends a form to `path` below `url` as Slack does, signed at `nowSec`. Rejects where no answer comes. */
export async function sendSlack(url: string, path: string, form: URLSearchParams | string, secret: string, nowSec: number): Promise<Reply> {
  const body = form.toString();
  const response = await fetch(url + path, { method: 'POST', headers: slackHeaders(secret, nowSec, body), body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

/** A response URL that leads nowhere: what a test does not name must not be reached. */
const NOWHERE = 'https://slack.invalid/T0123ABCD/397700885554/96rGlfmibIGlgcZRskXaIFfN';

/**
 * The form of a slash command, typed by U012AB3CD in C0123456789 unless told otherwise; each has a trigger_id of its own.
 * `overrides` go by Slack's names of the fields, and undefined leaves one out.
 */
export function commandForm(overrides: Record<string, string | undefined> = {}): URLSearchParams {
  const fields: Record<string, string | undefined> = {
    token: 'gIkuvaNzQIHg97ATvDxqgjtO',
    team_id: 'T0123ABCD',
    team_domain: 'simulator',
    channel_id: 'C0123456789',
    channel_name: 'data-platform',
    user_id: 'U012AB3CD',
    user_name: 'ana',
    command: '/mrs',
    text: '',
    api_app_id: 'A0123ABCD',
    is_enterprise_install: 'false',
    response_url: NOWHERE,
    trigger_id: newTriggerId(),
    ...overrides,
  };
  return new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}

/** A click on a button, by U012AB3CD of T0123ABCD in C0123456789 unless told otherwise. */
export type Click = {
  actionId: string;
  value?: string | undefined;
  /** The ts of the message that the button stands in. */
  messageTs: string;
  user?: string;
  /** The team of the person where it differs from `team`. */
  userTeam?: string;
  /** null: no team, as where the app is installed for a whole organization. */
  team?: string | null;
  enterprise?: string;
  channel?: string;
  isEphemeral?: boolean;
  /** What the message says, which Slack sends along. */
  message?: SlackVersion;
  blockId?: string;
  /** Seconds with decimals, such as `1795350012.194939`. */
  actionTs?: string;
  responseUrl?: string;
  triggerId?: string;
};

/** The form of a block_actions interaction: one field `payload` of JSON. */
export function blockActionsForm(click: Click): URLSearchParams {
  const { user = 'U012AB3CD', team = 'T0123ABCD', enterprise, channel = 'C0123456789', messageTs, isEphemeral = false, value } = click;
  const organization = enterprise === undefined ? {} : { enterprise_id: enterprise, enterprise_name: 'Simulator Org' };
  const payload = {
    type: 'block_actions',
    user: { id: user, username: 'ana', name: 'ana', team_id: click.userTeam ?? team ?? 'T0123ABCD' },
    api_app_id: 'A0123ABCD',
    token: 'gIkuvaNzQIHg97ATvDxqgjtO',
    container: { type: 'message', message_ts: messageTs, channel_id: channel, is_ephemeral: isEphemeral },
    trigger_id: click.triggerId ?? newTriggerId(),
    team: team === null ? null : { id: team, domain: 'simulator', ...organization },
    enterprise: enterprise === undefined ? null : { id: enterprise, name: 'Simulator Org' },
    is_enterprise_install: team === null,
    channel: { id: channel, name: 'data-platform' },
    // Slack sends no message along with a click on one that is ephemeral.
    ...(isEphemeral ? {} : { message: { type: 'message', user: 'U0KILLBOT', bot_id: 'B0KILLBOT', ts: messageTs, text: 'a card', ...click.message } }),
    state: { values: {} },
    response_url: click.responseUrl ?? NOWHERE,
    actions: [
      {
        action_id: click.actionId,
        block_id: click.blockId ?? 'b1',
        text: { type: 'plain_text', text: 'Button', emoji: true },
        ...(value === undefined ? {} : { value }),
        type: 'button',
        action_ts: click.actionTs ?? '1795350012.194939',
      },
    ],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) });
}

/** The buttons of a message, top to bottom. */
export function buttonsOf({ blocks }: Pick<SlackVersion, 'blocks'>): Button[] {
  return blocks.flatMap(elementsOf).filter((element) => element.type === 'button');
}

function elementsOf(block: KnownBlock): (ActionsBlockElement | SectionBlockAccessory)[] {
  if (block.type === 'actions') return block.elements;
  return block.type === 'section' && block.accessory ? [block.accessory] : [];
}

function newTriggerId(): string {
  return `398738663015.47445629121.${randomBytes(16).toString('hex')}`;
}
