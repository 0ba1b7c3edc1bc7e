import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BadEnds, createBadEnds } from '../../../home/engine/bad-ends.ts';
import type { Execution } from '../../../home/engine/executions.ts';
import { handTimers } from './hand-timers.ts';

let told: unknown[];
let troubles: unknown[];
let marked: string[];
let left: Execution[];
/** What is said to the first so many. */
let refusals: Error[];
let badEnds: BadEnds;
let timers: ReturnType<typeof handTimers>;

beforeEach(() => {
  timers = handTimers();
  [told, troubles, marked, left, refusals] = [[], [], [], [], []];
  const records = { store: { write: async (work: () => unknown) => work() }, executions: { markTold: (name: string) => void marked.push(name), untold: () => left }, arnOf: ({ name }: Execution) => `arn:${name}` };
  badEnds = createBadEnds(records as never, async (end) => {
    told.push(end);
    const refusal = refusals.shift();
    if (refusal) throw refusal;
  }, (error) => void troubles.push(error));
});
afterEach(() => timers.putBack());

const ended = (name: string, status: string): Execution => ({ name, status }) as Execution;

describe('a bad end', () => {
  it('is told once, and that is put on record', async () => {
    for (const status of ['FAILED', 'TIMED_OUT', 'STOPPED', 'SUCCEEDED', 'RUNNING']) badEnds.tell(ended(`is-${status}`, status));
    await timers.advance(100_000);
    expect(told).toEqual(['FAILED', 'TIMED_OUT', 'STOPPED'].map((status) => ({ arn: `arn:is-${status}`, name: `is-${status}`, status })));
    expect(marked).toEqual(['is-FAILED', 'is-TIMED_OUT', 'is-STOPPED']);
  });

  it('that is not taken is told again, a second later, and then after twice as long each time, a minute at most', async () => {
    refusals = Array.from({ length: 9 }, (_, index) => new Error(`no ${index}`));
    badEnds.tell(ended('run', 'FAILED'));
    badEnds.tell(ended('run', 'FAILED'));
    const toldAt: number[] = [];
    for (let sec = 0; sec <= 400; sec++) {
      await timers.advance(sec === 0 ? 0 : 1_000);
      while (toldAt.length < told.length) toldAt.push(sec);
      badEnds.tell(ended('run', 'FAILED'));
      if (marked.length > 0) break;
    }
    expect(toldAt.slice(0, 10)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    expect([troubles.length, marked]).toEqual([9, ['run']]);
  });

  it('may be told once more when it was taken', async () => {
    for (let time = 0; time < 2; time++) {
      badEnds.tell(ended('run', 'FAILED'));
      await timers.advance(0);
    }
    expect(told).toHaveLength(2);
  });

  it('of an earlier process is told with the others', async () => {
    left = [ended('a', 'FAILED'), ended('b', 'STOPPED')];
    badEnds.tellAll();
    await timers.advance(0);
    expect(marked).toEqual(['a', 'b']);
  });

  it('is told no more when the process ends: the next one does', async () => {
    refusals = [new Error('no')];
    badEnds.tell(ended('waits', 'FAILED'));
    await timers.advance(500);
    refusals = [new Error('too late')];
    badEnds.tell(ended('in flight', 'FAILED'));
    badEnds.close();
    expect(timers.count()).toBe(0);
    badEnds.tell(ended('after', 'FAILED'));
    await timers.advance(200_000);
    expect([told.length, troubles.length, marked, timers.count()]).toEqual([2, 1, [], 0]);
  });
});
