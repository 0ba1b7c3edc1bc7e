import { describe, expect, it } from '@jest/globals';
import { NOTICE_LIVES_MS } from '../../lib/kill/notify.ts';
import { pickedForKey, pickKey, startBegan, startChoice, startEnd } from '../../lib/ledger/keys.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { giveBack } from '../../lib/start/pick.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { failing, FOR, picked, play, stoodFor } from './a-played-pick.ts';
import { aPick, aStart, endAs, entryOf, ID, MINUTE_MS } from './a-start.ts';

describe('a pick', () => {
  it('chooses, holds its choice for the cooldown and for its occurrence, and starts a kill for each', async () => {
    const { end, played } = await play({}, aPick({ occurrence: 'o-1', pick: { count: 2 }, reason: 'stuck' }));
    expect(end).toBeUndefined();
    const held = picked(0, ['job-9', 'job-8']);
    expect(await stoodFor(played)).toMatchObject({ owner: ID.name, start: 1, until: NOON + 15 * MINUTE_MS, value: { ...held, killId: 'kill-1' } });
    expect(await stoodFor(played, FOR)).toMatchObject({ owner: ID.name, start: 1, until: NOON + 14 * 24 * HOUR_MS, value: { ...held, killId: 'kill-1' } });
    expect(await stoodFor(played, startChoice(ID.name, 1))).toMatchObject({ value: { at: NOON, jobs: [{ job_id: 'job-9', job_name: 'name-9' }, { job_id: 'job-8' }] }, until: NOON + 14 * 24 * HOUR_MS });
    expect(played.budgets).toEqual([['begin', 1_800], ['choose', undefined], ['choice', 900], ['cooldown', 900], ['start', 300], ['picked', 1_800]]);
    expect(played.started.map(({ payload }) => payload)).toMatchObject([{ kind: 'kill', request: { killId: 'id-1', reason: 'stuck', pickedBy: ID, target: { job: { id: 'job-9' } } } }, { kind: 'kill', request: { killId: 'id-2', target: { job: { id: 'job-8' } } } }]);
  });

  it('has a cooldown of its own where the rule says so, and a dry run has keys of its own', async () => {
    const { played } = await play({}, aPick({ dryRun: true, occurrence: 'o-1', pick: { cooldownMs: 2 * MINUTE_MS } }));
    expect(await stoodFor(played)).toBeUndefined();
    expect(await stoodFor(played, pickKey('c-1', ANALYTICS.id, true))).toMatchObject({ until: NOON + 2 * MINUTE_MS });
    expect(await stoodFor(played, pickedForKey('c-1', ANALYTICS.id, 'o-1', true))).toMatchObject({ owner: ID.name });
  });

  it('claims for 5 min while it chooses, or for its cooldown where that is shorter', async () => {
    const until = async (cooldownMs: number) => {
      const moments: number[] = [];
      await play({}, aPick({ pick: { cooldownMs } }), ({ ledger }) => {
        const claim = ledger.claim.bind(ledger);
        ledger.claim = (key, wish, ...rest) => (moments.push(wish.until - NOON), claim(key, wish, ...rest));
      });
      return moments[0];
    };
    expect([await until(HOUR_MS), await until(MINUTE_MS)]).toEqual([5 * MINUTE_MS, MINUTE_MS]);
  });

  it('of a rule that only tells people is open for as long as its card may take', async () => {
    const { played } = await play({}, aPick({ action: 'notify' }));
    expect((await stoodFor(played, startChoice(ID.name, 1)))?.value).toMatchObject({ openUntil: NOON + NOTICE_LIVES_MS });
    expect((await stoodFor((await play()).played, startChoice(ID.name, 1)))?.value).not.toHaveProperty('openUntil');
  });

  it('that chose none gives the decision back, and says so', async () => {
    const { end, played } = await play({ jobs: [] });
    expect(end).toMatchObject({ outcome: 'not-found' });
    expect(await stoodFor(played)).toBeUndefined();
    expect(played.budgets.map(([name]) => name).slice(0, 3)).toEqual(['begin', 'choose', 'give-back']);
    expect(played.budgets[2]).toEqual(['give-back', 60]);
    expect(played.started).toEqual([]);
  });

  it('that cannot give it back ends all the same', async () => {
    expect((await play({ jobs: [] }, aPick(), failing('release', 'pick/'))).end).toMatchObject({ outcome: 'not-found' });
    await expect(aStart().then(async (played) => (failing('release', 'pick/')(played), giveBack(played.parts, aPick())))).resolves.toBeUndefined();
  });

  it('takes its turn as one move', async () => {
    const names: string[] = [];
    await play({}, aPick(), ({ parts }) => {
      const repeat = parts.moves.repeat.bind(parts.moves);
      parts.moves.repeat = (name, ...rest) => (names.push(name), repeat(name, ...rest));
    });
    expect(names).toEqual(['turn']);
  });

  it('in a cluster that is not listed is refused', async () => {
    expect((await play({}, aPick({ target: { cluster: 'gone' } }))).end).toMatchObject({ outcome: 'refused', rule: 'clusters' });
  });

  it('without a ledger fails, and nothing is chosen', async () => {
    const { end, played } = await play({}, aPick({ receivedAt: NOON - 7 }), ({ ledger }) => void (ledger.script = ({ on, partitions }) => (on === 'list' && partitions[0] === `start/${ID.name}` ? 'fails' : undefined)));
    expect(end).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect(played.shown.map(({ card }) => card)).toEqual([undefined]);
    expect((await stoodFor(played, startEnd(ID.name, 1)))?.value).toMatchObject({ since: NOON - 7, began: NOON - 7 });
    expect(played.started).toEqual([]);
  });

  it('that has ended already ends as that', async () => {
    const { end, started } = await play({ stands: [entryOf(startBegan(ID.name, 1), { at: NOON, since: NOON }), entryOf(startEnd(ID.name, 1), endAs({ outcome: 'not-found', reason: 'as it was' }))] });
    expect([end, started]).toEqual([{ outcome: 'not-found', reason: 'as it was' }, []]);
  });
});

it('a pick whose kills the engine does not take has failed, and keeps its choice', async () => {
  const { end, played } = await play({ onStart: () => new EngineFailed('no room') });
  expect(end).toEqual({ outcome: 'failed', code: 'not_started', reason: 'not all kills of the picked jobs could be started: the engine did not take them; each one that was started reports its own end' });
  expect(await stoodFor(played)).toMatchObject({ owner: ID.name, value: { ids: ['job-9'] } });
});
