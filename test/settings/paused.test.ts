import { describe, expect, it } from '@jest/globals';
import { readPaused, type ReadParameters } from '../../lib/settings/references.ts';

const noStore: ReadParameters = async () => {
  throw new Error('no parameter store is asked here');
};
const storeWith = (value: string | undefined): ReadParameters => async (names) => new Map(value === undefined ? [] : names.map((name) => [name, value]));

describe('the off switch', () => {
  it.each([undefined, '', 'false'])('is off for %j', async (value) => {
    expect(await readPaused({ PAUSED: value }, noStore)).toBe(false);
  });

  it('is off where nobody set it', async () => {
    expect(await readPaused({}, noStore)).toBe(false);
  });

  it.each(['true', 'TRUE', 'False', '0', 'no', ' ', ' false', 'ssm:killswitch', 'ssm:'])('is on for %j: unreadable counts as paused', async (value) => {
    expect(await readPaused({ PAUSED: value }, noStore)).toBe(true);
  });

  it.each([
    ['false', false],
    [' false\n', false],
    ['true', true],
    ['off', true],
    ['', true],
    [undefined, true],
  ])('behind a reference is what the parameter says: %j', async (value, paused) => {
    expect(await readPaused({ PAUSED: 'ssm:/killswitch/paused' }, storeWith(value))).toBe(paused);
  });

  it('behind a reference is on while the store cannot be read', async () => {
    expect(await readPaused({ PAUSED: 'ssm:/killswitch/paused' }, noStore)).toBe(true);
  });

  it('behind a reference is read afresh each time', async () => {
    const asked: string[] = [];
    const values = ['false', 'true', 'false'];
    const store: ReadParameters = async ([name = '']) => {
      asked.push(name);
      return new Map([[name, values[asked.length - 1] ?? '']]);
    };
    const env = { PAUSED: 'ssm:/killswitch/paused' };
    expect([await readPaused(env, store), await readPaused(env, store), await readPaused(env, store)]).toEqual([false, true, false]);
    expect(asked).toEqual(['/killswitch/paused', '/killswitch/paused', '/killswitch/paused']);
  });
});
