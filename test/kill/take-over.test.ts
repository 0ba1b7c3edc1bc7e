import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Trouble } from '../../lib/core/errors.ts';
import {
  type Answer, type Began, type EndEntry, type Held, nameKey, type Post, type PostAnswer, runJob, runPost, runPostAnswer, startAnswer, startBegan, startCard, startEnd, startHeld, startTold,
} from '../../lib/ledger/keys.ts';
import { jobSeen } from '../../lib/kill/history-entries.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID } from './a-run.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

const MINUTE_MS = 60_000;
const NAME = ID.name;
const JOB = aJob();
const CARD = { channel: 'C9', ts: '9.9' };
const MUTE: Trouble = { service: 'MRS', kind: 'timeout', message: 'late' };
const BROKE_OFF = 'MRS gave no answer: the run that sent the kill broke off before its answer';

const began = entryOf(startBegan(NAME, 1), { at: NOON - MINUTE_MS, since: NOON - 2 * MINUTE_MS } satisfies Began);
const post = (number: number, answer?: PostAnswer['what']): PutEntry[] => [
  entryOf(runPost(NAME, number), { at: NOON - MINUTE_MS } satisfies Post),
  ...(answer ? [entryOf(runPostAnswer(NAME, number), { at: NOON - MINUTE_MS, what: answer } satisfies PostAnswer)] : []),
];
const asked = (more: Partial<Held> = {}): PutEntry => entryOf(startHeld(NAME, 1, 'asked'), { at: NOON - 10 * MINUTE_MS, until: NOON + 5 * MINUTE_MS, who: 'approver', why: 'ask: it said so then', ...more } satisfies Held);
const answered = (what: Answer['what'], by?: string): PutEntry => entryOf(startAnswer(NAME, 1), { at: NOON - MINUTE_MS, what, ...(by !== undefined && { by }) } satisfies Answer);
const endAs = (more: Partial<EndEntry>): EndEntry => ({ at: NOON, trigger: 'alerts', by: 'x', why: '', since: NOON, began: NOON, outcome: 'killed', reason: 'it was so', ...more });

