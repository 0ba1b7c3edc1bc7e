import * as z from 'zod/mini';
import { Secret } from './secret.ts';

/** A caller's token under the name that audit lines show; `source` binds an alert token to one route. */
type NamedToken = { name: string; source?: string; token: Secret };

const NAME = /^[a-z0-9_-]{1,32}$/;
const SOURCE = /^[a-z0-9-]+$/;
// What an Authorization header can carry; a comma would end the entry.
const TOKEN = /^[\x21-\x7e]{16,}$/;

/** `API_TOKENS`: text `name:token,…` in, `{ name, token }[]` out; two tokens under one name are a rotation. */
export const ApiTokens = z.pipe(z.string(), z.transform((text, context) => readTokens(text, context, 'name:token', false)));

/** `ALERT_TOKENS`: text `name:token,name@source:token,…` in, `{ name, source?, token }[]` out. */
export const AlertTokens = z.pipe(z.string(), z.transform((text, context) => readTokens(text, context, 'name:token or name@source:token', true)));

function readTokens(text: string, { issues }: z.core.ParsePayload, form: string, withSource: boolean): NamedToken[] {
  const tokens: NamedToken[] = [];
  const owners = new Map<string, string>();
  for (const [index, entry] of text.split(',').entries()) {
    const read = readToken(entry.trim(), form, withSource);
    // Only the number of the entry is said: a mistyped entry may show its token anywhere.
    if (typeof read === 'string') issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1}: ${read}` });
    else {
      const owner = owners.get(read.token.reveal()) ?? read.name;
      if (owner !== read.name) {
        issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1}: the same token stands under another name too; give each name its own` });
      }
      owners.set(read.token.reveal(), owner);
      tokens.push(read);
    }
  }
  return tokens;
}

/** `an ssm:` or `a file:` where an entry of a list begins as a reference does; undefined for all others. */
export function schemeOf(entry: string): string | undefined {
  const scheme = /^(ssm|file):/.exec(entry)?.[1];
  return scheme && `${scheme === 'ssm' ? 'an' : 'a'} ${scheme}:`;
}

/** One entry, or what is wrong with it. A token may itself contain `:`. */
function readToken(entry: string, form: string, withSource: boolean): NamedToken | string {
  const colon = entry.indexOf(':');
  if (colon < 0) return `write it as ${form}, entries separated by commas`;
  const head = entry.slice(0, colon);
  const at = withSource ? head.indexOf('@') : -1;
  const name = at < 0 ? head : head.slice(0, at);
  const source = at < 0 ? undefined : head.slice(at + 1);
  const token = entry.slice(colon + 1);
  if (!NAME.test(name)) return `the name takes 1 to 32 of a-z, 0-9, _ and - (${form})`;
  if (source !== undefined && !SOURCE.test(source)) return `the source takes a-z, 0-9 and - (${form})`;
  // Taken literally, the name of a parameter would be a token that anybody can guess.
  const scheme = schemeOf(token);
  if (scheme !== undefined) return `${scheme} reference has to be the whole value of the variable`;
  if (!TOKEN.test(token)) return 'the token needs at least 16 characters, visible ASCII without blanks';
  return { name, ...(source !== undefined && { source }), token: new Secret(token) };
}
