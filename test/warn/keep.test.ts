import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { type Card, dayKey, jobKey, keptKey, keptUsedKey, keptUsedPartition, ruleKey, startHeld, warnKey } from '../../lib/ledger/keys.ts';
import { keepJob, keptEntries, readUsed, recordKeep } from '../../lib/warn/keep.ts';
import { noteEntries } from '../../lib/warn/note.ts';
import { waitPast } from '../../lib/warn/wait-past.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { entryOf, ID } from '../kill/a-run.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aWarning, DAY_MS, FIRST, JOB, MINUTE_MS, type PlayedWarning, RULE, SECOND, TERMS, warningOf, wished } from './a-warning.ts';

const BEGAN = NOON - HOUR_MS;
const CLICKED = NOON - MINUTE_MS;
const ANSWER = { at: CLICKED, what: 'keep', by: 'U7' } as const;
const UNTIL = CLICKED + HOUR_MS;
const CARDS: Card[] = [{ channel: 'C1', ts: '1', of: 'channel' }, { channel: 'D7', ts: '2', of: 'owner' }];
const { cluster: _cluster, job_id, job_name, job_type, user, queue, app_id, launcher_id } = JOB;
const SEEN = { cluster: ANALYTICS.id, job_id, job_name, job_type, user, queue, app_id, launcher_id };
const SECOND_REQUEST = { warning: SECOND };
const keep = (run: PlayedWarning, request: Partial<KillRequest> = {}, usedMs = 0, cards = CARDS, answer: { at: number; what: 'keep'; by?: string } = ANSWER) => keepJob(run.parts, wished(request), warningOf({ usedMs, owner: 'U7' }), { answer, known: { began: BEGAN }, cards });

describe('a click on Keep', () => {
  it('keeps the job from the click on, on record before anybody is told, and waits for its end', async () => {
    const run = await aWarning();
    expect(await keep(run)).toBe(HOUR_MS);
    expect(run.clock.now()).toBe(UNTIL + 1_000);
    expect([run.trail, run.budgets['keep'], run.budgets['show-kept-1']]).toEqual([['keep', 'audit-kept', 'left-to-show', 'show-kept-1', 'show-kept-2', 'kept'], 1_800, 59 * 60]);
    const view = { stage: 'kept', job: JOB, until: UNTIL, by: 'U7', isOwner: true, usedMs: HOUR_MS, keepAtMostMs: 2 * HOUR_MS };
    expect(run.shown).toEqual(CARDS.map((card) => ({ view, card })));
    expect(run.counted).toEqual(['Kept']);
    expect(run.lines.filter(({ message }) => message === 'kept')).toEqual([expect.objectContaining({ kill_id: 'kill-1', policy_rule: 'stale', by: 'U7', until: '2026-03-01T12:59:00.000Z' })]);
  });

  it('is on record under the job, its rule, its warning and its history, each for as long as it counts', async () => {
    const run = await aWarning();
    await keep(run);
    const noted = { at: NOON, what: 'kept', by: 'U7', why: `nightly-etl (${job_id}) is kept`, until: UNTIL, job: SEEN, policyRule: 'stale' };
    const stands = [
      { key: keptKey(job_id, RULE, ID.name, 1), value: { at: CLICKED, until: UNTIL, usedMs: HOUR_MS, by: 'U7', rule: 'stale', job: SEEN }, until: UNTIL },
      { key: keptUsedKey(job_id, RULE, ID.name, 1), value: { at: CLICKED, usedMs: HOUR_MS }, until: UNTIL + 14 * DAY_MS },
      { key: startHeld(ID.name, 1, 'kept'), value: { at: CLICKED, until: UNTIL, by: 'U7', usedMs: HOUR_MS, owner: 'U7' }, until: UNTIL + 14 * DAY_MS },
      ...[dayKey(BEGAN, ID.name, 'kept'), ruleKey(RULE, BEGAN, ID.name, 'kept'), ...[job_id, app_id, launcher_id, job_name].map((word) => jobKey(word, BEGAN, ID.name, 'kept'))].map((key) => ({ key, value: noted, until: NOON + 30 * DAY_MS })),
    ];
    expect(await run.ledger.get(stands.map(({ key }) => key), { now: NOON })).toEqual(stands);
    expect(await run.ledger.get([warnKey(RULE, job_id)], { now: NOON })).toMatchObject([{ owner: ID.name, start: 1, until: UNTIL + 20 * MINUTE_MS }]);
  });

  it.each<[what: string, usedMs: number, lengthMs: number, used: number]>([
    ['what is left of keepAtMost', 1.5 * HOUR_MS, HOUR_MS / 2, 2 * HOUR_MS],
    ['once more keep, where nothing is left', 2 * HOUR_MS, HOUR_MS, 3 * HOUR_MS],
  ])('of a later round keeps it for %s, and holds the warning as the first', async (_, usedMs, lengthMs, used) => {
    const run = await aWarning();
    expect(await keep(run, SECOND_REQUEST, usedMs)).toBe(used);
    const at = { now: NOON };
    expect(await run.ledger.get([keptKey(job_id, RULE, FIRST.name, 2), keptUsedKey(job_id, RULE, FIRST.name, 2), warnKey(RULE, job_id)], at)).toMatchObject([
      { value: { until: CLICKED + lengthMs, usedMs: used } }, { value: { usedMs: used } }, { owner: FIRST.name, until: CLICKED + lengthMs + 20 * MINUTE_MS },
    ]);
  });

  it('that is on record already is put there no more', async () => {
    const run = await aWarning();
    const known = { began: BEGAN, kept: { at: CLICKED, until: NOON + 500, usedMs: 9 } };
    expect(await keepJob(run.parts, wished(), warningOf(), { answer: ANSWER, known, cards: CARDS })).toBe(9);
    expect([run.ledger.calls, run.shown[0]?.view, run.budgets['show-kept-1']]).toEqual([[], expect.objectContaining({ by: '', isOwner: false }), 0]);
    expect(await keepJob(run.parts, wished(), warningOf({ usedMs: 3 }), { answer: ANSWER, known: { began: BEGAN, kept: { at: CLICKED, until: NOON } }, cards: [] })).toBe(3);
  });

  it.each<[what: string, until: number, sec: number]>([['six hours', NOON + DAY_MS, 6 * 3_600], ['as long as it is kept', NOON + 90_999, 90], ['no time', NOON - 5_000, 0]])('is shown for %s', async (_, until, sec) => {
    const run = await aWarning();
    await keepJob(run.parts, wished(), warningOf(), { answer: ANSWER, known: { began: BEGAN, kept: { at: CLICKED, until } }, cards: CARDS });
    expect([run.budgets['show-kept-1'], run.budgets['show-kept-2']]).toEqual([sec, sec]);
  });

  it('keeps it all the same where that cannot be shown, and the log says so', async () => {
    const run = await aWarning({
      onShow() {
        throw new Error('message_not_found');
      },
    });
    expect(await keep(run)).toBe(HOUR_MS);
    expect(run.lines.filter(({ level }) => level === 'warn')).toMatchObject(CARDS.map(() => ({ message: 'it could not be shown that a job is kept', kill_id: 'kill-1', fault: 'message_not_found' })));
  });

  it('throws where it cannot be put on record, and nobody is told', async () => {
    const run = await aWarning();
    run.ledger.script = ({ on }) => (on === 'put' ? 'fails' : undefined);
    await expect(keep(run)).rejects.toThrow('DynamoDB gave no answer');
    expect([run.shown, run.counted]).toEqual([[], []]);
  });

  it('of nobody, under no rule, leaves only what its start needs', async () => {
    const run = await aWarning();
    const held = await recordKeep(run.parts, wished({ rule: undefined }), TERMS, { answer: { at: CLICKED, what: 'keep' }, job: SEEN });
    expect(held).toEqual({ at: CLICKED, until: UNTIL, by: '', usedMs: HOUR_MS });
    expect(run.ledger.calls).toMatchObject([{ on: 'put', partitions: [`start/${ID.name}`] }]);
    expect([keptEntries(ID, wished({ rule: undefined }), TERMS, { answer: ANSWER, job: SEEN }), await run.get(warnKey(RULE, job_id))]).toEqual([[], undefined]);
  });

  it('of a rule without a name names it by its content', () => {
    const [entry] = keptEntries(ID, { rule: { content: 'c-1', askAgainMs: 1 } }, { ...TERMS, usedMs: 5 }, { answer: { at: CLICKED, what: 'keep' }, job: SEEN });
    expect(entry?.value).toEqual({ at: CLICKED, until: UNTIL, usedMs: HOUR_MS + 5, by: '', rule: '=c-1', job: SEEN });
  });
});