describe('a run that takes over after a POST', () => {
  it.each<[what: string, stands: PutEntry[], posts: number[], end: Partial<End>]>([
    ['that was accepted sends none', post(1, 'accepted'), [], { outcome: 'still-running' }],
    ['that was accepted, after which others were not, sends none', [...post(1, 'accepted'), ...post(2, 'unsent')], [], { outcome: 'still-running' }],
    ['that was refused sends the next at once', post(1, 'refused'), [0], { outcome: 'killed' }],
    ['that never left sends it at once', post(1, 'unsent'), [0], { outcome: 'killed' }],
    ['whose answer nobody knows sends the next after 10 s', post(1), [10_000], { outcome: 'killed' }],
    ['that went unanswered sends the next after 10 s', post(1, 'unanswered'), [10_000], { outcome: 'killed' }],
    ['and two more without an answer sends none, and follows', [...post(1), ...post(2, 'unanswered'), ...post(3)], [], { outcome: 'failed', code: 'unanswered', mayTakeEffect: true, reason: expect.stringContaining(BROKE_OFF) as never }],
    ['of which three were refused, not lost, sends the next', [...post(1, 'refused'), ...post(2, 'unsent'), ...post(3, 'impossible')], [0], { outcome: 'killed' }],
  ])('%s', async (_, stands, posts, end) => {
    const run = await aRun({ stands: [began, ...stands] });
    expect(await run.play()).toMatchObject(end);
    expect(run.posts).toEqual(posts);
  });

  it('none of which was answered follows all the same: the job may end', async () => {
    const run = await aRun({ stands: [began, ...post(1), ...post(2), ...post(3)], endsAtMs: 60_000 });
    expect(await run.play()).toMatchObject({ outcome: 'finished-first' });
    expect(run.posts).toEqual([]);
  });

  it('that was accepted follows for half an hour, to the second', async () => {
    const run = await aRun({ stands: [began, ...post(1, 'accepted')] });
    expect(await run.play()).toMatchObject({ outcome: 'still-running' });
    expect(run.clock.now() - NOON).toBe(1_800_000);
  });

  it.each([post(1), post(1, 'accepted'), post(1, 'unanswered'), [...post(1, 'refused'), ...post(2)]])('that may have worked, finds the job over, and ends as after a kill', async (...stands) => {
    const over = aJob({ job_state: 'FINISHED', job_result: 'SUCCEEDED' });
    const run = await aRun({ stands: [began, ...stands], job: over });
    expect(await run.play()).toMatchObject({ outcome: 'finished-first', reason: 'it ended by itself: FINISHED, result SUCCEEDED' });
    expect(run.posts).toEqual([]);
  });

  it.each([post(1, 'refused'), [began]])('that was refused, or with none, finds the job over, and had nothing to kill', async (...stands) => {
    const run = await aRun({ stands: [began, ...stands], job: aJob({ job_state: 'KILLED' }) });
    expect(await run.play()).toMatchObject({ outcome: 'already-over' });
    expect(run.posts).toEqual([]);
  });

  it('that never was is too late after 15 min, though a card stands, and nothing was killed', async () => {
    const run = await aRun({ stands: [began, entryOf(startCard(NAME, 1, CARD.channel, CARD.ts), CARD)] });
    expect(await run.play({ receivedAt: NOON - 16 * MINUTE_MS })).toMatchObject({ outcome: 'expired' });
    expect([run.targets, run.posts]).toEqual([[], []]);
  });

  it.each<[what: string, stands: PutEntry[], outcome: string]>([
    ['the first of two was refused', [...post(1, 'refused'), ...post(2, 'unsent')], 'already-over'],
    ['one of two may have worked', [...post(1, 'refused'), ...post(2)], 'finished-first'],
    ['there was none', [], 'already-over'],
  ])('finds the job over at its second look, and says what it came to by its POSTs: %s', async (_, stands, outcome) => {
    const run = await aRun({ stands: [began, ...stands], endsAtMs: 1_000 });
    const { look } = run.parts;
    run.parts.look = async (target) => {
      const looked = await look(target);
      run.clock.advanceTo(NOON + 1_000);
      return looked;
    };
    expect(await run.play()).toMatchObject({ outcome });
    expect(run.posts).toEqual([]);
  });

  it('finds the job over during the 10 s, and sends none', async () => {
    const run = await aRun({ stands: [began, ...post(1)], endsAtMs: 9_000 });
    expect(await run.play()).toMatchObject({ outcome: 'finished-first' });
    expect(run.posts).toEqual([]);
  });

  it('gives up where no 10 s are left, and says that the earlier one may still take effect', async () => {
    const run = await aRun({ stands: [began, ...post(1)] });
    run.parts.moves.wait = async () => false;
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'timeout', mayTakeEffect: true, reason: expect.stringContaining(`${BROKE_OFF}; a kill was sent before and may still take effect`) });
    expect(run.posts).toEqual([]);
  });

  it('sends no more than three in all, and numbers them on', async () => {
    const run = await aRun({ stands: [began, ...post(1), ...post(2, 'refused')], onPost: () => MUTE });
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'unanswered' });
    expect(run.posts).toEqual([10_000, 20_000]);
    expect(Object.keys(await run.stored(`run/${NAME}`))).toEqual(['answer/2', 'answer/3', 'answer/4', 'job', 'post/1', 'post/2', 'post/3', 'post/4', 'record']);
  });

  it('counts the first POST from the first moment that can be read', async () => {
    const run = await aRun({ stands: [began, entryOf(runPost(NAME, 1), 'torn'), ...post(2, 'refused')] });
    await run.play();
    expect(await run.ledger.get([nameKey(ANALYTICS.id, JOB.job_name, JOB.job_id, NAME)], { now: NOON })).toMatchObject([{ value: { at: NOON - MINUTE_MS } }]);
  });

  it.each<[what: string, stands: PutEntry[], isUnknown: boolean]>([['that got no answer', post(1), true], ['that MRS refused', post(1, 'refused'), false]])('%s, and comes too late for another one, says whether it may still work', async (_, stands, isUnknown) => {
    const run = await aRun({ stands: [began, ...stands] });
    const end = await run.play({ receivedAt: NOON - 16 * MINUTE_MS });
    expect([end.outcome, end.reason.endsWith('; a kill was sent before and may still take effect'), end.mayTakeEffect]).toEqual(['expired', isUnknown, isUnknown ? true : undefined]);
    expect(run.posts).toEqual([]);
  });

  it('is not too late for a look, however old the request is, and for another POST it is', async () => {
    const run = await aRun({ stands: [began, ...post(1, 'refused')] });
    expect(await run.play({ receivedAt: NOON - 16 * MINUTE_MS })).toMatchObject({ outcome: 'expired' });
    expect([run.targets.length, run.posts]).toEqual([1, []]);
  });

  it('follows one that was accepted, however old the request is, with who said yes', async () => {
    const run = await aRun({ stands: [began, asked(), answered('yes', 'U1'), ...post(1, 'accepted')], endsAtMs: 5_000 });
    expect(await run.play({ receivedAt: NOON - 60 * MINUTE_MS })).toMatchObject({ outcome: 'finished-first' });
    expect(run.posts).toEqual([]);
  });
});

