import { describe, expect, it } from '@jest/globals';
import { InvalidRequest, Unauthorized } from '../../lib/core/errors.ts';
import { authenticate, readKillBody } from '../../lib/api/read-request.ts';
import { Secret } from '../../lib/settings/secret.ts';

const TOKEN = 'rest-token-0123456789';
const apiTokens = [{ name: 'ci', token: new Secret(TOKEN) }, { name: 'ops', token: new Secret('other-token-0123456789') }];
type Settings = Parameters<typeof authenticate>[1];
const settings = (more: Partial<Settings> = {}): Settings => ({ apiTokens, apiPassThrough: false, ...more });

const thrownBy = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('a caller', () => {
  it.each([
    [`Bearer ${TOKEN}`, 'ci'],
    [`bearer   ${TOKEN}`, 'ci'],
    ['BEARER other-token-0123456789', 'ops'],
  ])('is known by one of our tokens: %s', (authorization, name) => {
    for (const more of [{}, { 'x-auth-token': '' }]) expect(authenticate({ authorization, ...more }, settings())).toEqual({ kind: 'api-token', name });
  });

  it('with a token of IAM is named by its fingerprint, where such are taken', () => {
    const caller = authenticate({ 'x-auth-token': '!~token' }, settings({ apiPassThrough: true }));
    expect(caller).toEqual({ kind: 'iam-token', name: expect.stringMatching(/^token:[0-9a-f]+$/) as unknown, token: expect.any(Secret) as unknown });
  });

  const OTHER = 'it takes Authorization: Bearer and a token of API_TOKENS';
  it.each<[what: string, headers: Record<string, string>, more: Partial<Settings>, cause: string, hint: string | undefined]>([
    ['nothing', {}, {}, 'no token', OTHER],
    ['the scheme alone', { authorization: 'Bearer' }, {}, 'no token', OTHER],
    ['the scheme and a blank', { authorization: 'Bearer ' }, {}, 'no token', undefined],
    ['another scheme', { authorization: 'Basic eA==' }, {}, 'no token', OTHER],
    ['our scheme further behind', { authorization: `x Bearer ${TOKEN}` }, {}, 'no token', OTHER],
    ['more than a token', { authorization: `Bearer ${TOKEN} x` }, {}, 'no token', undefined],
    ['a wrong token', { authorization: 'Bearer x' }, {}, 'wrong token', undefined],
    ['a wrong token in small letters', { authorization: 'bearer x' }, {}, 'wrong token', undefined],
    ['a token where none is set', { authorization: 'Bearer x' }, { apiTokens: [] }, 'wrong token', 'API_TOKENS is not set'],
    ['nothing where none is set', {}, { apiTokens: [] }, 'no token', 'API_TOKENS is not set'],
    ['a token of IAM where such are not taken', { 'x-auth-token': 'x' }, {}, 'no token', 'API_PASS_THROUGH is false: X-Auth-Token is not taken'],
    ...['a b', ' ab', 'ab ', 'a\u007f', 'é'].map((token): [string, Record<string, string>, Partial<Settings>, string, string] => [
      `a token of IAM that is ${JSON.stringify(token)}`, { 'x-auth-token': token }, { apiPassThrough: true }, 'no token', 'X-Auth-Token holds what no header can carry on',
    ]),
    ['an empty token of IAM', { 'x-auth-token': '' }, { apiPassThrough: true }, 'no token', OTHER],
  ])('is not let in with %s, and who runs it reads why', (_what, headers, more, cause, hint) => {
    const error = thrownBy(() => authenticate(headers, settings(more)));
    expect(error).toBeInstanceOf(Unauthorized);
    expect(error).toMatchObject({ cause, hint });
  });

  it('with both is told to send one', () => {
    const error = thrownBy(() => authenticate({ authorization: `Bearer ${TOKEN}`, 'x-auth-token': 'x' }, settings({ apiPassThrough: true })));
    expect(error).toBeInstanceOf(InvalidRequest);
  });
});

it.each([['x'.repeat(40), 'x'.repeat(40)], ['x'.repeat(41), `${'x'.repeat(39)}…`]])('an unknown field is named, a long one by its beginning: %s', (name, said) => {
  const error = thrownBy(() => readKillBody(Buffer.from(JSON.stringify({ [name]: 1 }))));
  expect(error).toEqual(new InvalidRequest(`body: unknown field "${said}"; reason and dry_run are known`));
});
