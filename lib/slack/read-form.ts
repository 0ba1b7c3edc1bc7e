import type { KnownBlock } from '@slack/types';
import * as z from 'zod/mini';
import { parseJson } from '../http/json.ts';
import { readBody } from '../http/read-body.ts';
import { InvalidRequest } from '../core/errors.ts';

/** A slash command as Slack delivers it. `responseUrl` is as good as a password: never log or store it. */
export type SlashCommand = {
  userId: string;
  teamId: string;
  enterpriseId?: string;
  channelId: string;
  /** Everything after the command, as typed but for Slack's escaping; may be empty. */
  text: string;
  triggerId: string;
  responseUrl: string;
};

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

const filled = z.string().check(z.minLength(1));
/** Whatever else stands there. */
const orNothing = z.pipe(z.unknown(), z.transform(() => undefined));

const CommandForm = z.object({
  user_id: filled,
  team_id: filled,
  enterprise_id: z.optional(z.string()),
  channel_id: filled,
  text: z._default(z.string(), ''),
  trigger_id: filled,
  response_url: filled,
});

/** Reads the form of a slash command. Throws InvalidRequest that names each missing field. https://docs.slack.dev/interactivity/implementing-slash-commands/ */
export function readSlashCommand(rawBody: Buffer): SlashCommand {
  const form = readForm(rawBody);
  // Only the fields we know are taken, each the first time it stands there.
  const fields = Object.keys(CommandForm.shape).map((name) => [name, form.get(name) ?? undefined]);
  const read = readBody(CommandForm, Object.fromEntries(fields));
  return {
    userId: read.user_id,
    teamId: read.team_id,
    ...(read.enterprise_id && { enterpriseId: read.enterprise_id }),
    channelId: read.channel_id,
    text: read.text,
    triggerId: read.trigger_id,
    responseUrl: read.response_url,
  };
}

const Interaction = z.object({ payload: z.object({ type: filled }) });

const Click = z.object({
  payload: z.object({
    user: z.object({ id: filled, team_id: z.nullish(filled) }),
    team: z.nullish(z.object({ id: filled, enterprise_id: z.nullish(z.string()) })),
    enterprise: z.nullish(z.object({ id: filled })),
    channel: z.nullish(z.object({ id: filled })),
    container: z.nullish(z.object({ channel_id: z.nullish(filled), is_ephemeral: z.nullish(z.boolean()) })),
    // Only to draw it anew: a message that cannot be read stands in no click's way.
    message: z.union([z.optional(z.object({ ts: filled, text: z._default(z.string(), ''), blocks: z._default(z.array(z.looseObject({ type: filled })), []) })), orNothing]),
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

/**
 * Whether this is Slack's unsigned look at the certificate: `ssl_check=1`, at most a token beside it, nothing else. Exact,
 * because such a request is answered without a signature. https://docs.slack.dev/interactivity/implementing-slash-commands/
 */
export function isSslCheck(rawBody: Buffer): boolean {
  const form = readForm(rawBody);
  const checks = form.getAll('ssl_check');
  return checks.length === 1 && checks[0] === '1' && [...form.keys()].every((name) => name === 'ssl_check' || name === 'token');
}

function readForm(rawBody: Buffer): URLSearchParams {
  return new URLSearchParams(rawBody.toString('utf8'));
}

function parsePayload(text: string | null): unknown {
  const payload = parseJson(text ?? '');
  if (payload === undefined) throw new InvalidRequest('payload: expected JSON');
  return payload;
}
