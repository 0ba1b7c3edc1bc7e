import { describe, expect, it } from '@jest/globals';
import { type Answer, startAnswer, startBegan, startEnd, startHeld } from '../../lib/ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../../lib/ledger/port.ts';
import { claimAnswer, claimClick, type Answered, type Click } from '../../lib/slack/claim-answer.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { NOON } from '../core/a-job.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { APPROVER, aSlack, KILLER, type SlackPlan } from './a-slack.ts';

const NAME = 'slack-live-1';
const ID = { name: NAME, start: 1 };
const asked = (more: object = { who: 'approver' }): PutEntry => entryOf(startHeld(NAME, 1, 'asked'), { at: NOON, until: NOON + 900_000, callback: 'callback-1', ...more });
const began = entryOf(startBegan(NAME, 1), { at: NOON, since: NOON, person: KILLER });
const stands = (value: Partial<Answer>): PutEntry => entryOf(startAnswer(NAME, 1), { at: NOON - 1, what: 'yes', by: APPROVER, ...value });
const ended = (outcome: 'expired' | 'declined'): PutEntry => entryOf(startEnd(NAME, 1), endAs({ outcome }));

type More = { fails?: (call: WatchedCall, number: number) => boolean; wakes?: () => 'taken' | 'late' | Error; refuse?: Answered['refuse'] };
const lost = new LedgerFailed('refused', 'no rights');

async function prepared({ fails = () => false, wakes = () => 'taken', ...plan }: SlackPlan & More) {
  const played = await aSlack(plan);
  const woken: [string, string][] = [];
  let calls = 0;
  played.ledger.script = (call) => (fails(call, ++calls) ? lost : undefined);
  const engine = {
    ...played.engine,
    async answer(callback: string, with_: string) {
      woken.push([callback, with_]);
      const answer = wakes();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const parts = { ...played.parts, engine };
  const answerOnRecord = async () => {
    played.ledger.script = () => undefined;
    return (await played.stands(startAnswer(NAME, 1)))?.value;
  };
  return { ...played, parts, woken, answerOnRecord };
}

async function answer(plan: SlackPlan & More, { what = 'yes', user = APPROVER }: Partial<Answered> = {}) {
  const played = await prepared(plan);
  const seen: unknown[] = [];
  const told = await claimAnswer(played.parts, { log: played.log }, ID, { what, user, refuse: (question) => (seen.push(question), plan.refuse?.(question)) });
  return { ...played, told, seen };
}

describe('an answer to a question', () => {
  it.each(['yes', 'no'] as const)('%s is put on record in that person\'s name, and wakes the run', async (what) => {
    const { told, seen, woken, answerOnRecord } = await answer({ stands: [asked(), began] }, { what });
    expect([told, seen, woken]).toEqual([undefined, [{ who: 'approver', requestedBy: KILLER }], [['callback-1', 'answered']]]);
    expect(await answerOnRecord()).toEqual({ at: NOON, what, by: APPROVER });
  });

  it('is for the question on record, whatever the button says', async () => {
    const refusal = { rule: 'mayApprove', why: 'no' } as const;
    const { told, woken, answerOnRecord } = await answer({ stands: [asked(), began], refuse: () => refusal });
    expect([told, woken, await answerOnRecord()]).toEqual([refusal, [], undefined]);
  });

  it('of a question that does not say whose it is is taken; of one by nobody known nobody asked', async () => {
    expect(await answer({ stands: [asked({}), began] })).toMatchObject({ told: undefined, seen: [] });
    expect((await answer({ stands: [asked()] })).seen).toEqual([{ who: 'approver', requestedBy: '' }]);
  });

  it.each<[string, PutEntry[], string]>([
    ['that was answered', [asked(), stands({})], `This was already decided by <@${APPROVER}>.`],
    ['whose time was up', [asked(), stands({ what: 'time', by: undefined as never })], 'This question has expired; nothing was done.'],
    ['that nobody known answered', [asked(), stands({ by: undefined as never })], 'This was already decided, or has expired.'],
    ['whose answer cannot be read', [asked(), entryOf(startAnswer(NAME, 1), { what: 'perhaps' })], 'This was already decided, or has expired.'],
    ['that is not there', [], 'This was already decided, or has expired.'],
    ['that is not there, since it expired', [ended('expired')], 'This question has expired; nothing was done.'],
    ['that is not there any more, but its answer', [stands({})], `This was already decided by <@${APPROVER}>.`],
    ['whose start has ended', [asked(), ended('declined')], 'This was already decided, or has expired.'],
    ['whose start has ended since it expired', [asked(), ended('expired')], 'This question has expired; nothing was done.'],
  ])('to one %s says so, and wakes nobody', async (_what, entries, words) => {
    const { told, woken } = await answer({ stands: entries }, { user: KILLER, what: 'no' });
    expect([told, woken]).toEqual([words, []]);
  });

  it('that comes twice wakes the run once more, and says that it was taken', async () => {
    const { told, woken } = await answer({ stands: [asked(), stands({})] });
    expect([told, woken]).toEqual([`This was already decided by <@${APPROVER}>.`, [['callback-1', 'answered']]]);
  });

  it('of one without a callback wakes nobody: its run finds it', async () => {
    expect(await answer({ stands: [asked({ callback: undefined })] })).toMatchObject({ told: undefined, woken: [] });
  });
});

describe('where something fails', () => {
  const AGAIN = 'This click could not be taken now; please click again.';
  const TAKEN = 'This click was taken. If the card stays as it is for a minute, please click again.';
  const isGet = ({ on }: WatchedCall): boolean => on === 'get';
  let gets = 0;
  const cases: [string, More, string, string, boolean][] = [
    ['the question cannot be read', { fails: isGet }, AGAIN, 'the question of a click could not be read', false],
    ['the claim fails', { fails: ({ on }) => on === 'claim' }, AGAIN, 'a click could not be put on record', false],
    ['what it wakes cannot be read', { fails: (call) => isGet(call) && ++gets > 1 }, TAKEN, 'a click is on record, but the run could not be woken', true],
    ['the run cannot be woken', { wakes: () => new EngineFailed('no answer') }, TAKEN, 'a click is on record, but the run could not be woken', true],
  ];

  it.each(cases)('%s: the person is told, and the log says it', async (_what, more, words, message, isTaken) => {
    gets = 0;
    const { told, lines, answerOnRecord } = await answer({ stands: [asked(), began], ...more });
    expect(told).toBe(words);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ message, name: NAME, start: 1 }]);
    expect((await answerOnRecord()) !== undefined).toBe(isTaken);
  });

  it.each(cases)('%s: a click that comes again throws only where it is not on record', async (_what, more, words, _message, isTaken) => {
    gets = 0;
    const done = answer({ stands: [asked(), began], comesAgain: true, ...more });
    if (isTaken) expect((await done).told).toBe(words);
    else await expect(done).rejects.toBe(lost);
  });

  it('a bug is thrown on', async () => {
    await expect(answer({ stands: [asked(), began], wakes: () => new TypeError('a bug') })).rejects.toThrow(TypeError);
    const { parts, ledger, log } = await prepared({ stands: [asked(), began] });
    ledger.script = () => {
      throw new TypeError('a bug');
    };
    await expect(claimAnswer(parts, { log }, ID, { what: 'yes', user: APPROVER, refuse: () => undefined })).rejects.toThrow(TypeError);
  });

  it('is tried three times before two seconds are over where it may pass', async () => {
    const played = await prepared({ stands: [asked(), began] });
    played.ledger.script = ({ on }) => (on === 'claim' ? 'fails' : undefined);
    await claimAnswer(played.parts, { log: played.log }, ID, { what: 'yes', user: APPROVER, refuse: () => undefined });
    expect(played.ledger.calls.filter(({ on }) => on === 'claim')).toHaveLength(3);
    expect(played.clock.now()).toBeLessThan(NOON + 2_000);
  });
});

