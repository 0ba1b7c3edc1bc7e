import { describe, expect, it } from '@jest/globals';
import { SECRETS_OF, type SecretSetting } from '../../lib/settings/secrets-of.ts';
import { Variables } from '../../lib/settings/variables.ts';
import type { Packaged } from './package-copy.ts';
import { FUNCTIONS, functionIn, variablesOf } from './packaged.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';
const SECRETS = [...new Set<SecretSetting>(Object.values(SECRETS_OF).flat())];

/** Every secret in plain words, and every one as a reference. */
export const PLAIN = Object.fromEntries(SECRETS.map((name) => [name, `${name}-in-plain-words`]));
export const REFERENCES = Object.fromEntries(SECRETS.map((name) => [name, `ssm:/kill/${name}`]));

/** What each function gets to know. `full` was packaged with REFERENCES, `bare` with PLAIN. */
export function describeSecrets(full: () => Packaged, bare: () => Packaged): void {
  describe('secrets', () => {
    it('a reference stays a reference: no value of a secret is in the template', () => {
      for (const name of FUNCTIONS) expect(variablesOf(full(), name)).toMatchObject({ PAUSED: 'ssm:/kill/paused' });
      expect(full().templateText).not.toContain('-in-plain-words');
    });

    it.each(FUNCTIONS)('%s gets the secrets that it reads, and no other', (name) => {
      const given = Object.entries(variablesOf(full(), name)).filter(([, value]) => value.startsWith('ssm:/kill/'));
      expect(given.map(([variable]) => variable).toSorted()).toEqual([...SECRETS_OF[name], 'PAUSED'].toSorted());
      const plain = Object.entries(variablesOf(bare(), name)).filter(([, value]) => value.endsWith('-in-plain-words'));
      expect(plain.map(([variable]) => variable).toSorted()).toEqual(SECRETS_OF[name].toSorted());
    });

    it('no value of a secret is in a package, even where the environment has them in plain words', () => {
      for (const name of FUNCTIONS) {
        const files = [...bare().filesOf(name)].filter(([, content]) => content.includes('-in-plain-words'));
        expect(files.map(([path]) => path)).toEqual([]);
      }
    });

    it('every function gets every setting that is no secret, and the environment is encrypted with the key where one is given', () => {
      const settings = Object.keys(Variables.shape).filter((name) => !Object.hasOwn(REFERENCES, name));
      for (const name of FUNCTIONS) {
        expect(Object.keys(variablesOf(full(), name))).toEqual(expect.arrayContaining([...settings, 'PAUSED']));
        expect(variablesOf(full(), name)).toMatchObject({ KILL_FUNCTION: 'mrs-killswitch-prod-kill:durable', WARN_FUNCTION: 'mrs-killswitch-prod-warn:durable' });
        expect(functionIn(full(), name)['KmsKeyArn']).toBe(KEY);
        expect(functionIn(bare(), name)['KmsKeyArn']).toBeUndefined();
      }
    });
  });
}
