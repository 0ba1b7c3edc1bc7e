import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PickRequest } from '../../lib/core/request.ts';
import { createRecent } from '../../lib/start/recent.ts';
import type { Wish } from '../../lib/start/start-all.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { homeOfStage } from '../stage/home-of-stage.ts';
import { alerts, MINUTE_MS, type StartStage, startStartStage, tally } from '../stage/start.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const limited = (perDelivery: number) => aPolicy({ limits: { perDelivery, perHour: 1_000, percentOfRunning: 50 } });

/** What the door asks the ledger while it takes a delivery, on a network that takes a while. */
async function askedBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
  stage.ledger.pause = () => sleep(5);
  const before = stage.ledger.calls.length;
  await work();
  const counts: Record<string, number> = {};
  for (const { on } of stage.ledger.calls.slice(before)) counts[on] = (counts[on] ?? 0) + 1;
  return counts;
}

describe('a storm of repeats asks the ledger', () => {
  it.each([['once, a moment later', 0, 1], ['twice, hours after the kills', 4 * 60 * MINUTE_MS, 2]])('for all of them %s', async (_when, afterMs, times) => {
    await stage.deliver(alerts(50), limited(50));
    await stage.backend.idle();
    stage.clock.advanceTo(NOON + afterMs);
    const asked = await askedBy(async () => expect(tally(await stage.deliver(alerts(50), limited(50)))).toEqual({ duplicate: 50 }));
    expect(asked).toEqual({ get: times });
  });

  it('for none of them where the same process started them less than 5 min ago, and starts nothing', async () => {
    const recent = createRecent();
    const again = () => stage.deliver(alerts(50), limited(49), undefined, recent);
    await stage.deliver(alerts(50), limited(50), undefined, recent);
    await stage.backend.idle();
    const starts = stage.names().length;
    stage.clock.advanceTo(NOON + 5 * MINUTE_MS - 1);
    expect(await askedBy(async () => expect(tally(await again())).toEqual({ duplicate: 50 }))).toEqual({});
    stage.clock.advanceTo(NOON + 5 * MINUTE_MS);
    expect(Object.keys(await askedBy(async () => expect(tally(await again())).toEqual({ duplicate: 50 })))).toEqual(['get']);
    expect(stage.names()).toHaveLength(starts);
  });

  it('once more for each that came to nothing, ten at a time', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await stage.deliver(alerts(50), limited(50));
    await stage.backend.idle();
    stage.clock.advanceTo(NOON + 10 * MINUTE_MS);
    const asked = await askedBy(async () => expect(tally(await stage.deliver(alerts(50), limited(50)))).toEqual({ duplicate: 50 }));
    expect(asked).toEqual({ get: 2, list: 50 });
    expect(stage.ledger.mostInFlight()).toBeGreaterThan(1);
    expect(stage.ledger.mostInFlight()).toBeLessThanOrEqual(homeOfStage() === 'own' ? 100 : 10); // a file has no connections
  });

  it('three times for all where there are more than a delivery may bring', async () => {
    await stage.deliver(alerts(50), limited(50));
    await stage.backend.idle();
    const asked = await askedBy(async () => expect(tally(await stage.deliver(alerts(50), limited(10)))).toEqual({ duplicate: 50 }));
    expect(asked).toEqual({ get: 3 });
  });

  it('once for all the picks that it starts, in however many clusters', async () => {
    const picks = Array.from({ length: 20 }, (_, index): Wish => {
      const target: PickRequest['target'] = { cluster: `cluster-${index % 10}`, pick: { match: { queue: 'adhoc' }, order: 'longest-running', count: 1 } as PickRequest['target']['pick'], submittedBefore: 0 };
      return { deliveryKey: `p-${index}`, request: { ...aRequest({ trigger: 'alerts' }), target } as PickRequest };
    });
    stage.ending = () => 'never';
    const asked = await askedBy(async () => expect(tally(await stage.deliver(picks, limited(20)))).toEqual({ accepted: 10, duplicate: 10 }));
    expect(asked['get']).toBe(1);
  });
});
