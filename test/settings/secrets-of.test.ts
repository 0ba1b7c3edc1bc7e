import { describe, expect, it } from '@jest/globals';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { callsMrs, type FunctionName } from '../../lib/settings/calls-mrs.ts';
import { SECRETS_OF } from '../../lib/settings/secrets-of.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { Variables } from '../../lib/settings/variables.ts';

const REGION = { HW_REGION_NAME: 'eu-west-101' };

describe('the secrets of a function', () => {
  it('are settings that there are, and each that could be a secret is of some function', () => {
    const all: ReadonlySet<string> = new Set(Object.values(SECRETS_OF).flat());
    expect([...all].filter((name) => !Object.hasOwn(Variables.shape, name))).toEqual([]);
    const secretive = Object.keys(Variables.shape).filter((name) => /SECRET|TOKEN|PASSWORD|_KEY|HMAC/.test(name));
    expect(secretive.filter((name) => !all.has(name))).toEqual([]);
  });

  it.each(Object.entries(SECRETS_OF))('%s has a key to MRS exactly where it calls MRS', (name, secrets) => {
    expect(secrets.includes('HW_SECRET_KEY')).toBe(callsMrs(name as FunctionName));
  });

  it.each(['alerts', 'events'] as const)('%s needs no key to MRS, and takes none that is there', (name) => {
    expect(readSettings(REGION, 'aws', name).credentials).toEqual({ kind: 'none' });
    expect(readSettings({ ...REGION, HW_ACCESS_KEY: 'AK' }, 'aws', name).credentials).toEqual({ kind: 'none' });
    const connect = () => connectMrs({ settings: readSettings(REGION, 'aws', name), clusters: [], clock: { now: () => 0, wall: () => 0, sleep: async () => {}, random: () => 0 }, openSend: () => async () => { throw new Error('nothing is sent'); } });
    expect(connect).toThrow('this function has no key to MRS');
  });

  it.each(['api', 'slack', 'cleanup', 'kill', 'warn'] as const)('%s is refused without a key to MRS, and what it does not get is not asked of it', (name) => {
    expect(() => readSettings(REGION, 'aws', name)).toThrow('HW_USER_NAME');
    expect(readSettings({ ...REGION, HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: 'a-secret-of-16-characters' }, 'aws', name).credentials.kind).toBe('ak-sk');
  });
});
