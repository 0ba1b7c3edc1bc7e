import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KillPayload } from '../../lib/start/engine.ts';
import { aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { alerts, anAlert, nameOf, type StartStage, startStartStage, tally } from '../stage/start.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const ROOMY = aPolicy({ limits: { perDelivery: 1_000, perHour: 1_000, percentOfRunning: 50 } });
const payloads = (): KillPayload[] => stage.backend.list({ oldestFirst: true }).map(({ input }) => JSON.parse(input) as KillPayload);

describe('a wish', () => {
  it('is accepted and starts one execution under its name, with the whole request and a random attempt', async () => {
    const wish = anAlert('a-1', { reason: 'stuck for hours' });
    expect(await stage.deliver([wish])).toEqual([{ outcome: 'accepted' }]);
    expect(stage.names()).toEqual([nameOf(wish)]);
    expect(payloads()).toEqual([{ kind: 'kill', request: wish.request, name: nameOf(wish), start: 1, attempt: 'attempt-1' }]);
  });

  it('that is delivered five times is accepted once and is a duplicate ever after, while it runs and when it is over', async () => {
    stage.ending = () => 'never';
    const outcomes = [];
    for (let delivery = 1; delivery <= 5; delivery++) {
      outcomes.push(...(await stage.deliver([anAlert('a-1', { killId: `kill-${delivery}`, receivedAt: NOON + delivery })])));
      if (delivery === 3) stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    }
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
    expect(stage.names()).toHaveLength(1);
  });

  it('that arrives ten times at the same moment starts one execution', async () => {
    const started = await Promise.all(Array.from({ length: 10 }, () => stage.deliver([anAlert('a-1')])));
    expect(tally(started.flat())).toEqual({ accepted: 1, duplicate: 9 });
    expect(stage.names()).toHaveLength(1);
  });

  it('that stands twice in one delivery is accepted once', async () => {
    expect(await stage.deliver([anAlert('a-1'), anAlert('a-2'), anAlert('a-1')])).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'duplicate' }]);
    expect(stage.names()).toHaveLength(2);
  });

  it('of a dry run is no repeat of a live one, and the other way round', async () => {
    const dry = aPolicy({ dryRun: true });
    expect(await stage.deliver([anAlert('a-1')], dry)).toEqual([{ outcome: 'accepted' }]);
    expect(await stage.deliver([anAlert('a-1')])).toEqual([{ outcome: 'accepted' }]);
    expect(tally([...(await stage.deliver([anAlert('a-1')], dry)), ...(await stage.deliver([anAlert('a-1')]))])).toEqual({ duplicate: 2 });
    expect(stage.names().map((name) => name.slice(0, 11))).toEqual(['alerts-dry-', 'alerts-live']);
  });

  it('none of them asks Lambda for nothing', async () => {
    expect(await stage.deliver([])).toEqual([]);
    expect(stage.lambda.calls).toEqual([]);
  });
});

describe('a delivery of many', () => {
  onlyOnAws('no call goes to Lambda').it('starts two hundred in one go, answers in their order, with at most ten calls to Lambda at once', async () => {
    stage.lambda.delayMs = 5;
    const twice = anAlert('a-7');
    expect(tally(await stage.deliver([...alerts(200), twice], ROOMY))).toEqual({ accepted: 200, duplicate: 1 });
    expect(new Set(stage.names()).size).toBe(200);
    expect(stage.lambda.of('start')).toHaveLength(200);
    expect(stage.lambda.mostInFlight()).toBe(10);
  });

  it('answers each wish in its place', async () => {
    await stage.deliver([anAlert('a-2'), anAlert('a-4')]);
    expect((await stage.deliver(alerts(5))).map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'accepted', 'duplicate', 'accepted']);
  });

  it('of which Lambda refuses some: those failed, the others run, and the repeat starts only the missing ones', async () => {
    const wishes = alerts(8);
    const refused = new Set([nameOf(anAlert('a-2')), nameOf(anAlert('a-5')), nameOf(anAlert('a-8'))]);
    stage.lambda.script = ({ on, executionName }) => (on === 'start' && refused.has(executionName) ? { status: 503, type: 'ServiceException' } : undefined);
    const first = await stage.deliver(wishes);
    expect(first.map(({ outcome }) => outcome)).toEqual(['accepted', 'failed', 'accepted', 'accepted', 'failed', 'accepted', 'accepted', 'failed']);
    expect(first[1]).toEqual({ outcome: 'failed', reason: 'it could not be started' });
    expect(stage.names()).toHaveLength(5);
    expect(new Set(stage.lambda.of('start').map(({ executionName }) => executionName)).size).toBe(8);
    expect(stage.lines.filter((line) => line.includes('"kill_id":"kill-1"') && line.includes('ServiceException'))).toHaveLength(3);

    stage.lambda.script = () => undefined;
    const repeat = await stage.deliver(wishes);
    expect(repeat.map(({ outcome }) => outcome)).toEqual(['duplicate', 'accepted', 'duplicate', 'duplicate', 'accepted', 'duplicate', 'duplicate', 'accepted']);
    expect(new Set(stage.names()).size).toBe(8);
  });

  onlyOnAws('no call goes to Lambda').it('whose answers got lost, once: they are asked for again with the same bytes, and none is started twice', async () => {
    const lost = new Set<string>();
    stage.lambda.script = ({ executionName }) => (lost.has(executionName) ? undefined : (lost.add(executionName), 'after-effect'));
    expect(tally(await stage.deliver(alerts(3)))).toEqual({ accepted: 3 });
    expect(stage.names()).toHaveLength(3);
  });

  it('whose answers got lost: the repeat finds them started and starts none twice', async () => {
    stage.lambda.script = ({ on }) => (on === 'start' ? 'after-effect' : undefined);
    expect(tally(await stage.deliver(alerts(3)))).toEqual({ failed: 3 });
    stage.lambda.script = () => undefined;
    expect(tally(await stage.deliver(alerts(3)))).toEqual({ duplicate: 3 });
    expect(stage.names()).toHaveLength(3);
  });

  it('fails whole where Lambda is down, and nothing was started', async () => {
    stage.lambda.script = () => ({ status: 503, type: 'ServiceException' });
    expect(tally(await stage.deliver(alerts(3)))).toEqual({ failed: 3 });
    expect(stage.names()).toEqual([]);
  });
});

describe('a wish of a person', () => {
  it('is started without any look at the limits, and once for one click', async () => {
    const wish = { request: aRequest({ trigger: 'slack', requestedBy: 'U012AB3CD' }), deliveryKey: 'slack 1.2.3' };
    expect(await stage.deliver([wish])).toEqual([{ outcome: 'accepted' }]);
    expect(await stage.deliver([wish])).toEqual([{ outcome: 'duplicate' }]);
    expect(stage.lambda.of('list')).toEqual([]);
  });
});