describe('a click on a warning', () => {
  const click = async (plan: SlackPlan & More, more: Partial<Click> = {}) => {
    const played = await prepared(plan);
    const claimed = await claimClick(played.parts, { log: played.log }, ID, { on: 'warned', what: 'keep', user: KILLER, ...more }, NOON + 2_000);
    return { ...played, claimed };
  };
  const warned = entryOf(startHeld(NAME, 1, 'warned'), { at: NOON, until: NOON + 900_000, callback: 'callback-1' });
  const key = { partition: 'kept', rest: 'job-1' };
  const besides = (answer: Answer): PutEntry[] => [{ key, value: answer, until: NOON + 900_000 }];

  it('puts beside it what a keep is, with the answer that stands', async () => {
    const played = await click({ stands: [warned] }, { besides });
    expect([played.claimed, played.woken]).toEqual([{ is: 'taken' }, [['callback-1', 'answered']]]);
    expect((await played.stands(key))?.value).toEqual({ at: NOON, what: 'keep', by: KILLER });
  });

  it.each<[string, PutEntry[], object]>([
    ['that another answered', [warned, stands({ what: 'kill' })], { is: 'late', answer: { at: NOON - 1, what: 'kill', by: APPROVER } }],
    ['that the same person answered otherwise', [warned, stands({ what: 'kill', by: KILLER })], { is: 'late', answer: { at: NOON - 1, what: 'kill', by: KILLER } }],
    ['that another answered alike', [warned, stands({ what: 'keep' })], { is: 'late', answer: { at: NOON - 1, what: 'keep', by: APPROVER } }],
    ['that has ended', [warned, ended('declined')], { is: 'ended', end: endAs({ outcome: 'declined' }) }],
    ['that is not there', [], { is: 'ended', end: undefined }],
  ])('%s leaves nothing beside it', async (_what, entries, claimed) => {
    const played = await click({ stands: entries }, { besides });
    expect([played.claimed, played.woken, await played.stands(key)]).toEqual([claimed, [], undefined]);
  });

  it('that came once more puts it again, and is late', async () => {
    const played = await click({ stands: [warned, stands({ what: 'keep', by: KILLER })] }, { besides });
    expect([played.claimed, (await played.stands(key))?.value]).toEqual([{ is: 'late', answer: { at: NOON - 1, what: 'keep', by: KILLER } }, { at: NOON - 1, what: 'keep', by: KILLER }]);
    const onEnded = await click({ stands: [warned, stands({ what: 'keep', by: KILLER }), ended('declined')] }, { besides });
    expect(onEnded.claimed).toMatchObject({ is: 'late' });
  });

  it('with nothing beside it writes nothing', async () => {
    expect((await click({ stands: [warned] }, { besides: () => [] })).ledger.calls.map(({ on }) => on)).toEqual(['claim', 'get']);
  });
});
