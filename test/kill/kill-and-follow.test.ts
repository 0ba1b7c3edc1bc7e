import { describe, expect, it } from '@jest/globals';
import type { Trouble } from '../../lib/core/errors.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { type Kept, keptKey, nameKey, runPost, startBegan } from '../../lib/ledger/keys.ts';
import type { Posted } from '../../lib/kill/post.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID, type PlayedRun, type RunPlan } from './a-run.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

const JOB = aJob();
const BUSY: Trouble = { service: 'MRS', kind: 'busy', errorCode: '0180', message: 'busy' };
const DENIED: Trouble = { service: 'MRS', kind: 'forbidden', errorCode: '0192', message: 'no' };
const MUTE: Trouble = { service: 'MRS', kind: 'timeout', message: 'late' };
const inRun = (run: PlayedRun): Promise<Record<string, unknown>> => run.stored(`run/${ID.name}`);
async function played(plan: RunPlan, request: Partial<KillRequest> = {}): Promise<PlayedRun> {
  const run = await aRun(plan);
  await run.play(request);
  return run;
}

describe('a kill', () => {
  it('goes its way', async () => {
    const run = await played({});
    expect(run.trail).toEqual(['begin', 'look', 'look-again', 'place', 'record', 'audit-before', 'kill-1', 'POST', 'answer-1', 'killing', 'follow', 'GET', 'end', 'audit', 'report', 'history']);
  });

  it('is on record before its POST: who, why, which job, under which policy, and when', async () => {
    const run = await played({}, { requestedBy: 'MrsJobStuck', reason: 'stuck' });
    expect(await inRun(run)).toEqual({
      'answer/1': { at: NOON, what: 'accepted' }, job: expect.objectContaining({ job_id: JOB.job_id, cluster: ANALYTICS.id }), 'post/1': { at: NOON },
      record: { at: NOON, trigger: 'alerts', by: 'MrsJobStuck', why: 'stuck', asked: JOB.job_id, job: expect.objectContaining({ job_id: JOB.job_id }), policyHash: 'hash' },
    });
    expect(await run.ledger.get([nameKey(ANALYTICS.id, JOB.job_name, JOB.job_id, ID.name)], { now: NOON })).toMatchObject([{ value: { at: NOON }, until: NOON + 75 * 60_000 }]);
    expect(run.lines[0]).toMatchObject({ level: 'audit', message: 'killing', run: ID.name, kill_id: 'kill-1', requested_by: 'MrsJobStuck', job: { job_id: JOB.job_id } });
    const day = await run.stored('day/2026-03-01');
    expect(Object.keys(day)).toEqual(['2026-03-01T12:00:00.000Z-alerts-live-1-0', '2026-03-01T12:00:00.000Z-alerts-live-1-1']);
    expect(Object.values(day)[0]).toMatchObject({ job: { job_id: JOB.job_id } });
  });

  it.each<[what: string, onPost: NonNullable<RunPlan['onPost']>, answers: object]>([
    ['refused for now, then taken', (post) => (post === 1 ? BUSY : 'taken'), { 'answer/1': { at: NOON, what: 'refused', code: '0180' }, 'answer/2': { at: NOON + 2_000, what: 'accepted' } }],
    ['refused for good', () => DENIED, { 'answer/1': { at: NOON, what: 'refused', code: '0192' } }],
    ['unanswered, then taken', (post) => (post === 1 ? MUTE : 'taken'), { 'answer/1': { at: NOON, what: 'unanswered', code: 'timeout' }, 'answer/2': { at: NOON + 10_000, what: 'accepted' } }],
  ])('has on record what became of each POST: %s', async (_, onPost, answers) => {
    const run = await played({ onPost });
    expect(await inRun(run)).toMatchObject(answers);
    const posts = run.posts.length;
    expect(run.lines.filter(({ level }) => level === 'warn')).toMatchObject(Array.from({ length: 'answer/2' in answers ? posts - 1 : posts }, (__, index) => ({ message: 'the kill was not accepted', post: index + 1, trouble: { service: 'MRS' } })));
    expect(run.lines.filter(({ message }) => message === 'killing')).toHaveLength(1);
    const first = await run.ledger.get([nameKey(ANALYTICS.id, JOB.job_name, JOB.job_id, ID.name)], { now: NOON });
    expect(first).toMatchObject([{ value: { at: NOON } }]); // the first POST's moment, whenever the last one left
  });

  it('whose POST is on record and does not leave has that as its answer, and nothing was killed', async () => {
    const run = await aRun();
    let reads = 0;
    run.parts.readBrake = async () => (++reads === 3 ? { rule: 'paused', reason: 'x' } : undefined);
    expect(await run.play()).toMatchObject({ outcome: 'refused', rule: 'paused' });
    expect(await inRun(run)).toMatchObject({ 'post/1': { at: NOON }, 'answer/1': { at: NOON, what: 'unsent' } });
    expect(run.posts).toEqual([]);
  });

  it('that cannot be put on record does not leave, says what to do by hand, and nothing was killed', async () => {
    const run = await aRun();
    run.ledger.script = ({ on, partitions }) => (on === 'put' && partitions.includes(`run/${ID.name}`) ? 'fails' : undefined);
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'ledger', reason: expect.stringMatching(/^the ledger could not be used: .*; by hand: hcloud /) });
    expect([run.posts, run.lines.filter(({ message }) => message === 'killing')]).toEqual([[], []]);
  });

  it('whose answer cannot be written leaves it with the next POST, or at its end', async () => {
    for (const [onPost, answers] of [[(post: number) => (post === 1 ? BUSY : 'taken'), ['answer/1', 'answer/2']], [() => 'taken', ['answer/1']]] as [NonNullable<RunPlan['onPost']>, string[]][]) {
      const run = await aRun({ onPost });
      run.ledger.script = ({ on, partitions }) => (on === 'put' && partitions.join() === `run/${ID.name}` ? 'fails' : undefined);
      expect(await run.play()).toMatchObject({ outcome: 'killed' });
      expect(Object.keys(await inRun(run)).filter((rest) => rest.startsWith('answer'))).toEqual(answers);
    }
  });

  it('whose POST was interrupted has no answer on record, and sends the next 10 s later', async () => {
    const run = await aRun({ onPost: (post) => (post === 1 ? MUTE : 'taken') });
    const { moves } = run.parts;
    run.parts.moves = {
      ...moves,
      async stepOnce(name, move) {
        const done = await moves.stepOnce(name, move);
        return name === 'kill-1' ? 'interrupted' : done;
      },
    };
    expect(await run.play()).toMatchObject({ outcome: 'killed' });
    expect(run.posts).toEqual([0, 10_000]);
    expect(run.trail).toContain('before-kill-2 10');
    expect(Object.keys(await inRun(run))).toEqual(['answer/2', 'job', 'post/1', 'post/2', 'record']);
  });

  it('each of whose POSTs was interrupted says so in the end', async () => {
    const run = await aRun({ onPost: () => MUTE });
    run.parts.moves.stepOnce = async () => 'interrupted';
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'unanswered', reason: expect.stringMatching(/^MRS gave no answer: the function ended while the kill was being sent; MRS answered none of our kills/) });
    expect(run.posts).toEqual([]);
  });

  it.each<Posted>([
    { kind: 'braked', brake: { rule: 'paused', reason: 'x' } }, { kind: 'expired' }, { kind: 'over', job: aJob({ job_state: 'FINISHED' }) }, { kind: 'refused', refusal: { outcome: 'refused', reason: 'x' } }, { kind: 'unready', code: 'x', reason: 'x' },
  ])('whose POST did not leave has that as its answer: $kind; nothing was killed', async (posted) => {
    const run = await aRun();
    run.parts.moves = { ...run.parts.moves, stepOnce: async () => posted as never };
    await run.play();
    expect(await inRun(run)).toMatchObject({ 'answer/1': { at: NOON, what: 'unsent' } });
    expect(run.posts).toEqual([]);
  });

  it('whose answer cannot be written at first leaves it with the next POST, whatever cannot be written later', async () => {
    const run = await aRun({ onPost: (post) => (post === 1 ? BUSY : 'taken') });
    run.ledger.script = ({ on, partitions }) => (on === 'put' && (partitions.join() === `run/${ID.name}` || run.trail.includes('killing')) ? 'fails' : undefined);
    expect(await run.play()).toMatchObject({ outcome: 'killed' });
    expect(Object.keys(await inRun(run))).toEqual(['answer/1', 'job', 'post/1', 'post/2', 'record']);
  });

  it('of a pick\'s child is known to the pick before its POST', async () => {
    const pickedBy = { name: 'pick', start: 2 };
    expect(await (await played({}, { pickedBy })).stored('start/pick')).toMatchObject({ [`000002/posted/${JOB.job_id}`]: { at: NOON } });
    const byName = await played({}, { pickedBy, target: { job: { by: 'name', name: 'etl' } } });
    expect(Object.keys(await byName.stored('start/pick'))).toEqual([]);
  });

  it('says that it is under way, whose job it was, and its end in the same message, which is on record', async () => {
    const kept: Kept = { at: NOON, until: NOON + HOUR_MS, usedMs: 1, by: 'U2', rule: 'r', job: { cluster: 'c', job_id: JOB.job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } };
    const run = await played({ stands: [entryOf(keptKey(JOB.job_id, { name: 'r' }, 'w', 1), kept)] });
    const card = { channel: 'C1', ts: '1' };
    expect(run.shown).toMatchObject([
      { view: { stage: 'killing', job: JOB, kept: { until: NOON + HOUR_MS, by: 'U2' } }, card: undefined },
      { view: { stage: 'end', end: { outcome: 'killed', reason: 'MRS says that the job was killed; it was kept until 2026-03-01 13:00 UTC by U2' } }, card },
    ]);
    expect(await run.stored(`start/${ID.name}`)).toMatchObject({ '000001/card/C1/1': card });
  });

  it('goes on where nobody can be told that it is under way', async () => {
    const run = await aRun({
      onShow(view) {
        if (view.stage === 'killing') throw new Error('channel_not_found');
      },
    });
    expect(await run.play()).toMatchObject({ outcome: 'killed' });
    expect(run.shown).toMatchObject([{ view: { stage: 'end' }, card: undefined }]);
  });

  it('goes on where its message cannot be put on record', async () => {
    const run = await aRun();
    run.ledger.script = ({ on, partitions }) => (on === 'put' && run.trail.includes('killing') && partitions.join() === `start/${ID.name}` ? 'fails' : undefined);
    expect(await run.play()).toMatchObject({ outcome: 'killed' });
    expect(run.shown.at(-1)).toMatchObject({ card: { channel: 'C1', ts: '1' } });
  });

  it('without a place in the hour sends nothing', async () => {
    const run = await aRun({ policy: { limits: { perDelivery: 1, perHour: 1, percentOfRunning: 1 } } });
    await run.ledger.take({ partition: 'places', rest: '-' }, 'other', { most: 1, windowMs: HOUR_MS }, { now: NOON });
    expect(await run.play()).toMatchObject({ outcome: 'refused', rule: 'perHour' });
    expect([run.posts, await inRun(run)]).toEqual([[], {}]);
  });
});

