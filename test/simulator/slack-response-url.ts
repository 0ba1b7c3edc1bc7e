import * as z from 'zod';
import type { Answer, RecordedRequest } from './routing.ts';
import { readVersion } from './slack-chat.ts';
import type { Workspace } from './slack-workspace.ts';

const LIFE_MS = 30 * 60_000;
const USES = 5;

const message = z.looseObject({
  text: z.string().exactOptional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).exactOptional(),
  replace_original: z.boolean().exactOptional(),
  delete_original: z.boolean().exactOptional(),
});

/** A post to a response URL, which needs no token and answers in plain text; `now` is epoch ms. https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses */
export function answerResponseUrl(workspace: Workspace, { path, headers, body }: RecordedRequest, now: number): Answer {
  const known = workspace.responseUrls.get(path);
  if (known === undefined) return plain(404, 'no_service');
  if (now - known.at > LIFE_MS) return plain(404, 'expired_url');
  if (known.uses >= USES) return plain(404, 'used_url');
  const read = headers['content-type']?.startsWith('application/json') ? message.safeParse(parseJson(body)) : undefined;
  if (!read?.success) return plain(400, 'invalid_payload');
  if (read.data.delete_original !== true) {
    const said = readVersion({ text: read.data.text ?? '', blocks: read.data.blocks });
    if (!said.ok) return plain(400, said.error ?? '');
  }
  known.uses += 1;
  workspace.responses.push({ url: path, body: read.data });
  return plain(200, 'ok');
}

function plain(status: number, text: string): Answer {
  return { status, body: text, headers: { 'Content-Type': 'text/plain; charset=utf-8' } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
