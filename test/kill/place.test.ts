import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { isPlaceFree, retakePlaceInHour, takePlaceInHour } from '../../lib/kill/place.ts';
import { placesKey } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, ID, type PlayedRun } from './a-run.ts';

const JOB = aJob();
const FULL = {
  outcome: 'refused', rule: 'perHour', job: JOB,
  reason: 'perHour: alerts and cleanup have begun 2 kills within an hour, and limits: in policy.yml allows no more; the next may begin at 2026-03-01 12:30 UTC; /mrs kill is not limited',
};
const alert: Pick<KillRequest, 'trigger' | 'warning'> = { trigger: 'alerts' };
const limits = { perDelivery: 10, perHour: 2, percentOfRunning: 50 };

/** Two places in the hour, those of these owners taken half an hour before noon. */
async function begin(...owners: string[]): Promise<PlayedRun> {
  const run = await aRun({ policy: { limits } });
  for (const owner of owners) await run.ledger.take(placesKey, owner, { most: 2, windowMs: HOUR_MS }, { now: NOON - HOUR_MS / 2 });
  run.ledger.calls.length = 0;
  return run;
}
const held = async ({ ledger }: PlayedRun): Promise<unknown> => (await ledger.get([placesKey], { now: NOON }))[0]?.value;

describe.each([['before the record', takePlaceInHour], ['before a late POST', retakePlaceInHour]] as const)('a place in the hour %s', (_, take) => {
  it.each<[string, boolean]>([['alerts', true], ['cleanup', true], ['slack', false], ['api', false]])('is taken by %s: %s', async (trigger, isLimited) => {
    const run = await begin();
    expect(await take(run.parts, { trigger: trigger as KillRequest['trigger'] }, JOB)).toBeUndefined();
    expect(await held(run)).toEqual(isLimited ? [{ owner: ID.name, at: NOON }] : undefined);
  });

  it('is the last one, or there is none: then nothing is killed', async () => {
    expect(await take((await begin('a')).parts, alert, JOB)).toBeUndefined();
    expect(await take((await begin('a', 'b')).parts, alert, JOB)).toEqual(FULL);
  });

  it('is one for each request: its own moves to now, and its warning has the same', async () => {
    const run = await begin('a', ID.name);
    expect(await take(run.parts, alert, JOB)).toBeUndefined();
    expect(await held(run)).toEqual([{ owner: 'a', at: NOON - HOUR_MS / 2 }, { owner: ID.name, at: NOON }]);
    const warned = await begin('a', 'first');
    expect(await take(warned.parts, { trigger: 'alerts', warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } }, JOB)).toBeUndefined();
  });

  it('is as full as it was where the clock was set forward', async () => {
    const run = await begin();
    for (const owner of ['a', 'b']) await run.ledger.take(placesKey, owner, { most: 2, windowMs: HOUR_MS }, { now: NOON - 70 * 60_000 });
    expect(await take({ ...run.parts, clock: { ...run.clock, skippedMs: () => 20 * 60_000 } }, alert, JOB)).toMatchObject({ rule: 'perHour' });
    expect(await take(run.parts, alert, JOB)).toBeUndefined();
  });

  it('is taken within 20 s where a POST waits for it', async () => {
    const run = await begin();
    const deadlines: unknown[] = [];
    await take({ ...run.parts, ledger: { ...run.ledger, take: (...args) => (deadlines.push(args[3].deadline), run.ledger.take(...args)) } }, alert, JOB);
    expect(deadlines).toEqual([take === retakePlaceInHour ? NOON + 20_000 : undefined]);
  });

  it('that cannot be had is tried again while that may help, and then nothing is killed', async () => {
    for (const [trouble, isAgain] of [['unavailable', true], ['refused', false]] as const) {
      const run = await begin();
      run.ledger.script = () => new LedgerFailed(trouble, 'no answer');
      expect(await take(run.parts, alert, JOB)).toEqual({ outcome: 'failed', code: 'ledger', job: JOB, reason: 'the ledger could not be used: no answer; nothing is killed without a record there; look at /health' });
      expect(run.ledger.calls.length > 1).toBe(isAgain);
      expect(run.clock.now() - NOON).toBeLessThanOrEqual(20_000);
      if (isAgain && take === retakePlaceInHour) expect(run.clock.now() - NOON).toBeGreaterThan(18_000);
    }
  });
});

describe('whether a place is free', () => {
  it.each<[what: string, owners: string[], now: number, isFree: boolean]>([
    ['where nobody took one', [], NOON, true],
    ['where one of two is taken', ['a'], NOON, true],
    ['where both are taken', ['a', 'b'], NOON, false],
    ['in the last ms of their hour', ['a', 'b'], NOON + HOUR_MS / 2 - 1, false],
    ['when their hour is over', ['a', 'b'], NOON + HOUR_MS / 2, true],
  ])('is told %s', async (_, owners, now, isFree) => {
    const { ledger } = await begin(...owners);
    expect(await isPlaceFree(ledger, limits, now)).toBe(isFree);
  });
});