describe('a run that takes over where an end stands', () => {
  it.each<[what: string, stands: PutEntry[], end: Partial<End>]>([
    ['its End', [entryOf(startEnd(NAME, 1), endAs({ outcome: 'declined', answeredBy: 'U1' }))], { outcome: 'declined', answeredBy: 'U1', reason: 'it was so' }],
    ['what people were told of it', [entryOf(startTold(NAME, 1), { at: NOON, end: endAs({ outcome: 'failed', code: 'FAILED' }) })], { outcome: 'failed', code: 'FAILED' }],
    ['its End, not what people were told', [entryOf(startTold(NAME, 1), { at: NOON, end: endAs({}) }), entryOf(startEnd(NAME, 1), endAs({ outcome: 'refused', rule: 'ask' }))], { outcome: 'refused', rule: 'ask' }],
    ['a no, though more than 15 min have passed', [asked(), answered('no', 'U2')], { outcome: 'declined', answeredBy: 'U2' }],
  ])('%s ends as that, asks MRS nothing, and nothing was killed', async (_, stands, end) => {
    const run = await aRun({ stands: [began, entryOf(startCard(NAME, 1, CARD.channel, CARD.ts), CARD), ...stands] });
    expect(await run.play({ receivedAt: NOON - 99 * MINUTE_MS })).toMatchObject(end);
    expect([run.targets, run.posts]).toEqual([[], []]);
    expect(run.shown.map(({ card }) => card)).toEqual(stands.some(({ key }) => key.rest.endsWith('/told')) ? [] : [CARD]);
  });
});

const REFUSED = { outcome: 'refused', rule: 'ask', answeredBy: 'U1', reason: 'ask: an approver has to approve the kill of nightly-etl first; only the requester has confirmed it; ask again' };

describe('a run that takes over a question', () => {
  const yes = { answer: 'kill', card: CARD, user: 'U1', tookMs: 3 * MINUTE_MS } as const;
  it.each<[what: string, held: Partial<Held>, question: object]>([
    ['asks what was asked, though nobody would be asked today', {}, { who: 'approver', reason: 'ask: it said so then' }],
    ['asks the requester where it is not known who', { who: undefined, why: undefined }, { who: 'requester', reason: 'ask: it was asked before' }],
  ])('%s', async (_, held, question) => {
    const questions: object[] = [];
    const run = await aRun({ stands: [began, asked(held)], ask: (put) => (questions.push(put), yes) });
    expect(await run.play({ receivedAt: NOON - 14 * MINUTE_MS })).toMatchObject({ outcome: 'killed', answeredBy: 'U1' });
    expect(questions).toEqual([question]);
  });

  it('asks however old the request is; the time that it took comes on top of the 15 minutes', async () => {
    for (const [minutes, outcome, posts] of [[32, 'killed', [0]], [33.01, 'expired', []]] as const) {
      const run = await aRun({ stands: [began, asked()], ask: () => yes });
      expect(await run.play({ receivedAt: NOON - minutes * MINUTE_MS })).toMatchObject({ outcome });
      expect(run.posts).toEqual(posts);
    }
  });

  it('goes on after a yes without asking; the time up to it comes on top of the 15 minutes', async () => {
    for (const [minutes, outcome, posts] of [[24, 'killed', [0]], [24.01, 'expired', []]] as const) {
      const run = await aRun({ stands: [began, asked(), answered('yes', 'U1')] });
      const end = await run.play({ receivedAt: NOON - minutes * MINUTE_MS });
      expect(end).toMatchObject({ outcome });
      if (outcome === 'killed') expect(end.answeredBy).toBe('U1');
      expect(run.posts).toEqual(posts);
    }
  });

  it('takes back no time where the answer seems to come before the question', async () => {
    const run = await aRun({ stands: [began, asked({ at: NOON + MINUTE_MS }), answered('yes', 'U1')] });
    expect(await run.play({ receivedAt: NOON - 15 * MINUTE_MS })).toMatchObject({ outcome: 'killed' });
  });

  it('takes a yes for an approver\'s only where one was asked: else nothing was killed', async () => {
    for (const [who, end] of [['approver', { outcome: 'killed', answeredBy: 'U1' }], ['requester', REFUSED], [undefined, REFUSED]] as const) {
      const run = await aRun({ stands: [began, asked({ who }), answered('yes', 'U1')], policy: { ask: [{ who: 'approver' }] }, ask: () => { throw new Error('asked twice'); } });
      expect(await run.play()).toMatchObject(end);
      expect(run.posts).toEqual(who === 'approver' ? [0] : []);
    }
  });
});

describe('a run that takes over knows which job is meant', () => {
  const named = { cluster: 'analytics', job: { by: 'name', name: 'nightly-etl' } } as const;
  it.each<[what: string, stands: PutEntry[], target: object]>([
    ['by its id, where it was found', [began, entryOf(runJob(NAME), jobSeen([ANALYTICS], JOB))], { cluster: ANALYTICS.id, job: { by: 'mrs-id', id: JOB.job_id } }],
    ['by the name that it had when the request was first known', [began], { ...named, submittedBefore: NOON - 2 * MINUTE_MS }],
    ['as it was asked for, where nobody began', [], named],
  ])('%s', async (_, stands, target) => {
    const run = await aRun({ stands });
    await run.play({ target: named });
    expect(run.targets[0]).toEqual(target);
  });

  it('never later than the alert says', async () => {
    for (const submittedBefore of [NOON - 3 * MINUTE_MS, NOON - MINUTE_MS]) {
      const run = await aRun({ stands: [began] });
      await run.play({ target: { ...named, submittedBefore } });
      expect(run.targets[0]?.submittedBefore).toBe(Math.min(submittedBefore, NOON - 2 * MINUTE_MS));
    }
  });
});
