import { describe, expect, it } from '@jest/globals';
import { type Answer, type Began, type Held, keptKey, keptUsedKey, runJob, startAnswer, startBegan, startEnd, startHeld } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { answerWarning } from '../../lib/slack/answer-warning.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { APPROVER, aSlack, CHANNEL, KILLER, type SlackPlan, STRANGER } from './a-slack.ts';

const ID = { name: 'cleanup-live-1', start: 1 };
const OWNER = 'U0OWNER';
const JOB = aJob();
const seen = entryOf(runJob(ID.name), { ...JOB, cluster: ANALYTICS.id });
const began = entryOf(startBegan(ID.name, 1), { at: NOON, since: NOON, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', policyRule: 'stale', rule: { name: 'stale', askAgainMs: 0 }, warns: true, target: { cluster: 'analytics', job: { by: 'mrs-id', id: JOB.job_id } } } as Partial<Began>);
const warned = (fields: Partial<Held> = {}): PutEntry => entryOf(startHeld(ID.name, 1, 'warned'), { at: NOON, until: NOON + HOUR_MS, keepMs: 2 * HOUR_MS, keepAtMostMs: 4 * HOUR_MS, usedMs: HOUR_MS, ...fields });
const answered = entryOf(startAnswer(ID.name, 1), { at: NOON - 1, what: 'keep', by: OWNER } satisfies Answer);

type More = SlackPlan & { user?: string; channelId?: string; fails?: (call: WatchedCall) => boolean };
async function click(what: 'keep' | 'kill', { stands = [began, seen, warned()], user = KILLER, channelId = CHANNEL, fails, ...plan }: More = {}) {
  const played = await aSlack({ job: JOB, stands, ...plan });
  played.ledger.script = (call) => (fails?.(call) ? 'fails' : undefined);
  const told = await answerWarning(played.parts, { log: played.log }, { userId: user, channelId }, ID, what);
  played.ledger.script = () => undefined;
  return { ...played, told, answer: (await played.stands(startAnswer(ID.name, 1)))?.value, kept: await played.list('kept') };
}

describe('a click on a warning', () => {
  it('on Keep keeps the job from now on, with what the warning says of how long', async () => {
    const { told, answer, stands, reads, lines } = await click('keep');
    expect([told, answer]).toEqual([undefined, { at: NOON, what: 'keep', by: KILLER }]);
    expect((await stands(keptKey(JOB.job_id, { name: 'stale' }, ID.name, 1)))?.value).toMatchObject({ at: NOON, until: NOON + 2 * HOUR_MS, usedMs: 3 * HOUR_MS, by: KILLER, rule: 'stale', job: { job_id: JOB.job_id, cluster: ANALYTICS.id } });
    expect((await stands(keptUsedKey(JOB.job_id, { name: 'stale' }, ID.name, 1)))?.value).toEqual({ at: NOON, usedMs: 3 * HOUR_MS });
    expect(reads).toMatchObject([{ cluster: 'analytics', jobId: JOB.job_id, budget: { rank: 'person', retryForMs: 0, signal: expect.any(AbortSignal) } }]);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'click', what: 'keep', user: KILLER, warning: ID }));
  });

  it('on Kill now is its answer, and keeps nothing', async () => {
    expect(await click('kill')).toMatchObject({ told: undefined, answer: { at: NOON, what: 'kill', by: KILLER }, kept: [] });
  });

  it.each<[string, PutEntry[]]>([
    ['that is not there', [began, seen]], ['that is only played', [began, seen, warned({ dryRun: true })]], ['that was answered', [began, seen, warned(), answered]],
    ['that has ended', [began, seen, warned(), entryOf(startEnd(ID.name, 1), endAs({}))]],
  ])('%s is late, and changes nothing', async (_what, stands) => {
    for (const what of ['keep', 'kill'] as const) {
      const { told, answer, reads, kept } = await click(what, { stands });
      expect([told, reads, kept]).toEqual([{ late: ID }, [], []]);
      expect(answer).toEqual(stands.includes(answered) ? answered.value : undefined);
    }
  });

  it.each<['keep' | 'kill', string, string, Partial<Held>, string | undefined]>([
    ['keep', STRANGER, CHANNEL, {}, 'mayKill'], ['keep', KILLER, CHANNEL, {}, undefined], ['keep', APPROVER, CHANNEL, {}, undefined], ['keep', OWNER, CHANNEL, { owner: OWNER }, undefined],
    ['keep', STRANGER, 'C0TEAM', { owner: 'C0TEAM' }, undefined], ['keep', STRANGER, CHANNEL, { owner: 'C0TEAM' }, 'mayKill'],
    ['keep', KILLER, CHANNEL, { usedMs: 4 * HOUR_MS }, 'mayApprove'], ['keep', APPROVER, CHANNEL, { usedMs: 4 * HOUR_MS }, undefined], ['keep', KILLER, CHANNEL, { usedMs: undefined, keepAtMostMs: HOUR_MS }, undefined],
    ['keep', APPROVER, CHANNEL, { keepMs: undefined }, 'mayKill'],
    ['kill', KILLER, CHANNEL, {}, undefined], ['kill', APPROVER, CHANNEL, {}, 'mayKill'], ['kill', OWNER, CHANNEL, { owner: OWNER }, 'mayKill'], ['kill', KILLER, CHANNEL, { keepMs: undefined }, undefined],
  ])('on %s by %s in %s, of %j: %s', async (what, user, channelId, held, rule) => {
    const { told, answer, reads } = await click(what, { user, channelId, stands: [began, seen, warned(held)] });
    expect(told).toEqual(rule === undefined ? undefined : { refusal: { rule, why: expect.any(String) } });
    expect([answer !== undefined, reads.length]).toEqual(rule === undefined ? [true, 1] : [false, 0]);
  });

  it('says of a warning that nobody can keep why', async () => {
    expect((await click('keep', { stands: [began, seen, warned({ keepMs: undefined })] })).told).toEqual({ refusal: { rule: 'mayKill', why: 'the rule of this warning has no keep, so nobody can keep the job' } });
  });
});

