import { describe, expect, it } from '@jest/globals';
import { type EndEntry, startBegan, startChoice, startEndOf, startPosted } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { claimed, failing, FOR, KEY, OTHER, picked, play, seen, stoodFor } from './a-played-pick.ts';
import { aPick, endAs, entryOf, ID, MINUTE_MS, type PlayedStart } from './a-start.ts';

describe("a pick that meets another's", () => {
  it('choice is a repeat of that', async () => {
    const { end, played } = await play({}, aPick(), async (played) => {
      await claimed(played, picked(0, ['a', 'b'], 3));
      played.clock.advanceTo(NOON + 3 * MINUTE_MS);
    });
    expect(end).toEqual({ outcome: 'refused', rule: 'repeat', reason: 'repeat: alerts.1 picked 2 jobs of analytics 3 min ago', of: { name: OTHER, start: 3 } });
    expect(await stoodFor(played)).toMatchObject({ owner: OTHER });
    expect([played.started, played.lists]).toEqual([[], []]);
  });

  it('turn, with nothing chosen yet, looks again each 10 s and takes it when it is over', async () => {
    const { end, played } = await play({}, aPick(), (played) => claimed(played, undefined, { until: NOON + 25_000 }));
    expect(end).toBeUndefined();
    expect(played.clock.sleeps).toEqual([10_000, 10_000, 10_000]);
    expect(played.started).toHaveLength(1);
  });

  it('turn for more than 15 min expires, and leaves that alone', async () => {
    const late = (ms: number) => play({}, aPick(), async (played) => {
      await claimed(played, undefined, { until: NOON + HOUR_MS });
      played.clock.advanceTo(NOON + ms);
    });
    const { end, played } = await late(15 * MINUTE_MS + 1);
    expect(end).toMatchObject({ outcome: 'expired' });
    expect([played.clock.sleeps, played.lists]).toEqual([[], []]);
    expect(await stoodFor(played)).toMatchObject({ owner: OTHER });
    expect((await late(15 * MINUTE_MS)).played.clock.sleeps).toEqual([10_000]);
  });

  it('nobody, but comes too late: it expires and gives the turn back', async () => {
    const { end, played } = await play({}, aPick(), ({ clock }) => clock.advanceTo(NOON + 16 * MINUTE_MS));
    expect(end).toMatchObject({ outcome: 'expired' });
    expect(await stoodFor(played)).toBeUndefined();
  });

  it('choice for this very occurrence is a repeat of that, and gives its turn back', async () => {
    const { end, played } = await play({}, aPick({ occurrence: 'o-1' }), (played) => claimed(played, picked(0, ['a']), { key: FOR, until: NOON + HOUR_MS }));
    expect(end).toMatchObject({ rule: 'repeat', reason: 'repeat: alerts.1 picked 1 job of analytics 0 s ago', of: { name: OTHER, start: 1 } });
    expect(await stoodFor(played)).toBeUndefined();
    expect((await play({}, aPick({ occurrence: 'o-2' }), (one) => claimed(one, picked(0, ['a']), { key: FOR, until: NOON + HOUR_MS }))).end).toBeUndefined();
  });

  /** The other chose job-9 at noon, and it ended so. */
  const cameTo = (end: Partial<EndEntry>) => [entryOf(startBegan(OTHER, 1), { at: NOON, since: NOON }), entryOf(startChoice(OTHER, 1), { at: NOON, jobs: [seen('job-9')] }), entryOf(startEndOf(OTHER, 1, 'job-9'), endAs(end))];

  it.each([
    ['came to nothing, 5 min later', { outcome: 'already-over' }, 5 * MINUTE_MS, 'picks'],
    ['came to nothing, a ms sooner', { outcome: 'already-over' }, 5 * MINUTE_MS - 1, 'repeat'],
    ['failed, 15 min later', { outcome: 'failed' }, 15 * MINUTE_MS, 'picks'],
    ['killed', { outcome: 'killed' }, 15 * MINUTE_MS, 'repeat'],
  ] as const)('choice that %s', async (_, came, ms, then) => {
    const { end, played } = await play({ stands: cameTo(came) }, aPick({ receivedAt: NOON + ms }), async (played) => {
      await claimed(played, picked(0, ['job-9']), { until: NOON + HOUR_MS });
      played.clock.advanceTo(NOON + ms);
    });
    expect(end?.rule ?? (end === undefined ? 'picks' : end)).toBe(then);
    expect(await stoodFor(played)).toMatchObject({ owner: then === 'picks' ? ID.name : OTHER });
  });

  it('choice while it chooses, of the pick or of its occurrence: that holds, and what it claimed itself is given back', async () => {
    const meet = (key: typeof KEY, value?: unknown, occurrence = 'o-1') => play({}, aPick(occurrence === '' ? {} : { occurrence }), ({ ledger, clock }) => {
      const claim = ledger.claim.bind(ledger);
      ledger.claim = async (asked, wish, call) => {
        if (asked.rest === 'choice' || asked.rest.endsWith('/choice')) {
          await ledger.release(KEY, ID.name, 1);
          await claim(key, { owner: OTHER, start: 2, until: NOON + HOUR_MS, ...(value !== undefined && { value }) }, { now: clock.now() });
        }
        return claim(asked, wish, call);
      };
    });
    const ofPick = await meet(KEY, picked(0, ['a'], 2));
    expect(ofPick.end).toMatchObject({ rule: 'repeat', of: { name: OTHER, start: 2 } });
    expect(await stoodFor(ofPick.played, FOR)).toBeUndefined();
    const ofOccurrence = await meet(FOR, picked(0, ['a'], 2));
    expect(ofOccurrence.end).toMatchObject({ rule: 'repeat', of: { name: OTHER, start: 2 } });
    expect(await stoodFor(ofOccurrence.played, FOR)).toMatchObject({ owner: OTHER });
    expect([ofPick, ofOccurrence].flatMap(({ budgets }) => budgets.map(([name]) => name))).not.toContain('give-back');
    expect((await meet(KEY, picked(0, ['a'], 2), '')).end).toMatchObject({ rule: 'repeat', of: { name: OTHER, start: 2 } });
    const undecided = await meet(KEY);
    expect(undecided.end).toMatchObject({ outcome: 'expired' });
    expect([ofPick, ofOccurrence, undecided].map(({ started }) => started)).toEqual([[], [], []]);
  });
});

