import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Wish } from '../../lib/start/start-all.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { until } from '../support/until.ts';
import { aJobNamed, alerts, MINUTE_MS, type StartStage, startStartStage, tally } from '../stage/start.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const limited = (perDelivery: number, perHour: number, parts: Partial<Policy> = {}): Policy =>
  aPolicy({ limits: { perDelivery, perHour, percentOfRunning: 50 }, ...parts });
const cleanup = (deliveryKey: string): Wish => ({ request: aRequest({ trigger: 'cleanup', target: aJobNamed(deliveryKey) }), deliveryKey });
const clicks = (count: number): Wish[] => Array.from({ length: count }, (_, index) => ({ request: aRequest({ trigger: 'slack' }), deliveryKey: `slack ${index}` }));
const kills = (): string[] => stage.names().filter((name) => !name.startsWith('notice-'));
const notices = (): string[] => stage.names().filter((name) => name.startsWith('notice-'));

function at(minutes: number): void {
  stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
}

describe('perDelivery', () => {
  it('lets a delivery through that is exactly at the limit', async () => {
    expect(tally(await stage.deliver(alerts(4), limited(4, 30)))).toEqual({ accepted: 4 });
    expect(kills()).toHaveLength(4);
  });

  it('stops a delivery that is one over it, whole: each is refused with the rule, and nothing was started', async () => {
    const started = await stage.deliver(alerts(5), limited(4, 30));
    expect(started).toEqual(Array.from({ length: 5 }, () => ({ outcome: 'refused', rule: 'perDelivery', reason: expect.stringMatching(/5 kills and 4 are allowed/) })));
    expect(kills()).toEqual([]);
    expect(stage.lambda.of('start').map(({ executionName }) => executionName.slice(0, 7))).toEqual(['notice-']);
  });

  it('counts what would start: not what stands twice in it', async () => {
    expect(tally(await stage.deliver([...alerts(4), ...alerts(4)], limited(4, 30)))).toEqual({ accepted: 4, duplicate: 4 });
  });

  it.each([
    ['in the last hour', 10],
    ['a day ago', 24 * 60],
  ])('counts what would start: not what was started %s', async (_, minutes) => {
    await stage.deliver(alerts(4), limited(4, 30));
    at(minutes);
    expect(tally(await stage.deliver(alerts(8), limited(4, 30)))).toEqual({ duplicate: 4, accepted: 4 });
    expect(kills()).toHaveLength(8);
  });

  it('answers duplicate for the repeats in a delivery that is over, and starts nothing of it', async () => {
    await stage.deliver(alerts(3), limited(4, 30));
    at(24 * 60);
    const started = await stage.deliver(alerts(8), limited(4, 30));
    expect(started.map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate', 'duplicate', 'refused', 'refused', 'refused', 'refused', 'refused']);
    expect(kills()).toHaveLength(3);
  });

  it.each([0, 1_000])('of two deliveries of the same twenty %i ms apart the second has duplicates only', async (apartMs) => {
    const [first, second] = await Promise.all([0, apartMs].map(async (ms) => {
      stage.clock.advanceTo(NOON + ms);
      return tally(await stage.deliver(alerts(20), limited(20, 30)));
    }));
    expect([(first?.['accepted'] ?? 0) + (second?.['accepted'] ?? 0), (first?.['duplicate'] ?? 0) + (second?.['duplicate'] ?? 0)]).toEqual([20, 20]);
    expect(kills()).toHaveLength(20);
    expect(notices()).toEqual([]);
  });

  onlyOnAws("the own home's engine and ledger answer at once").it('counts what would start: not what a delivery of the same moment starts, however late Lambda is', async () => {
    stage.lambda.delayMs = 20;
    let asked = 0;
    // At the first question nothing has begun.
    stage.ledger.pause = ({ on }) => (on === 'get' && ++asked === 2 ? until(() => kills().length === 4) : undefined);
    const [first, second] = await Promise.all([stage.deliver(alerts(4), limited(4, 30)), stage.deliver(alerts(5), limited(4, 30))]);
    expect([tally(first), tally(second)]).toEqual([{ accepted: 4 }, { duplicate: 4, accepted: 1 }]);
    expect(kills()).toHaveLength(5);
  });

  onlyOnAws("the own home's engine and ledger answer at once").it('counts what would start: not what was started a second ago and has not begun', async () => {
    const begin = stage.holdBegin();
    expect(tally(await stage.deliver(alerts(4), limited(4, 30)))).toEqual({ accepted: 4 });
    stage.clock.advanceTo(NOON + 1_000);
    let asked = 0;
    stage.ledger.script = ({ on }) => void (on === 'get' && ++asked === 2 && begin());
    expect(tally(await stage.deliver(alerts(8), limited(4, 30)))).toEqual({ duplicate: 4, accepted: 4 });
    expect(kills()).toHaveLength(8);
  });

  it('counts what has not begun within three seconds, and the next delivery asks again', async () => {
    const begin = stage.holdBegin();
    await stage.deliver(alerts(4), limited(4, 30));
    expect(tally(await stage.deliver(alerts(5), limited(4, 30)))).toEqual({ refused: 5 });
    expect(stage.clock.now()).toBe(NOON + 3_000);
    expect(kills()).toHaveLength(4);
    begin();
    await stage.backend.idle();
    expect(tally(await stage.deliver(alerts(5), limited(4, 30)))).toEqual({ duplicate: 4, accepted: 1 });
  });

  it('does not wait for what a run of cleanup chose', async () => {
    await stage.deliver([cleanup('c-1'), cleanup('c-2')], limited(1, 30));
    expect(stage.clock.now()).toBe(NOON);
  });

  it('holds for dry runs too: they are deliveries like others', async () => {
    expect(tally(await stage.deliver(alerts(5), limited(4, 30, { dryRun: true })))).toEqual({ refused: 5 });
    expect(kills()).toEqual([]);
  });

  it('tells a repeat of a dry run from what would be new', async () => {
    const policy = limited(4, 30, { dryRun: true });
    await stage.deliver(alerts(4), policy);
    expect(tally(await stage.deliver(alerts(8), policy))).toEqual({ duplicate: 4, accepted: 4 });
  });

  it('holds for cleanup', async () => {
    expect(tally(await stage.deliver([cleanup('c-1'), cleanup('c-2')], limited(1, 30)))).toEqual({ refused: 2 });
    expect(kills()).toEqual([]);
  });

  it('does not hold for people', async () => {
    expect(tally(await stage.deliver(clicks(12), limited(1, 1)))).toEqual({ accepted: 12 });
  });
});

describe('limits that cannot be checked', () => {
  it('fail the delivery that is over one of them, and nothing was started', async () => {
    stage.ledger.script = () => 'fails';
    const started = await stage.deliver(alerts(5), limited(4, 30));
    expect(started).toEqual(Array.from({ length: 5 }, () => ({ outcome: 'failed', reason: 'the limits could not be checked' })));
    expect(stage.lambda.of('start')).toEqual([]);
    expect(stage.names()).toEqual([]);
    expect(stage.lines.join()).toContain('limits could not be checked');
  });

  it('keep nothing from a delivery that is within them: the ledger is not asked', async () => {
    stage.ledger.script = ({ by }) => (by === 'a test' ? 'fails' : undefined);
    const before = stage.ledger.calls.length;
    expect(tally(await stage.deliver(alerts(4), limited(4, 30)))).toEqual({ accepted: 4 });
    expect(stage.ledger.calls.slice(before).filter(({ on }) => on === 'get')).toEqual([]);
  });

  it('are checked again at the repeat', async () => {
    stage.ledger.script = () => 'fails';
    await stage.deliver(alerts(5), limited(4, 30));
    stage.ledger.script = () => undefined;
    expect(tally(await stage.deliver(alerts(5), limited(4, 30)))).toEqual({ refused: 5 });
  });
});

describe('the channel', () => {
  const policy = limited(4, 30);

  it('is told of a limit once an hour: what was refused, and why', async () => {
    await stage.deliver(alerts(5), policy);
    at(30);
    await stage.deliver(alerts(6, 'b'), policy);
    at(59);
    await stage.deliver(alerts(7, 'c'), policy);
    expect(notices()).toHaveLength(1);
    const { input = '{}' } = stage.backend.list({})[0] ?? {};
    expect(JSON.parse(input)).toEqual({ kind: 'notice', text: expect.stringMatching(/^Refused: perDelivery\. this delivery would start 5 kills/), attempt: expect.any(String) });
    at(60);
    await stage.deliver(alerts(5), policy);
    at(61);
    await stage.deliver(alerts(5), policy);
    expect(notices()).toHaveLength(2);
  });

  it('is told once of ten deliveries at the same moment', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => stage.deliver(alerts(5, `d${index}`), policy)));
    expect(notices()).toHaveLength(1);
    expect(kills()).toEqual([]);
  });

  it('that cannot be told leaves the refusal as it is, with a line in the log', async () => {
    stage.lambda.script = ({ executionName }) => (executionName.startsWith('notice-') ? { status: 500, type: 'ServiceException' } : undefined);
    expect(tally(await stage.deliver(alerts(5), policy))).toEqual({ refused: 5 });
    expect(stage.lines.join()).toContain('the channel could not be told of a refusal');
    expect(stage.names()).toEqual([]);
  });

  it('is told nothing where no limit is broken', async () => {
    await stage.deliver(alerts(4), policy);
    expect(notices()).toEqual([]);
  });
});
