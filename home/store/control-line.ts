import { z } from 'zod';
import { InvalidRequest } from '../../lib/core/errors.ts';

const text = z.string().min(1);
const ASK = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('open') }),
  z.strictObject({ command: z.literal('stop'), name: text }),
  z.strictObject({ command: z.literal('backup'), file: text }),
  z.strictObject({ command: z.literal('cleanup'), dryRun: z.boolean() }),
]);

/** What the owner of a store can be asked for: `name` is an execution's, `file` a whole path. */
export type Ask = z.infer<typeof ASK>;

/** The line of who asks. Throws InvalidRequest. */
export function readAsk(line: string, mostCharacters: number): Ask {
  if (line.length > mostCharacters) throw new InvalidRequest(`a line has ${mostCharacters} characters at most`);
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (cause) {
    throw new InvalidRequest('ask with one line of JSON, such as {"command": "open"}', { cause });
  }
  const read = ASK.safeParse(json);
  if (read.success) return read.data;
  throw new InvalidRequest('ask with {"command": "open"}, {"command": "stop", "name": "…"}, {"command": "backup", "file": "…"} or {"command": "cleanup", "dryRun": true}');
}
