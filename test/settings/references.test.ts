import { describe, expect, it } from '@jest/globals';
import { createReferences, referenceIn } from '../../lib/settings/references.ts';

const MINUTE_MS = 60_000;

/** A store whose values, clock and trouble a test turns. */
function aStore(values: Record<string, string>) {
  const asked: string[][] = [];
  const state = { now: 1_795_350_000_000, broken: false, values };
  const read = async (names: readonly string[]) => {
    asked.push([...names]);
    if (state.broken) throw new Error('the store is down');
    return new Map(Object.entries(state.values).filter(([name]) => names.includes(name)));
  };
  return { state, asked, read, clock: { now: () => state.now } };
}

describe('a reference', () => {
  it.each([
    ['ssm:/a', '/a'],
    ['ssm:/mrs-killswitch/prod/api-tokens', '/mrs-killswitch/prod/api-tokens'],
    [' ssm:/a\n', '/a'],
    ['ssm:a', undefined],
    ['ssm:/a b', undefined],
    ['x,ssm:/a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('is a whole value that begins with ssm:/ (%j)', (value, name) => {
    expect(referenceIn(value)).toBe(name);
  });
});

describe('secrets behind references', () => {
  it('stand in the environment after the first refresh, and other values stay as they are', async () => {
    const { read, clock, asked } = aStore({ '/a': 'one', '/b': 'two' });
    const references = createReferences({ A: 'ssm:/a', B: 'ssm:/b', C: 'ssm:/a', D: 'plain', E: undefined }, read, clock);
    expect(references.env()).toMatchObject({ A: 'ssm:/a' });
    await references.refresh();
    expect(references.env()).toEqual({ A: 'one', B: 'two', C: 'one', D: 'plain', E: undefined });
    expect(asked).toEqual([['/a', '/b']]);
  });

  it('are never asked for where there are none', async () => {
    const { read, clock, asked } = aStore({});
    const references = createReferences({ A: 'plain', PAUSED: 'ssm:/paused' }, read, clock);
    await references.refresh();
    expect(await references.refreshAfterRefusal()).toBe(false);
    expect(asked).toEqual([]);
  });

  it('are read again after five minutes, not before', async () => {
    const { read, clock, asked, state } = aStore({ '/a': 'old' });
    const references = createReferences({ A: 'ssm:/a' }, read, clock);
    await references.refresh();
    state.values = { '/a': 'new' };
    state.now += 5 * MINUTE_MS - 1;
    await references.refresh();
    expect([references.env()['A'], asked.length]).toEqual(['old', 1]);
    state.now += 1;
    await references.refresh();
    expect([references.env()['A'], asked.length]).toEqual(['new', 2]);
  });

  it('are read again after a refusal, at most once a minute', async () => {
    const { read, clock, asked, state } = aStore({ '/a': 'old' });
    const references = createReferences({ A: 'ssm:/a' }, read, clock);
    await references.refresh();
    state.now += MINUTE_MS;
    expect(await references.refreshAfterRefusal()).toBe(false);
    state.values = { '/a': 'new' };
    state.now += MINUTE_MS - 1;
    expect(await references.refreshAfterRefusal()).toBe(false);
    expect(asked).toHaveLength(2);
    state.now += 1;
    expect(await references.refreshAfterRefusal()).toBe(true);
    expect(references.env()['A']).toBe('new');
  });

  it('keep their values while the store is down', async () => {
    const { read, clock, state } = aStore({ '/a': 'one' });
    const references = createReferences({ A: 'ssm:/a' }, read, clock);
    await references.refresh();
    state.broken = true;
    state.now += 10 * MINUTE_MS;
    await references.refresh();
    expect(references.env()['A']).toBe('one');
  });

  it('stay references where they could never be read, and are tried again after five seconds, not at every use', async () => {
    const { read, clock, state, asked } = aStore({ '/a': 'one' });
    const references = createReferences({ A: 'ssm:/a', B: 'ssm:/missing' }, read, clock);
    state.broken = true;
    await references.refresh();
    expect(references.env()['A']).toBe('ssm:/a');
    state.broken = false;
    await Promise.all([references.refresh(), references.refreshAfterRefusal(), references.refresh()]);
    expect(asked).toHaveLength(1);
    state.now += 5_000;
    await references.refresh();
    expect(references.env()).toMatchObject({ A: 'one', B: 'ssm:/missing' });
  });

  it('are asked for once by any number of callers at the same moment', async () => {
    const { read, clock, asked } = aStore({ '/a': 'one' });
    const references = createReferences({ A: 'ssm:/a' }, read, clock);
    await Promise.all(Array.from({ length: 10 }, () => references.refresh()));
    expect(asked).toHaveLength(1);
  });
});
