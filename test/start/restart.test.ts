import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Trigger } from '../../lib/core/request.ts';
import type { Wish } from '../../lib/start/start-all.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { anAlert, type Ending, MINUTE_MS, nameOf, type StartStage, startStartStage, tally } from '../stage/start.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const wish = anAlert('a-1');
const FIRST = nameOf(wish);

/** What the delivery of `one` comes to, `minutes` after noon; waits for the execution's end. */
async function deliverAt(minutes: number, one: Wish = wish): Promise<string | undefined> {
  stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
  const [started] = await stage.deliver([one]);
  await Promise.race([stage.backend.idle(), sleep(100, undefined, { ref: false })]); // its end, or what there will be of it
  return started?.outcome;
}

describe('a repeat of an alert whose execution came to a bad end', () => {
  it.each<[string, Ending]>([
    ['FAILED', { outcome: 'failed', code: 'FAILED' }],
    ['TIMED_OUT', { outcome: 'failed', code: 'TIMED_OUT' }],
    ['outcome failed', { outcome: 'failed' }],
    ['outcome expired', { outcome: 'expired' }],
  ])('starts anew under the next name: %s', async (_, ending) => {
    stage.ending = () => ending;
    expect([await deliverAt(0), await deliverAt(15)]).toEqual(['accepted', 'accepted']);
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });

  it('starts anew with the new request: a new id, and a new time from which it expires', async () => {
    stage.ending = () => ({ outcome: 'expired' });
    await deliverAt(0);
    await deliverAt(20, anAlert('a-1', { killId: 'kill-2', receivedAt: NOON + 20 * MINUTE_MS }));
    const { request } = JSON.parse(stage.backend.list({ executionName: `${FIRST}-2` })[0]?.input ?? '') as { request: object };
    expect(request).toMatchObject({ killId: 'kill-2', receivedAt: NOON + 20 * MINUTE_MS });
  });

  it('waits longer each time, counted from when the latest start began: 15 minutes, 1 hour, 4 hours, then 12, and never gives up', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    const outcomes = [];
    for (const minute of [0, 5, 14.99, 20, 79.99, 80, 319.99, 320, 1_039.99, 1_040, 1_759.99, 1_760]) outcomes.push([minute, await deliverAt(minute)]);
    expect(outcomes).toEqual([
      [0, 'accepted'],
      [5, 'duplicate'],
      [14.99, 'duplicate'],
      [20, 'accepted'],
      [79.99, 'duplicate'],
      [80, 'accepted'],
      [319.99, 'duplicate'],
      [320, 'accepted'],
      [1_039.99, 'duplicate'],
      [1_040, 'accepted'],
      [1_759.99, 'duplicate'],
      [1_760, 'accepted'],
    ]);
    expect(stage.names()).toEqual([FIRST, ...[2, 3, 4, 5, 6].map((start) => `${FIRST}-${start}`)]);
  });

  it.each<[string, Partial<End>]>([
    ['not-found', { outcome: 'not-found' }],
    ['ambiguous', { outcome: 'ambiguous' }],
    ['refused by paused', { outcome: 'refused', rule: 'paused' }],
    ['refused by perHour', { outcome: 'refused', rule: 'perHour' }],
    ['refused by percentOfRunning', { outcome: 'refused', rule: 'percentOfRunning' }],
  ])('starts anew each five minutes where nothing was tried: %s', async (_, ending) => {
    stage.ending = () => ending;
    const outcomes = [];
    for (const minute of [0, 4.99, 5, 9.99, 10, 15]) outcomes.push(await deliverAt(minute));
    expect(outcomes).toEqual(['accepted', 'duplicate', 'accepted', 'duplicate', 'accepted', 'accepted']);
  });

  it('starts anew after another refusal once the policy has changed, not before', async () => {
    stage.ending = () => ({ outcome: 'refused', rule: 'protected' });
    expect([await deliverAt(0), await deliverAt(60)]).toEqual(['accepted', 'duplicate']);
    stage.clock.advanceTo(NOON + 61 * MINUTE_MS);
    expect(await stage.deliver([wish], aPolicy(), 'another')).toEqual([{ outcome: 'accepted' }]);
  });

  it('closes a start that left no End in its place, ten hours and ten minutes after it began, and starts nothing yet', async () => {
    stage.ending = () => 'never';
    expect([await deliverAt(0), await deliverAt(609), await deliverAt(611), await deliverAt(612)]).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST, `end-${FIRST}`]);
    expect(JSON.parse(stage.backend.list({ executionName: `end-${FIRST}` })[0]?.input ?? '')).toEqual({ kind: 'end', status: 'TIMED_OUT', name: FIRST, start: 1, attempt: expect.any(String) });
    // It left no End either: twelve hours later another one may try.
    expect([await deliverAt(1_329), await deliverAt(1_331), await deliverAt(1_332)]).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST, `end-${FIRST}`, `end-${FIRST}-1`]);
  });

  it('of which two arrive at the same moment starts one', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.clock.advanceTo(NOON + 15 * MINUTE_MS);
    const started = await Promise.all(Array.from({ length: 5 }, () => stage.deliver([wish])));
    expect(tally(started.flat())).toEqual({ accepted: 1, duplicate: 4 });
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });

  it('and stands twice in one delivery starts one', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.clock.advanceTo(NOON + 15 * MINUTE_MS);
    expect(await stage.deliver([wish, wish])).toEqual([{ outcome: 'accepted' }, { outcome: 'duplicate' }]);
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });

  it('counts by its latest execution: one that killed ends it for good', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.ending = () => ({ outcome: 'killed' });
    expect([await deliverAt(15), await deliverAt(30), await deliverAt(60)]).toEqual(['accepted', 'duplicate', 'duplicate']);
  });

  it('starts anew in a dry run too, and a live one does not count there', async () => {
    const dry = aPolicy({ dryRun: true });
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.clock.advanceTo(NOON + 15 * MINUTE_MS);
    expect(await stage.deliver([wish], dry)).toEqual([{ outcome: 'accepted' }]);
    expect(stage.names()).toEqual([FIRST, nameOf(wish, dry)]);
    await stage.backend.idle();
    stage.clock.advanceTo(NOON + 30 * MINUTE_MS);
    await stage.deliver([wish], dry);
    expect(stage.names().at(-1)).toBe(`${nameOf(wish, dry)}-2`);
  });
});