describe('the job of a warning that is clicked', () => {
  it.each<[string, SlackPlan['job']]>([['is over', aJob({ job_state: 'FINISHED', job_result: 'SUCCEEDED' })], ['is gone', 'gone']])('%s: the click is late', async (_what, job) => {
    for (const what of ['keep', 'kill'] as const) expect(await click(what, { ...(job && { job }) })).toMatchObject({ told: { late: ID }, answer: undefined });
  });

  it('cannot be looked at: it can be kept, and not killed', async () => {
    expect(await click('keep', { job: 'no answer' })).toMatchObject({ told: undefined, answer: { what: 'keep' }, kept: [{}] });
    expect(await click('kill', { job: 'no answer' })).toMatchObject({ told: { text: 'The job could not be looked at now, so nothing was done. Please click again.' }, answer: undefined });
  });

  it('was not found by its run yet: it is looked at by the id that was asked for, and its run puts the keep on record', async () => {
    expect(await click('keep', { stands: [began, warned()] })).toMatchObject({ told: undefined, answer: { what: 'keep' }, kept: [], reads: [{ cluster: 'analytics', jobId: JOB.job_id }] });
    expect(await click('keep', { stands: [seen, warned()] })).toMatchObject({ told: undefined, answer: { what: 'keep' }, kept: [], reads: [{ cluster: 'analytics', jobId: JOB.job_id }] });
    expect(await click('keep', { stands: [warned()] })).toMatchObject({ told: undefined, answer: { what: 'keep' }, reads: [] });
    expect(await click('keep', { stands: [entryOf(startBegan(ID.name, 1), { ...(began.value as object), target: { cluster: 'analytics', job: { by: 'name', name: 'etl' } } }), warned()] })).toMatchObject({ told: undefined, reads: [] });
    expect(await click('keep', { stands: [began, entryOf(runJob(ID.name), { ...JOB, cluster: 'not listed' }), warned()] })).toMatchObject({ told: undefined, reads: [] });
  });
});

describe('where the ledger gives no answer', () => {
  it('to what stands, the person clicks again; what comes again throws', async () => {
    const fails = ({ on }: WatchedCall): boolean => on === 'get';
    const { told, answer, lines } = await click('kill', { fails });
    expect([told, answer]).toEqual([{ text: 'This warning could not be read; nothing was changed. Please click again.' }, undefined]);
    expect(lines).toMatchObject([{ level: 'error', message: 'a warning could not be read', ...ID }]);
    await expect(click('kill', { fails, comesAgain: true })).rejects.toThrow('gave no answer');
  });

  it('to the claim, the person is told; a bug is thrown on', async () => {
    expect((await click('keep', { fails: ({ on }) => on === 'claim' })).told).toEqual({ text: 'This click could not be taken now; please click again.' });
    await expect(click('keep', { fails: () => {
      throw new TypeError('a bug');
    } })).rejects.toThrow(TypeError);
  });
});
