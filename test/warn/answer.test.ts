import { describe, expect, it } from '@jest/globals';
import { startAnswer, startHeld } from '../../lib/ledger/keys.ts';
import { awaitAnswer } from '../../lib/warn/answer.ts';
import { NOON } from '../core/a-job.ts';
import { entryOf, ID } from '../kill/a-run.ts';
import { aWarning, DAY_MS, MINUTE_MS, type PlayedWarning, warningOf } from './a-warning.ts';

const UNTIL = NOON + 30 * MINUTE_MS;
const KEY = startAnswer(ID.name, ID.start);
const HELD = startHeld(ID.name, ID.start, 'warned');
const besides = entryOf({ partition: 'besides', rest: '1' }, 'b');
const wait = ({ parts }: PlayedWarning, until = UNTIL) => awaitAnswer(parts, warningOf({ usedMs: 5, owner: 'U7' }), { at: NOON, until }, () => [besides]);
const after = ({ clock }: PlayedWarning): number => clock.now() - NOON;

describe('what people say of a warning', () => {
  it('is its first click, and what stands of it is on record meanwhile', async () => {
    const run = await aWarning({ click: { afterMs: MINUTE_MS, answer: { what: 'keep', by: 'U1' } } });
    expect(await wait(run)).toEqual({ at: NOON + MINUTE_MS, what: 'keep', by: 'U1' });
    expect([run.waits, after(run), run.woken]).toEqual([[1_800], MINUTE_MS, []]);
    expect(await run.ledger.get([HELD], { now: NOON })).toEqual([{ key: HELD, until: UNTIL + 14 * DAY_MS, value: { at: NOON, until: UNTIL, usedMs: 5, keepMs: 3_600_000, keepAtMostMs: 7_200_000, owner: 'U7', callback: 'callback-1' } }]);
    expect(await run.stored('besides')).toEqual({ 1: 'b' });
    expect([run.budgets['callback'], run.trail]).toEqual([300, ['left', 'callback', 'answer']]);
  });

  it('is the time where nobody clicks: it claims that once its last ms is over', async () => {
    const run = await aWarning();
    expect(await wait(run)).toEqual({ at: UNTIL + 1_000, what: 'time' });
    expect(await run.ledger.get([KEY], { now: NOON })).toMatchObject([{ owner: ID.name, start: 1, until: UNTIL + 1_000 + 14 * DAY_MS }]);
  });

  it.each<[what: string, skippedMs: number, jumped: object]>([['never ran', 1, { jumped: true }], ['all ran', 0, {}]])('says where part of the time %s', async (_, skippedMs, jumped) => {
    const run = await aWarning();
    const asked: number[][] = [];
    run.parts.clock = { ...run.clock, skippedMs: (from, to) => (asked.push([from, to]), skippedMs) };
    expect(await wait(run)).toEqual({ at: UNTIL + 1_000, what: 'time', ...jumped });
    expect(asked).toContainEqual([NOON, UNTIL]);
  });

  it('wakes itself where somebody clicked before its callback was on record, and only then', async () => {
    const run = await aWarning({ stands: [entryOf(KEY, { at: NOON, what: 'kill', by: 'U2' })] });
    expect([await wait(run), run.woken, after(run)]).toEqual([{ at: NOON, what: 'kill', by: 'U2' }, ['callback-1'], 0]);
  });

  it('waits for no click where the time is up', async () => {
    const run = await aWarning();
    expect([await wait(run, NOON), run.waits]).toEqual([{ at: NOON + 1_000, what: 'time' }, []]);
    const late = await aWarning();
    expect([await wait(late, NOON - 1), late.waits, after(late)]).toEqual([{ at: NOON, what: 'time' }, [], 0]);
  });

  it('woken without an answer it waits on to the end', async () => {
    const run = await aWarning();
    run.parts.awaitClick = async (_seconds, onOpen) => onOpen('callback-1');
    expect([await wait(run), run.clock.sleeps]).toEqual([{ at: UNTIL + 1_000, what: 'time' }, [1_801_000]]);
  });

  it('reads it every 10 s where the ledger is away, without a callback too', async () => {
    const run = await aWarning();
    let fails = 0;
    run.ledger.script = ({ on }) => (on === 'put' || (on === 'claim' && ++fails <= 3) ? 'fails' : undefined);
    expect([await wait(run), fails]).toMatchObject([{ what: 'time' }, 4]);
    expect(run.clock.sleeps.slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });

  it('is lost where the ledger is away for more than 15 min after its time, with why', async () => {
    const run = await aWarning();
    run.ledger.script = ({ on }) => (on === 'claim' ? 'fails' : undefined);
    expect(await wait(run, NOON)).toEqual({ lost: 'DynamoDB gave no answer: timeout after 1000 ms' });
    expect(after(run)).toBe(15 * MINUTE_MS + 1_000);
  });

  it('is lost where it cannot be read', async () => {
    const run = await aWarning({ stands: [entryOf(KEY, 'scribble')] });
    expect([await wait(run, NOON - 1), after(run)]).toEqual([{ lost: 'the answer cannot be read' }, 0]);
  });

  it('throws what is no trouble of the ledger', async () => {
    const run = await aWarning();
    run.ledger.script = ({ on }) => {
      if (on === 'claim') throw new TypeError('a fault of ours');
      return undefined;
    };
    await expect(wait(run)).rejects.toThrow('a fault of ours');
  });
});
