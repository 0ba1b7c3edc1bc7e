import { format, inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { matchesHmac, matchesSecret, Secret, signHmac } from '../../lib/settings/secret.ts';

const secret = new Secret('hunter2-hunter2');

describe('a secret', () => {
  it('is given only to whoever asks for it', () => {
    expect(secret.reveal()).toBe('hunter2-hunter2');
  });

  it.each([
    ['String()', String(secret)],
    // oxlint-disable-next-line typescript/restrict-template-expressions -- the very mistake that has to do no harm
    ['a template', `${secret}`],
    ['joining', ['', secret].join('')],
    ['inspect', inspect(secret)],
    ['inspect, deep in an object', inspect({ a: [{ secret }] }, { depth: 9 }).replace('{ a: [ { secret: ', '').replace(' } ] }', '')],
    ['inspect with hidden fields', inspect(secret, { showHidden: true })],
    ['%s', format('%s', secret)],
    ['%o', format('%o', secret)],
  ])('shows itself as [secret] to %s', (_way, shown) => {
    expect(shown).toBe('[secret]');
  });

  it('shows itself as [secret] in JSON', () => {
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  });

  it('has no field that a copy or a list of entries could show', () => {
    expect(JSON.stringify([Object.assign({}, secret), Object.entries(secret), structuredClone(secret)])).toBe('[{},[],{}]');
    expect(inspect(secret, { customInspect: false, showHidden: true })).not.toContain('hunter2');
  });
});

describe('comparing with a secret', () => {
  it('is true for the secret itself, also where it is not ASCII', () => {
    expect(matchesSecret('hunter2-hunter2', secret)).toBe(true);
    expect(matchesSecret('geheimnißvoll', new Secret('geheimnißvoll'))).toBe(true);
  });

  it.each(['', 'hunter2', 'hunter2-hunter3', 'hunter2-hunter2 ', 'HUNTER2-HUNTER2', '[secret]'])('is false for %j', (candidate) => {
    expect(matchesSecret(candidate, secret)).toBe(false);
  });
});

describe('an HMAC', () => {
  const key = new Secret('key');
  const FOX = 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8'; // as it is published

  it('is of all parts, one after another', () => {
    expect(signHmac(key, ['The quick brown fox ', Buffer.from('jumps over the lazy dog')])).toBe(FOX);
    expect(matchesHmac(FOX, [secret, key], ['The quick brown fox jumps over the lazy dog'])).toBe(true);
    expect(matchesHmac(FOX, [secret], ['The quick brown fox jumps over the lazy dog'])).toBe(false);
  });

  it.each(['', FOX.slice(1), `${FOX}0`, `0${FOX}`, FOX.toUpperCase(), `${FOX}\n`])('is 64 digits and nothing else: not %j', (signature) => {
    expect(matchesHmac(signature, [key], ['The quick brown fox jumps over the lazy dog'])).toBe(false);
  });

  it('of an empty secret, which everybody knows, never fits', () => {
    expect(matchesHmac(signHmac(new Secret(''), ['x']), [new Secret('')], ['x'])).toBe(false);
  });
});
