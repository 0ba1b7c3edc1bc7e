import { describe, expect, it } from '@jest/globals';
import { readPaused, type ReadParameters } from '../../lib/settings/references.ts';

const noStore: ReadParameters = async () => {
  throw new Error('no parameter store is asked here');
};
const storeWith = (value: string | undefined): ReadParameters => async (names) => new Map(value === undefined ? [] : names.map((name) => [name, value]));

/** A clock whose sleeps take no time. */
function aClock(): { sleeps: number[]; sleep: (ms: number) => Promise<void> } {
  const sleeps: number[] = [];
  return { sleeps, sleep: async (ms) => void sleeps.push(ms) };
}
const read = (PAUSED: string | undefined, store = noStore, clock = aClock()) => readPaused({ PAUSED }, store, clock);

describe('the off switch', () => {
  it.each([undefined, '', 'false'])('is off for %j', async (value) => {
    expect(await read(value)).toBe(false);
  });

  it('is off where nobody set it', async () => {
    expect(await readPaused({}, noStore, aClock())).toBe(false);
  });

  it('is on for true', async () => {
    expect(await read('true')).toBe(true);
  });

  it.each(['TRUE', 'False', '0', 'no', ' ', ' false', 'ssm:killswitch', 'ssm:'])('is unreadable for %j', async (value) => {
    expect(await read(value)).toBe('unreadable');
  });

  it.each([
    ['false', false],
    [' false\n', false],
    ['true', true],
    ['off', 'unreadable'],
    ['', 'unreadable'],
    [undefined, 'unreadable'],
  ])('behind a reference is what the parameter says: %j', async (value, paused) => {
    const clock = aClock();
    expect(await read('ssm:/killswitch/paused', storeWith(value), clock)).toBe(paused);
    expect(clock.sleeps).toEqual([]); // a word that is none does not change within a second
  });

  it.each([[1, false], [2, false], [3, 'unreadable']] as const)('behind a reference is asked for three times: the store fails %i times', async (failures, paused) => {
    let asked = 0;
    const clock = aClock();
    const store: ReadParameters = async (names) => (++asked <= failures ? noStore(names) : new Map(names.map((name) => [name, 'false'])));
    expect(await read('ssm:/killswitch/paused', store, clock)).toBe(paused);
    expect([asked, clock.sleeps]).toEqual([Math.min(failures + 1, 3), [200, 400].slice(0, failures)]);
  });

  it('behind a reference is read afresh each time', async () => {
    const asked: string[] = [];
    const values = ['false', 'true', 'false'];
    const store: ReadParameters = async ([name = '']) => {
      asked.push(name);
      return new Map([[name, values[asked.length - 1] ?? '']]);
    };
    expect([await read('ssm:/killswitch/paused', store), await read('ssm:/killswitch/paused', store), await read('ssm:/killswitch/paused', store)]).toEqual([false, true, false]);
    expect(asked).toEqual(['/killswitch/paused', '/killswitch/paused', '/killswitch/paused']);
  });

  it('is what a file says in the own home, and on where the reference is of the other home', async () => {
    const file: ReadParameters = async (paths) => new Map(paths.map((path) => [path, path === '/run/the switch' ? 'false' : 'true']));
    const atHome = (PAUSED: string) => readPaused({ PAUSED }, file, aClock(), 'own');
    expect([await atHome('file:/run/the switch'), await atHome('file:///run/other'), await atHome('false')]).toEqual([false, true, false]);
    expect([await atHome('ssm:/killswitch/paused'), await atHome('file:relative'), await read('file:/run/the switch', file)]).toEqual(['unreadable', 'unreadable', 'unreadable']);
    expect(await readPaused({ PAUSED: 'file:/gone' }, noStore, aClock(), 'own')).toBe('unreadable');
  });
});
