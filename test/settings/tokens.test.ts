import { describe, expect, it } from '@jest/globals';
import { AlertTokens, ApiTokens } from '../../lib/settings/tokens.ts';

const A = 'aaaaaaaaaaaaaaaa';
const B = 'bbbbbbbbbbbbbbbb';

function read(schema: typeof ApiTokens, text: string): unknown {
  const { data, error } = schema.safeParse(text);
  if (error !== undefined) return error.issues.map(({ message }) => message);
  return data?.map(({ token, ...rest }) => ({ ...rest, token: token.reveal() }));
}

describe.each([
  ['API_TOKENS', ApiTokens],
  ['ALERT_TOKENS', AlertTokens],
])('%s', (_name, schema) => {
  it('are name:token, separated by commas', () => {
    expect(read(schema, `ci:${A}`)).toEqual([{ name: 'ci', token: A }]);
    expect(read(schema, `ci:${A}, ops_2-x:${B}`)).toEqual([
      { name: 'ci', token: A },
      { name: 'ops_2-x', token: B },
    ]);
  });

  it('need a name and a colon', () => {
    expect(read(schema, `:${A}`)).toEqual([expect.stringMatching(/^entry 1: the name takes 1 to 32 of a-z, 0-9, _ and - \(name:token/)]);
    expect(read(schema, `ci:${A},${B}`)).toEqual([expect.stringMatching(/^entry 2: write it as name:token.*, entries separated by commas$/)]);
  });

  it('may contain a colon and an at sign in the token', () => {
    expect(read(schema, `ci:a:b@c:${A}`)).toEqual([{ name: 'ci', token: `a:b@c:${A}` }]);
  });

  it('may give one name two tokens, to rotate them', () => {
    expect(read(schema, `ci:${A},ci:${B}`)).toEqual([
      { name: 'ci', token: A },
      { name: 'ci', token: B },
    ]);
  });

  it('may not give one token two names, for the audit would name the wrong one', () => {
    expect(read(schema, `ci:${A},ops:${A}`)).toEqual([
      'entry 2: the same token stands under another name too; give each name its own',
    ]);
  });

  it.each([
    ['no colon', A],
    ['no name', `:${A}`],
    ['a name in upper case', `CI:${A}`],
    ['a name of 33 characters', `${'n'.repeat(33)}:${A}`],
    ['a token of 15 characters', `ci:${A.slice(1)}`],
    ['a token with a blank', `ci:${A} ${A}`],
    ['a token that no header can carry', `ci:${A}ü`],
    ['an empty entry', `ci:${A},`],
    ['nothing but a comma', ','],
    ['a reference for one token', 'ci:ssm:/killswitch/ci-token'],
  ])('do not accept %s', (_case, text) => {
    expect(read(schema, text)).toContainEqual(expect.stringMatching(/^entry \d+: /));
  });

  it('tell each bad entry by its number', () => {
    expect(read(schema, `CI:${A},ok:${B},short:x`)).toEqual([
      expect.stringMatching(/^entry 1: the name takes/),
      expect.stringMatching(/^entry 3: the token needs at least 16/),
    ]);
  });
});

describe('a source', () => {
  it('binds an alert token to its route', () => {
    expect(read(AlertTokens, `am@alertmanager:${A},am:${B}`)).toEqual([
      { name: 'am', source: 'alertmanager', token: A },
      { name: 'am', token: B },
    ]);
  });

  it.each([`am@:${A}`, `am@Alert:${A}`, `am@a@b:${A}`, `@am:${A}`])('is wrong in %s', (text) => {
    expect(read(AlertTokens, text)).toEqual([expect.stringMatching(/^entry 1: /)]);
  });

  it('is nothing that an API token has', () => {
    expect(read(ApiTokens, `ci@alertmanager:${A}`)).toEqual([expect.stringMatching(/^entry 1: the name takes/)]);
  });
});
