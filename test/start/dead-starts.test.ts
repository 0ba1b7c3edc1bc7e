import { describe, expect, it } from '@jest/globals';
import { dayKey, livesKey, startBegan, startEnd, startHandedOn } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { closeDead, closeDeadStarts } from '../../lib/start/dead-starts.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { aStart, entryOf, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const nameOf = (digit: number): string => `alerts-live-${String(digit).repeat(32)}`;
const DEAD_MS = 10 * HOUR_MS + 10 * MINUTE_MS;

/** A run that began at a moment, on record as open. */
const begun = (name: string, at = NOON, { start = 1, livesMs }: { start?: number; livesMs?: number } = {}): PutEntry[] => [
  entryOf(startBegan(name, start), { at, since: at, ...(livesMs !== undefined && { livesMs }) }),
  entryOf(dayKey(at, start === 1 ? name : `${name}-${start}`, '0'), { at }),
];

async function closeAt(ms: number, stands: PutEntry[], { prepare = () => undefined, ...plan }: StartPlan & { prepare?: (played: PlayedStart) => void } = {}) {
  const played = await aStart(plan);
  for (let from = 0; from < stands.length; from += 25) await played.ledger.put(stands.slice(from, from + 25));
  played.clock.advanceTo(NOON + ms);
  prepare(played);
  await closeDeadStarts(played.parts.starter);
  return { ...played, closed: played.started.map(({ name }) => name) };
}