describe('how much of keepAtMost is used', () => {
  const used = (rest: string, value: unknown) => entryOf({ partition: keptUsedPartition(RULE), rest }, value);
  it('is what the round before says, else the most that the ledger knows of the job and the rule', async () => {
    const run = await aWarning({ stands: [used(`${job_id} a-1`, { at: NOON, usedMs: 5 }), used(`${job_id} b-1`, { at: NOON, usedMs: 4 }), used(`${job_id} c-1`, 'scribble'), used('other a-1', { at: NOON, usedMs: 99 })] });
    const read = (request: Partial<KillRequest>, jobId = job_id) => readUsed(run.parts, wished(request), jobId);
    expect(await Promise.all([read({}), read(SECOND_REQUEST), read({ rule: undefined }), read({}, 'none')])).toEqual([5, HOUR_MS, 0, 0]);
  });
});

describe('a word of the history', () => {
  it('stands once under each word of the job, and without what is not known', async () => {
    const { parts } = await aWarning({ id: { name: 'x', start: 2 } });
    const what = { began: BEGAN, by: 'b', why: 'w', until: UNTIL };
    const entries = noteEntries(parts, wished({ rule: undefined, policyRule: undefined }), { ...JOB, app_id: '', launcher_id: job_id }, 'warned', what);
    expect(entries.map(({ key }) => key)).toEqual([dayKey(BEGAN, 'x-2', 'warned'), jobKey(job_id, BEGAN, 'x-2', 'warned'), jobKey(job_name, BEGAN, 'x-2', 'warned')]);
    expect(entries[0]?.value).toEqual({ at: NOON, what: 'warned', by: 'b', why: 'w', until: UNTIL, job: { ...SEEN, app_id: '', launcher_id: job_id } });
  });
});

describe('to wait past a moment', () => {
  it.each<[leftMs: number, sleeps: number[]]>([[-1, []], [0, [1_000]], [999, [1_000]], [1_000, [2_000]], [60_000, [61_000]]])('that is %s ms away', async (leftMs, sleeps) => {
    const run = await aWarning();
    await waitPast(run.parts, 'w', NOON + leftMs);
    expect([run.clock.sleeps, run.trail]).toEqual([sleeps, ['w']]);
  });
});
