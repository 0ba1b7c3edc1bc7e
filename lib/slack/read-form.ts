import * as z from 'zod/mini';
import { readBody } from '../http/read-body.ts';

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

export const filled = z.string().check(z.minLength(1));

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

/** Its token has 24. Anybody may send it: what is longer is not read before it is known who sent it. */
const LONGEST_SSL_CHECK = 1_000;

/**
 * Whether this is Slack's unsigned look at the certificate: `ssl_check=1`, at most a token beside it, nothing else. Exact,
 * because such a request is answered without a signature. https://docs.slack.dev/interactivity/implementing-slash-commands/
 */
export function isSslCheck(rawBody: Buffer): boolean {
  if (rawBody.length > LONGEST_SSL_CHECK) return false;
  const form = readForm(rawBody);
  const checks = form.getAll('ssl_check');
  return checks.length === 1 && checks[0] === '1' && [...form.keys()].every((name) => name === 'ssl_check' || name === 'token');
}

export function readForm(rawBody: Buffer): URLSearchParams {
  return new URLSearchParams(rawBody.toString('utf8'));
}
