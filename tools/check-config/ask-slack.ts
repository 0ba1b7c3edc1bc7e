import * as z from 'zod';
import { openSend } from '../../lib/http/send.ts';
import type { Secret } from '../../lib/settings/secret.ts';

const TIMEOUT_MS = 10_000;
const text = z.string().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);
const Reply = z.object({
  ok: flag,
  error: text,
  team: text,
  team_id: text,
  channel: z.object({ name: text, is_archived: flag, is_member: flag, is_im: flag }).optional().catch(undefined),
  user: z.object({ name: text, deleted: flag, is_bot: flag }).optional().catch(undefined), // auth.test has a text here
});
/** What a method said; `scopes` are those of the token. A part that is not as documented is undefined. */
export type Answer = { status: number; scopes: string | undefined; reply: z.output<typeof Reply> };
/** Asks one method of the Web API that only reads. Throws NoAnswer. */
export type Ask = (method: string, query?: Record<string, string>) => Promise<Answer>;

export function createAsk(apiUrl: string, botToken: Secret): Ask {
  const send = openSend([apiUrl]);
  return async (method, query = {}) => {
    // Methods that read do not understand a JSON body. https://docs.slack.dev/apis/web-api/
    const url = new URL(`${method}?${new URLSearchParams(query)}`, apiUrl);
    const answer = await send({ method: 'GET', url, headers: { authorization: `Bearer ${botToken.reveal()}` }, timeoutMs: TIMEOUT_MS });
    return { status: answer.status, scopes: answer.headers['x-oauth-scopes'], reply: parse(answer.text) };
  };
}

function parse(answer: string): Answer['reply'] {
  try {
    return Reply.parse(JSON.parse(answer));
  } catch {
    return {};
  }
}