describe('a kill that begins and ends with one call, as REST does', () => {
  const plan: RunPlan = { isSilent: true, pace: { takesOver: false, mostPosts: 1, settles: false, lookCountsForMs: 10_000, ifStillAlive: 'accepted' } };

  it('puts all on record at once, looks once, and remembers no answer', async () => {
    const run = await aRun(plan);
    expect(await run.play({ trigger: 'api' })).toMatchObject({ outcome: 'killed' });
    expect(run.trail).toEqual(['look', 'record', 'audit-before', 'kill-1', 'POST', 'follow', 'GET', 'history', 'end', 'audit']);
    expect(Object.keys(await inRun(run))).toEqual(['job', 'post/1', 'record']);
    expect(Object.keys(await run.stored(`start/${ID.name}`))).toEqual(['000001/began', '000001/end']);
  });

  it('waits between its POSTs, and not after the last', async () => {
    const run = await aRun({ ...plan, pace: { ...plan.pace, mostPosts: 2 }, onPost: () => MUTE });
    expect(await run.play({ trigger: 'api' })).toMatchObject({ outcome: 'failed', code: 'timeout', mayTakeEffect: true });
    expect(run.posts).toEqual([0, 10_000]);
    expect(run.clock.sleeps).toEqual([10_000]);
  });

  it('does not wait where its POST went unanswered', async () => {
    const run = await aRun({ ...plan, onPost: () => MUTE });
    expect(await run.play({ trigger: 'api' })).toMatchObject({ outcome: 'failed', code: 'timeout', mayTakeEffect: true });
    expect(run.clock.sleeps).toEqual([]);
  });

  it.each([[0, {}, false], [10_000, {}, false], [10_001, {}, true], [0, { confirmedBy: 'U1' }, true]])('looks again where the first look took %i ms, with %o: %s', async (tookMs, request, isAgain) => {
    const run = await aRun(plan);
    const { look } = run.parts;
    run.parts.look = async (target) => (run.clock.advanceTo(run.clock.now() + tookMs), look(target));
    expect(await run.play({ trigger: 'api', ...request })).toMatchObject({ outcome: 'killed' });
    expect(run.trail.includes('look-again')).toBe(isAgain);
  });
});

it('a start whose record stands under another start has a record of its own, and its POST the next number', async () => {
  const run = await aRun({ id: { name: ID.name, start: 2 }, stands: [entryOf(startBegan(ID.name, 1), { at: NOON - 1, since: NOON - 1 }), entryOf(runPost(ID.name, 1), { at: NOON - HOUR_MS }), entryOf({ partition: `run/${ID.name}`, rest: 'answer/1' }, { at: NOON, what: 'refused' })] });
  await run.play();
  expect(Object.keys(await inRun(run))).toEqual(['answer/1', 'answer/2', 'job', 'post/1', 'post/2', 'record/2']);
  expect(await run.ledger.get([nameKey(ANALYTICS.id, JOB.job_name, JOB.job_id, ID.name)], { now: NOON })).toMatchObject([{ value: { at: NOON - HOUR_MS } }]);
});
