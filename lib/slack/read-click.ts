import type { KnownBlock } from '@slack/types';
import * as z from 'zod/mini';
import { InvalidRequest } from '../core/errors.ts';
import { parseJson } from '../http/json.ts';
import { readBody } from '../http/read-body.ts';
import { filled, readForm } from './read-form.ts';

/** A click on a button of ours. `responseUrl` is as good as a password: never log or store it. */
export type BlockAction = {
  userId: string;
  teamId: string;
  enterpriseId?: string;
  /** A click outside messages has none. */
  channelId?: string;
  actionId: string;
  /** The button's own value; '' for a button without one, such as a link. */
  value: string;
  triggerId: string;
  responseUrl: string;
  /** The message that it stands on, where everyone can see that: Slack sends no others along. */
  message?: SlackMessage;
};

/** A message as Slack sends it with a click: its blocks are ours, with ids of Slack's. */
export type SlackMessage = { ts: string; text: string; blocks: KnownBlock[] };

/** Whatever else stands there. */
const orNothing = z.pipe(z.unknown(), z.transform(() => undefined));

const Element = z.looseObject({ type: filled });
/** A block of buttons has a list of them. https://docs.slack.dev/reference/block-kit/blocks/actions-block/ */
const Block = z.looseObject({ type: filled, elements: z.optional(z.array(Element)) }).check(z.refine(({ type, elements }) => type !== 'actions' || elements !== undefined));

const Interaction = z.object({ payload: z.object({ type: filled }) });

const Click = z.object({
  payload: z.object({
    user: z.object({ id: filled, team_id: z.nullish(filled) }),
    team: z.nullish(z.object({ id: filled, enterprise_id: z.nullish(z.string()) })),
    enterprise: z.nullish(z.object({ id: filled })),
    channel: z.nullish(z.object({ id: filled })),
    container: z.nullish(z.object({ channel_id: z.nullish(filled), is_ephemeral: z.nullish(z.boolean()) })),
    // Only to draw it anew: a message that cannot be read stands in no click's way.
    message: z.union([z.optional(z.object({ ts: filled, text: z._default(z.string(), ''), blocks: z._default(z.array(Block), []) })), orNothing]),
    trigger_id: filled,
    response_url: filled,
    actions: z.tuple([z.object({ action_id: filled, value: z.nullish(z.string()) })], z.unknown()),
  }),
});

/**
 * Reads the form of an interaction: the first action of a `block_actions`, undefined for the other types, which nobody here waits
 * for. Throws InvalidRequest that names the field. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
 */
export function readBlockAction(rawBody: Buffer): BlockAction | undefined {
  const body = { payload: parsePayload(readForm(rawBody).get('payload')) };
  if (readBody(Interaction, body).payload.type !== 'block_actions') return undefined;
  const { payload } = readBody(Click, body);
  const { user, team, container, actions: [action] } = payload;
  // An app installed for a whole organisation gets no team, only that of the person.
  const teamId = team?.id ?? user.team_id;
  if (teamId == null) throw new InvalidRequest('payload.team.id: expected the id of a workspace');
  const enterpriseId = payload.enterprise?.id ?? team?.enterprise_id;
  const channelId = payload.channel?.id ?? container?.channel_id;
  return {
    userId: user.id,
    teamId,
    ...(enterpriseId && { enterpriseId }),
    ...(channelId && { channelId }),
    actionId: action.action_id,
    value: action.value ?? '',
    triggerId: payload.trigger_id,
    responseUrl: payload.response_url,
    ...(payload.message && container?.is_ephemeral !== true && { message: payload.message as SlackMessage }),
  };
}

function parsePayload(text: string | null): unknown {
  const payload = parseJson(text ?? '');
  if (payload === undefined) throw new InvalidRequest('payload: expected JSON');
  return payload;
}
