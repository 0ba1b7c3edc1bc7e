import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
  await new Promise((resolve) => setTimeout(resolve, 10)); // its end, or what there will be of it
  return started?.outcome;
}

describe('a repeat of an alert whose execution came to a bad end', () => {
  it.each<[string, Ending]>([
    ['FAILED', 'FAILED'],
    ['outcome failed', { outcome: 'failed' }],
    ['outcome expired', { outcome: 'expired' }],
  ])('starts anew under the next name: %s', async (_, ending) => {
    stage.ending = () => ending;
    expect([await deliverAt(0), await deliverAt(15)]).toEqual(['accepted', 'accepted']);
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });

  it('starts anew under the next name: TIMED_OUT', async () => {
    stage.ending = () => 'never';
    expect([await deliverAt(0), await deliverAt(120)]).toEqual(['accepted', 'accepted']);
    expect(stage.backend.list({ oldestFirst: true }).map(({ name, status }) => [name, status])).toEqual([
      [FIRST, 'TIMED_OUT'],
      [`${FIRST}-2`, 'RUNNING'],
    ]);
  });

  it('starts anew with the new request: a new id, and a new time from which it expires', async () => {
    stage.ending = () => ({ outcome: 'expired' });
    await deliverAt(0);
    await deliverAt(20, anAlert('a-1', { killId: 'kill-2', receivedAt: NOON + 20 * MINUTE_MS }));
    const { request } = JSON.parse(stage.backend.list({ executionName: `${FIRST}-2` })[0]?.input ?? '') as { request: object };
    expect(request).toMatchObject({ killId: 'kill-2', receivedAt: NOON + 20 * MINUTE_MS });
  });

  it('goes on to -5 and no further', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    const outcomes = [];
    for (let repeat = 0; repeat < 8; repeat++) outcomes.push(await deliverAt(repeat * 15));
    expect(outcomes).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'duplicate', 'duplicate', 'duplicate']);
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`, `${FIRST}-3`, `${FIRST}-4`, `${FIRST}-5`]);
  });

  it('waits until 15 minutes after the latest start, not the first one', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    const outcomes = [];
    for (const minute of [0, 5, 14.99, 20, 30, 34.99, 35]) outcomes.push([minute, await deliverAt(minute)]);
    expect(outcomes).toEqual([
      [0, 'accepted'],
      [5, 'duplicate'],
      [14.99, 'duplicate'],
      [20, 'accepted'],
      [30, 'duplicate'],
      [34.99, 'duplicate'],
      [35, 'accepted'],
    ]);
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
  it.each(['killed', 'finished-first', 'already-over', 'would-kill', 'refused', 'declined', 'not-found', 'ambiguous', 'still-running'])('after the outcome %s', async (outcome) => {
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
    stage.ending = () => 'never';
    await deliverAt(0);
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    expect([await deliverAt(20), await deliverAt(60)]).toEqual(['duplicate', 'duplicate']);
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
    stage.ending = () => 'FAILED';
    const other = { request: aRequest({ trigger }), deliveryKey: 'x 1' };
    expect([await deliverAt(0, other), await deliverAt(20, other), await deliverAt(60, other)]).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(stage.names()).toHaveLength(1);
  });

  it('where the first execution is not to be found: nobody knows how it ended', async () => {
    stage.lambda.script = ({ on }) => (on === 'start' ? { status: 409, type: 'DurableExecutionAlreadyStartedException' } : undefined);
    expect(await deliverAt(20)).toBe('duplicate');
    expect(stage.lambda.of('start')).toHaveLength(1);
  });

  it.each(['list', 'get'] as const)('where the call to %s fails: it failed and may be sent again', async (on) => {
    stage.ending = () => ({ outcome: 'failed' });
    await deliverAt(0);
    stage.lambda.script = (call) => (call.on === on ? { status: 500, type: 'ServiceException' } : undefined);
    expect(await deliverAt(20)).toBe('failed');
    stage.lambda.script = () => undefined;
    expect(await deliverAt(20)).toBe('accepted');
    expect(stage.names()).toEqual([FIRST, `${FIRST}-2`]);
  });
});