describe('a pick that is started once more', () => {
  const second = { ...ID, start: 2 };
  const chose = (start: number, ...ids: string[]) => entryOf(startChoice(ID.name, start), { at: NOON, jobs: ids.map(seen) });
  const began = (start: number) => entryOf(startBegan(ID.name, start), { at: NOON, since: NOON });
  const meant = ({ started }: PlayedStart) => started.map(({ payload }) => (payload as { request: { target: { job: { id: string } } } }).request.target.job.id);

  it('means again, and alone, that for which a POST was about to leave: of the latest start', async () => {
    const posted = (start: number, id: string) => entryOf(startPosted(ID.name, start, id), { at: NOON });
    const third = { id: { ...ID, start: 3 }, stands: [began(1), began(2), chose(1, 'job-1', 'job-2'), posted(1, 'job-1'), chose(2, 'job-3', 'job-4'), posted(2, 'job-4')] };
    expect(meant((await play(third)).played)).toEqual(['job-4']);
    expect(meant((await play({ ...third, stands: third.stands.slice(0, 5) })).played)).toEqual(['job-1']);
  });

  it('means nothing of a later start', async () => {
    expect(meant((await play({ stands: [began(1), began(2), chose(2, 'job-3'), entryOf(startPosted(ID.name, 2, 'job-3'), { at: NOON })] })).played)).toEqual(['job-9']);
  });

  it('chooses anew where nothing left', async () => {
    expect(meant((await play({ id: second, stands: [began(1), chose(1, 'job-1')] })).played)).toEqual(['job-9']);
  });

  it('carries out its own choice that stands, and asks MRS for nothing', async () => {
    const { played } = await play({ stands: [began(1), chose(1, 'job-1')] });
    expect([meant(played), played.lists]).toEqual([['job-1'], []]);
    expect(played.started[0]?.payload).toMatchObject({ request: { reason: aPick().reason } });
  });

  it('gives back what its earlier start left', async () => {
    const { played, end } = await play({ id: second, stands: [began(1)] }, aPick({ occurrence: 'o-1' }), async (one) => {
      await claimed(one, picked(0, ['job-1']), { owner: ID.name, until: NOON + HOUR_MS });
      await claimed(one, picked(0, ['job-1']), { owner: ID.name, until: NOON + HOUR_MS, key: FOR });
    });
    expect(end).toBeUndefined();
    expect([await stoodFor(played), await stoodFor(played, FOR)]).toMatchObject([{ owner: ID.name, value: { start: 2, ids: ['job-9'] } }, { owner: ID.name, value: { start: 2, ids: ['job-9'] } }]);
  });

  it('later than its cooldown after it chose holds for the cooldown from now', async () => {
    const lateBy = async (ms: number) => (await stoodFor((await play({ stands: [began(1), chose(1, 'job-1')] }, aPick({ receivedAt: NOON + ms }), ({ clock }) => clock.advanceTo(NOON + ms))).played))?.until;
    expect([await lateBy(14 * MINUTE_MS), await lateBy(15 * MINUTE_MS), await lateBy(15 * MINUTE_MS + 1)]).toEqual([NOON + 19 * MINUTE_MS, NOON + 20 * MINUTE_MS, NOON + 30 * MINUTE_MS + 1]);
  });
});

