import { InvalidRequest, Unauthorized } from '../core/errors.ts';
import { tokenFingerprint } from '../mrs/credentials.ts';
import { matchesSecret, Secret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';

/** Who calls the REST API: somebody with one of our tokens, or somebody with their own IAM token, which MRS has to judge. */
export type Caller = { by: 'api-token'; name: string } | { by: 'iam-token'; name: string; token: Secret };

/**
 * Reads exactly one of `Authorization: Bearer` and `X-Auth-Token`. Throws InvalidRequest where both are given, and
 * Unauthorized for everything else that is not a known caller, with the same words for every cause.
 */
export function authenticate(
  headers: Record<string, string>,
  { apiTokens, apiPassThrough }: Pick<Settings, 'apiTokens' | 'apiPassThrough'>,
): Caller {
  const authorization = headers['authorization'] ?? '';
  const iamToken = headers['x-auth-token'] ?? '';
  if (authorization !== '' && iamToken !== '') {
    throw new InvalidRequest('send either Authorization or X-Auth-Token, not both');
  }
  // What no header can carry on to MRS proves nothing there either.
  if (/^[\x21-\x7e]+$/.test(iamToken) && apiPassThrough) {
    const token = new Secret(iamToken);
    return { by: 'iam-token', name: `token:${tokenFingerprint(token)}`, token };
  }
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  // All are compared, so that the time taken does not tell which one came close.
  const known = apiTokens.filter(({ token }) => matchesSecret(bearer, token));
  if (bearer === '' || known[0] === undefined) throw new Unauthorized();
  return { by: 'api-token', name: known[0].name };
}