describe('a repeat starts nothing anew', () => {
  it.each(['killed', 'finished-first', 'already-over', 'would-kill', 'refused', 'declined', 'still-running', 'notified'] as const)('after the outcome %s', async (outcome) => {
    stage.ending = () => ({ outcome });
    expect([await deliverAt(0), await deliverAt(20), await deliverAt(60)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST]);
  });

  it('while the execution runs', async () => {
    stage.ending = () => 'never';
    expect([await deliverAt(0), await deliverAt(20), await deliverAt(119)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST]);
  });

  it('after somebody stopped it', async () => {
    stage.ending = () => ({ outcome: 'failed', code: 'STOPPED' });
    expect([await deliverAt(0), await deliverAt(20), await deliverAt(60)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST]);
  });

  it('after its POST went unanswered for good: it may have had its effect', async () => {
    stage.ending = () => ({ outcome: 'failed', code: 'unanswered' });
    expect([await deliverAt(0), await deliverAt(20), await deliverAt(60)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST]);
  });

  it('while its execution is known and has not begun', async () => {
    stage.ledger.script = ({ on }) => (on === 'put' || on === 'claim' ? 'fails' : undefined);
    expect(await deliverAt(0)).toBe('accepted');
    expect(await deliverAt(20)).toBe('duplicate');
    expect(stage.names()).toEqual([FIRST]);
  });

  it('after a restart that runs', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.ending = () => 'never';
    expect([await deliverAt(15), await deliverAt(60)]).toEqual(['accepted', 'duplicate']);
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });

  it.each<Trigger>(['slack', 'cleanup', 'api'])('for the trigger %s, however it ended', async (trigger) => {
    stage.ending = () => ({ outcome: 'failed' });
    const other = { request: aRequest({ trigger }), deliveryKey: 'x 1' };
    expect([await deliverAt(0, other), await deliverAt(20, other), await deliverAt(60, other)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toHaveLength(1);
  });

  it('where the first execution is not to be found: nobody knows how it ended', async () => {
    stage.lambda.script = ({ on }) => (on === 'start' ? { status: 409, type: 'DurableExecutionAlreadyStartedException' } : undefined);
    expect(await deliverAt(20)).toBe('duplicate');
    expect(stage.lambda.of('start')).toHaveLength(1);
  });

  it('where the ledger does not say how it ended: the next repeat asks again', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.ledger.script = () => 'fails';
    expect(await deliverAt(20)).toBe('duplicate');
    stage.ledger.script = () => undefined;
    expect(await deliverAt(20)).toBe('accepted');
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });
});