describe('a start that left no End', () => {
  it('is closed once it cannot live any more, by its name and number', async () => {
    const stands = begun(nameOf(0), NOON, { start: 2 });
    expect([(await closeAt(DEAD_MS, stands)).closed, (await closeAt(DEAD_MS + 1, stands)).closed]).toEqual([[], [`end-${nameOf(0)}-2`]]);
    const { started, lines } = await closeAt(DEAD_MS + 1, stands);
    expect(started[0]?.payload).toEqual({ kind: 'end', status: 'TIMED_OUT', name: nameOf(0), start: 2, attempt: 'id-1' });
    expect(lines).toMatchObject([{ level: 'warn', message: 'a start that left no end is closed', name: nameOf(0), start: 2 }]);
  });

  it('is closed anew each 12 h, where that left no End either', async () => {
    const named = async (ms: number) => (await closeAt(ms, begun(nameOf(0)))).closed[0]?.slice(`end-${nameOf(0)}`.length);
    expect([await named(DEAD_MS + 12 * HOUR_MS - 1), await named(DEAD_MS + 12 * HOUR_MS)]).toEqual(['', '-1']);
    const { parts, started } = await aStart();
    await closeDead(parts.starter, { name: nameOf(0), start: 1, began: NOON - DEAD_MS - 25 * HOUR_MS });
    await closeDead(parts.starter, { name: nameOf(0), start: 1, began: NOON - 13 * HOUR_MS, livesMs: 10 * MINUTE_MS });
    expect(started.map(({ name }) => name)).toEqual([`end-${nameOf(0)}-2`, `end-${nameOf(0)}-1`]);
  });

  it('that is being closed already is not logged', async () => {
    expect((await closeAt(DEAD_MS + 1, begun(nameOf(0)), { onStart: () => 'exists' })).lines).toEqual([]);
  });

  it.each<[string, PutEntry[]]>([
    ['ended', [entryOf(dayKey(NOON, nameOf(0), '1'), {})]],
    ['picked', [entryOf(dayKey(NOON, nameOf(0), 'picked'), {})]],
    ['handed on', [entryOf(dayKey(NOON, nameOf(0), 'handed'), {})]],
    ['handed on, by its own entry', [entryOf(startHandedOn(nameOf(0), 1, 'x'), { at: NOON, to: 'x' })]],
    ['ended, by its own entry', [entryOf(startEnd(nameOf(0), 1), {})]],
  ])('is left alone where it %s', async (_, stands) => {
    expect((await closeAt(DEAD_MS + 1, [...begun(nameOf(0)), ...stands])).closed).toEqual([]);
  });

  it('is not asked for once more where the history says that it ended', async () => {
    const asked = async (...words: ('1' | 'picked' | 'handed' | 'kept')[]) => {
      const { ledger } = await closeAt(DEAD_MS + 1, [...begun(nameOf(0)), ...words.map((word) => entryOf(dayKey(NOON, nameOf(0), word), {}))]);
      return ledger.calls.filter(({ partitions }) => partitions[0] === `start/${nameOf(0)}` ).filter(({ on }) => on === 'list').length;
    };
    const { ledger } = await closeAt(DEAD_MS + 1, [entryOf(dayKey(NOON, nameOf(0), 'kept'), {})]);
    expect(ledger.calls.filter(({ partitions }) => partitions[0] === `start/${nameOf(0)}`)).toEqual([]);
    expect([await asked(), await asked('kept'), await asked('1'), await asked('picked'), await asked('handed')]).toEqual([1, 1, 0, 0, 0]);
  });

  it('is found on that day and all of the one before, and no earlier', async () => {
    const at = (hours: number) => begun(nameOf(0), NOON + hours * HOUR_MS);
    const stood = async (hours: number) => (await closeAt(24 * HOUR_MS, at(hours))).closed.length;
    expect([await stood(13), await stood(0), await stood(-12), await stood(-12.01)]).toEqual([1, 1, 1, 0]);
    expect((await closeAt(20 * HOUR_MS, at(-13))).closed).toHaveLength(1);
  });

  it('among many is found, and what began later is no dead one', async () => {
    const others = Array.from({ length: 250 }, (_, index) => entryOf(dayKey(NOON - 1, `alerts-live-${String(index).padStart(32, '0')}`, '1'), {}));
    const { closed } = await closeAt(DEAD_MS + 1_000, [...others, ...begun(nameOf(1), NOON + 500), ...begun(nameOf(2), NOON + 2_000)]);
    expect(closed).toEqual([`end-${nameOf(1)}`]);
  });

  it('of a warning lives longer, or shorter, as stands with it', async () => {
    const LONG_MS = 80 * HOUR_MS;
    const long = [...begun(nameOf(0), NOON, { livesMs: LONG_MS }), entryOf(livesKey(LONG_MS), { livesMs: LONG_MS })];
    const at = LONG_MS + 10 * MINUTE_MS;
    expect([(await closeAt(DEAD_MS + 1, long)).closed, (await closeAt(at, long)).closed, (await closeAt(at + 1, long)).closed]).toEqual([[], [], [`end-${nameOf(0)}`]]);
    const lives = [...begun(nameOf(0), NOON, { livesMs: HOUR_MS }), entryOf(livesKey(HOUR_MS), { livesMs: HOUR_MS }), entryOf({ ...livesKey(1), rest: 'torn' }, 'torn')];
    expect([(await closeAt(HOUR_MS + 10 * MINUTE_MS, lives)).closed, (await closeAt(HOUR_MS + 10 * MINUTE_MS + 1, lives)).closed]).toEqual([[], [`end-${nameOf(0)}`]]);
  });

  it('is closed once, however often it is found, and what cannot be read is passed over', async () => {
    const { closed } = await closeAt(DEAD_MS + 1, [...begun(nameOf(0)), entryOf(livesKey(10 * HOUR_MS), { livesMs: 10 * HOUR_MS }), entryOf({ ...dayKey(NOON, 'x', '0'), rest: '2026' }, {}), entryOf(dayKey(NOON, nameOf(5), '0'), {})]);
    expect(closed).toEqual([`end-${nameOf(0)}`]);
  });

  it('is left to the next run where the ledger or the engine cannot be had, and the log says so', async () => {
    const without = await closeAt(DEAD_MS + 1, begun(nameOf(0)), { prepare: ({ ledger }) => void (ledger.script = () => 'fails') });
    const down = await closeAt(DEAD_MS + 1, begun(nameOf(0)), { onStart: () => new EngineFailed('down') });
    for (const { lines } of [without, down]) expect(lines).toMatchObject([{ level: 'error', message: 'starts that left no end could not be closed', error: expect.anything() }]);
    await expect(closeAt(DEAD_MS + 1, begun(nameOf(0)), { onStart: () => new TypeError('a fault of ours') })).rejects.toThrow('a fault of ours');
  });
});