describe('a pick whose ledger', () => {
  const refused = new LedgerFailed('refused', 'no');

  it('is away at its turn looks again, until 15 min after it came', async () => {
    const away = await play({}, aPick(), failing('claim', 'pick/'));
    expect(away.end).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect(away.clock.sleeps.every((ms) => ms === 10_000)).toBe(true);
    expect(away.clock.now()).toBe(NOON + 15 * MINUTE_MS + 10_000);
    const never = await play({}, aPick(), failing('claim', 'pick/', refused));
    expect([never.end, never.clock.sleeps]).toEqual([expect.objectContaining({ outcome: 'failed', code: 'ledger' }), []]);
    await expect(play({}, aPick(), ({ ledger }) => void (ledger.claim = () => Promise.reject(new TypeError('a fault of ours'))))).rejects.toThrow('a fault of ours');
  });

  it('does not take the choice fails, gives its turn back, and nothing was started', async () => {
    const { end, played } = await play({}, aPick(), failing('claim', 'start/', refused));
    expect(end).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect([played.started, await stoodFor(played)]).toEqual([[], undefined]);
    expect(played.budgets.map(([name]) => name)).not.toContain('cooldown');
  });

  it('does not hold the choice fails, and nothing was started', async () => {
    let claims = 0;
    const { end, started } = await play({}, aPick(), ({ ledger }) => void (ledger.script = ({ on, partitions }) => (on === 'claim' && partitions[0]?.startsWith('pick/') && ++claims > 1 ? refused : undefined)));
    expect([end, started]).toEqual([expect.objectContaining({ outcome: 'failed', code: 'ledger' }), []]);
  });

  it('cannot note what was picked: the kills were started', async () => {
    const { end, started } = await play({}, aPick(), failing('put', 'day/', refused));
    expect(end).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect(started).toEqual([]);
    const later = await play({ stands: [entryOf(startBegan(ID.name, 1), { at: NOON, since: NOON })] }, aPick(), failing('put', 'day/', refused));
    expect([later.end, later.started.length]).toEqual([undefined, 1]);
  });
});
