import { describe, expect, it } from '@jest/globals';
import { TRIGGERS } from '../../lib/core/request.ts';
import { type EndEntry, pickedForKey, pickKey, startChoice, startEndOf } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { isLimited, overPercent, overRunning } from '../../lib/start/limits.ts';
import '../../lib/start/one-pick.ts'; // a part of the door that is loaded only where it is needed
import { nameNotice } from '../../lib/start/names.ts';
import { startAll, type Wish } from '../../lib/start/start-all.ts';
import { tellOnceAnHour } from '../../lib/start/tell-once-an-hour.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { alert, at, both, known, nameOf, ROOMY, start, TIGHT } from './a-door.ts';
import { aPick, aStart, endAs, entryOf, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

it.each(TRIGGERS)('the limits are for alerts and cleanups that kill, and no person: %s', (trigger) => {
  const { request } = alert('a');
  expect([isLimited({ ...request, trigger } as typeof request), isLimited({ ...request, trigger, action: 'notify' } as typeof request)]).toEqual([trigger === 'alerts' || trigger === 'cleanup', false]);
});

describe('percentOfRunning', () => {
  const limits = TIGHT.limits;
  it('is of whole jobs, rounded down, and one at least', () => {
    expect([[1, 0], [1, 1], [2, 4], [2, 3], [3, 5]].map(([chosen = 0, running = 0]) => overPercent(limits, 'analytics', chosen, running)?.rule)).toEqual([undefined, undefined, undefined, 'percentOfRunning', 'percentOfRunning']);
    expect(overPercent(limits, 'analytics', 3, 5)?.reason).toBe('3 of the 5 running jobs of analytics were chosen and 50 percent (2) are allowed, so none of them is killed; if so many are meant, change limits: in policy.yml');
  });

  it('counts each cluster by itself', async () => {
    const of = (cluster: string) => ({ request: { target: { cluster } } });
    expect([overRunning(limits, [of('a'), of('b')], { a: 2, b: 2 }), overRunning(limits, [of('a'), of('b'), of('b')], { a: 2, b: 2 })?.reason.slice(0, 30)]).toEqual([undefined, '2 of the 2 running jobs of b w']);
    const played = await aStart({ policy: ROOMY });
    const answers = await startAll(played.parts.starter, [alert('a'), alert('b')], { analytics: 2 });
    expect([answers.map(({ outcome }) => outcome), played.started.map(({ payload }) => payload.kind)]).toEqual([['refused', 'refused'], ['notice']]);
  });
});

describe('a notice', () => {
  const tell = async (ms: number, onStart?: StartPlan['onStart']) => {
    const { parts: { starter }, started, lines, clock } = await aStart(onStart ? { onStart } : {});
    clock.advanceTo(NOON + ms);
    await tellOnceAnHour(starter, 'perDelivery', { rule: 'perDelivery', reason: 'why' });
    return { name: started[0]?.name, lines };
  };

  it('has the name of its hour', async () => {
    const [noon, later, next] = [await tell(0), await tell(HOUR_MS - 1), await tell(HOUR_MS)];
    expect(noon.name).toBe(nameNotice('svc-test-kill:durable', 'perDelivery', '2026030112'));
    expect([later.name === noon.name, next.name === noon.name, noon.lines]).toEqual([true, false, []]);
  });

  it('that cannot be sent is logged', async () => {
    expect((await tell(0, () => new EngineFailed('down'))).lines).toMatchObject([{ level: 'error', message: 'the channel could not be told of a refusal', rule: 'perDelivery' }]);
    await expect(tell(0, () => new TypeError('a fault of ours'))).rejects.toThrow('a fault of ours');
  });
});

describe('picks of one delivery', () => {
  const pick = (deliveryKey: string, fields: Parameters<typeof aPick>[0] = {}): Wish => ({ deliveryKey, request: aPick({ killId: `kill-${deliveryKey}`, ...fields }) });
  const chosen = { at: NOON - MINUTE_MS, start: 1, ids: ['a', 'b'], killId: 'kill-other' };
  const held = (key: PutEntry['key'], owner = 'alerts-dry-other') => ({ ledger }: PlayedStart) => ledger.claim(key, { owner, start: 1, until: NOON + HOUR_MS, value: chosen }, { now: NOON });
  const KEY = pickKey('c-1', ANALYTICS.id, false);
  const meant = { outcome: 'duplicate', killId: 'kill-other', reason: 'alerts.1 picked 2 jobs of analytics 1 min ago' };

  it('for one decision are one: the first is accepted, the others are duplicates of it', async () => {
    const { answers, started } = await start([pick('a'), alert('k'), pick('b'), pick('c', { target: { content: 'c-2' } }), pick('d', { target: { cluster: ANALYTICS.id } })]);
    expect(answers).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'duplicate', killId: 'kill-a' }, { outcome: 'accepted' }, { outcome: 'duplicate', killId: 'kill-a' }]);
    expect(started).toHaveLength(5);
  });

  it.each([
    ["another's choice holds", KEY, {}, meant],
    ['a choice for its occurrence holds', pickedForKey('c-1', ANALYTICS.id, 'o-1', false), { occurrence: 'o-1' }, meant],
    ['one for another occurrence holds', pickedForKey('c-1', ANALYTICS.id, 'o-2', false), { occurrence: 'o-1' }, { outcome: 'accepted' }],
    ['one of a dry run holds', pickKey('c-1', ANALYTICS.id, true), {}, { outcome: 'accepted' }],
  ])('where %s', async (_, key, fields, answer) => {
    expect((await start([pick('a', fields)], { prepare: held(key) })).answers).toEqual([answer]);
  });

  it('where its own choice holds is accepted, and where nothing is chosen yet', async () => {
    expect((await start([pick('a')], { prepare: (played) => held(KEY, nameOf(played, pick('a')))(played) })).answers).toEqual([{ outcome: 'accepted' }]);
    expect((await start([pick('a')], { prepare: ({ ledger }) => ledger.claim(KEY, { owner: 'other', start: 1, until: NOON + HOUR_MS }, { now: NOON }) })).answers).toEqual([{ outcome: 'accepted' }]);
  });

  it('hold each for itself: what another chose of one is nothing to the others', async () => {
    const other = pickKey('c-2', ANALYTICS.id, false);
    expect((await start([pick('a'), pick('b', { target: { content: 'c-2' } })], { prepare: held(other) })).answers).toEqual([{ outcome: 'accepted' }, meant]);
  });

  it('in a cluster that is not listed is accepted: it ends as that', async () => {
    expect((await start([pick('a', { target: { cluster: 'gone' } })])).answers).toEqual([{ outcome: 'accepted' }]);
  });

  it('that were not started ask the ledger nothing', async () => {
    expect((await start([pick('a')], { plan: { onStart: () => new EngineFailed('down') } })).ledger.calls).toEqual([]);
  });

  it('ask it again where it is away for a moment, and for 2 s', async () => {
    const deadlines: (number | undefined)[] = [];
    const { answers } = await start([pick('a')], { prepare: async (played) => {
      await held(KEY)(played);
      const get = played.ledger.get.bind(played.ledger);
      played.ledger.get = (keys, call) => (deadlines.push(call.deadline), get(keys, call));
      played.ledger.script = () => (deadlines.length === 1 ? 'fails' : undefined);
    } });
    expect([answers, deadlines]).toEqual([[meant], [NOON + 2_000, NOON + 2_000]]);
  });

  it('of no rule says so', async () => {
    expect((await start([pick('a', { policyRule: undefined })], { prepare: held(KEY) })).answers).toMatchObject([{ reason: 'the rule picked 2 jobs of analytics 1 min ago' }]);
  });

  it('that was not started is no first of any', async () => {
    let starts = 0;
    expect((await start([pick('a'), pick('b')], { plan: { onStart: () => (++starts === 1 ? new EngineFailed('down') : 'started') } })).answers.map(({ outcome }) => outcome)).toEqual(['failed', 'accepted']);
  });

  it('are accepted where the ledger is away for 2 s, and the log says so', async () => {
    const { answers, lines, clock } = await start([pick('a')], { prepare: ({ ledger }) => void (ledger.script = () => 'fails') });
    expect([answers, clock.now() <= NOON + 2_000]).toEqual([[{ outcome: 'accepted' }], true]);
    expect(lines).toMatchObject([{ level: 'warn', message: 'the ledger could not be asked whose pick holds', kill_ids: ['kill-a'] }]);
    await expect(start([pick('a')], { prepare: ({ ledger }) => void (ledger.get = () => Promise.reject(new TypeError('a fault of ours'))) })).rejects.toThrow('a fault of ours');
  });

  it('that repeat one that chose, and came to nothing, pick anew', async () => {
    const wish = pick('a');
    const seen = { cluster: 'c', job_id: 'job-1', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
    const chose = (outcome: EndEntry['outcome']) => both(known([wish], { outcome: 'failed' }), (played) => played.ledger.put([entryOf(startChoice(nameOf(played, wish), 1), { at: NOON, jobs: [seen] }), entryOf(startEndOf(nameOf(played, wish), 1, 'job-1'), endAs({ outcome }))]), at(HOUR_MS));
    const again = async (outcome: EndEntry['outcome']) => (await start([wish], { plan: { onStart: (name) => (name.endsWith('-2') ? 'started' : 'exists') }, prepare: chose(outcome) })).answers;
    expect([await again('already-over'), await again('killed')]).toEqual([[{ outcome: 'accepted' }], [{ outcome: 'duplicate' }]]);
  });
});
