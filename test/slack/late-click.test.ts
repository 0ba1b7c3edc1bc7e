import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../lib/core/job.ts';
import type { View } from '../../lib/core/report.ts';
import { type Answer, type EndEntry, type Held, runJob, startAnswer, startBegan, startCard, startEnd, startEndOf, startHandedOn, startHeld } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { tellLateClick } from '../../lib/slack/late-click.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import { APPROVER, aSlack, KILLER, type SlackPlan } from './a-slack.ts';

const NAME = 'cleanup-live-1';
const FIRST = { name: NAME, start: 1 };
const JOB = aJob();
const OVER = aJob({ job_state: 'FINISHED', job_result: 'SUCCEEDED' });
const { cluster: _cluster, job_id, job_name, job_type, user, queue, app_id, launcher_id } = JOB;
const SEEN = { cluster: ANALYTICS.id, job_id, job_name, job_type, user, queue, app_id, launcher_id };
const CLICKED = { channel: 'C1', ts: '1.1' };
const OTHER = { channel: 'D1', ts: '2.2' };
const TERMS = { keepMs: 2 * HOUR_MS, keepAtMostMs: 4 * HOUR_MS, usedMs: HOUR_MS };

const began = entryOf(startBegan(NAME, 1), { at: NOON - HOUR_MS, since: NOON - HOUR_MS, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', killId: 'kill-1', target: { cluster: 'analytics', job: { by: 'mrs-id', id: job_id } }, dryRun: false, action: 'kill', warns: true });
const cards = [CLICKED, OTHER].map(({ channel, ts }) => entryOf(startCard(NAME, 1, channel, ts), { channel, ts }));
const warned = (fields: Partial<Held> = {}): PutEntry => entryOf(startHeld(NAME, 1, 'warned'), { at: NOON - HOUR_MS, until: NOON, ...TERMS, ...fields });
const answered = (answer: Partial<Answer>): PutEntry => entryOf(startAnswer(NAME, 1), { at: NOON, what: 'keep', by: KILLER, ...answer });
const handed = (warns: boolean): PutEntry => entryOf(startHandedOn(NAME, 1, 'next-1'), { at: NOON, to: 'next-1', request: { warns } });
const BASE = [began, ...cards, warned(), entryOf(runJob(NAME), SEEN)];

/** What the person is told, and what was shown on which message. */
async function late(stands: PutEntry[], { job = JOB, card = CLICKED, at = NOON, ...plan }: SlackPlan & { card?: { channel: string; ts: string } | null; at?: number } = {}) {
  const played = await aSlack({ stands, job, ...plan });
  played.clock.advanceTo(at);
  const text = await tellLateClick(played.parts, played.log, { start: FIRST, ...(card && { card }) });
  return { ...played, text: text.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1'), on: played.shown.map((one) => `${one.card?.ts} ${one.view.stage}`) };
}

describe('a click on a warning that nobody has answered', () => {
  it.each<[string, SlackPlan['job'], string]>([
    ['of a job that runs', JOB, 'This click changed nothing; please click again.'],
    ['of a job that cannot be looked at', 'no answer', 'This click changed nothing; please click again.'],
    ['of a job that MRS does not know any more', 'gone', 'MRS does not know this job any more; there is nothing to keep or to kill.'],
  ])('%s shows nothing', async (_what, job, words) => {
    const { text, on, reads } = await late(BASE, { job: job as Job });
    expect([text, on]).toEqual([words, []]);
    expect(reads).toEqual([{ cluster: 'analytics', jobId: job_id, budget: { rank: 'person', retryForMs: 2_000 } }]);
  });

  it('of a job that is over says so, on all its messages', async () => {
    const { text, shown } = await late(BASE, { job: OVER });
    expect(text).toBe('Already over: it had already ended: FINISHED, result SUCCEEDED; there is nothing to keep or to kill.');
    expect(shown.map(({ card, view }) => [card, view])).toEqual([CLICKED, OTHER].map((card) => [expect.objectContaining(card), { stage: 'end', end: { outcome: 'already-over', job: OVER, reason: 'it had already ended: FINISHED, result SUCCEEDED' }, tookMs: HOUR_MS, isCopy: true }]));
    expect(shown[0]?.request).toMatchObject({ trigger: 'cleanup', requestedBy: 'cleanup rule stale' });
  });

  it('of a job that is over takes no time where its beginning is not known', async () => {
    const { shown } = await late(BASE.slice(1), { job: OVER });
    expect(shown[0]?.view).toMatchObject({ tookMs: 0 });
  });
});

describe('a click on a warning that is kept', () => {
  const KEPT = [...BASE, answered({})];

  it('says until when and by whom, on the message that was clicked alone', async () => {
    const { text, shown } = await late(KEPT);
    expect(text).toBe(`Kept until 14:00 UTC by <@${KILLER}>; this click changed nothing.`);
    expect(shown.map(({ card, view }) => [card, view])).toEqual([[CLICKED, { stage: 'kept', job: JOB, until: NOON + 2 * HOUR_MS, by: KILLER, isOwner: false, usedMs: 3 * HOUR_MS, keepAtMostMs: 4 * HOUR_MS } satisfies View]]);
  });

  it('says where its owner did', async () => {
    const { shown } = await late([...BASE.filter(({ key }) => key.rest !== startHeld(NAME, 1, 'warned').rest), warned({ owner: KILLER }), answered({})]);
    expect(shown[0]?.view).toMatchObject({ stage: 'kept', isOwner: true });
  });

  it.each<[string, Parameters<typeof late>[1]]>([
    ['without the message that was clicked', { card: null }], ['of a job that is over', { job: OVER }], ['of a job that is gone', { job: 'gone' }], ['of a job that cannot be looked at', { job: 'no answer' }],
  ])('%s shows nothing', async (_what, plan) => {
    const { text, on } = await late(KEPT, plan);
    expect([text, on]).toEqual([`Kept until 14:00 UTC by <@${KILLER}>; this click changed nothing.`, []]);
  });

  it('shows nothing where nobody knows who kept it', async () => {
    const { text, on } = await late([...BASE, answered({ by: undefined as never })]);
    expect([text, on]).toEqual(['Kept until 14:00 UTC; this click changed nothing.', []]);
  });

  it.each([[NOON + 2 * HOUR_MS, 'The job was kept, and that time is over; this click changed nothing.'], [NOON + 2 * HOUR_MS - 1, `Kept until 14:00 UTC by <@${KILLER}>; this click changed nothing.`]])('at %s says %s', async (at, words) => {
    expect((await late(KEPT, { at })).text).toBe(words);
  });

  it('says the end that came while that was shown', async () => {
    const { on } = await late(KEPT, { onShow: ({ stage }, { ledger }) => (stage === 'kept' ? ledger.put([entryOf(startEnd(NAME, 1), endAs({ at: NOON - HOUR_MS, ended: NOON, outcome: 'killed' }))]) : undefined) });
    expect(on).toEqual(['1.1 kept', '1.1 end', '2.2 end']);
  });

  it('logs what could not be shown, and tells the person all the same', async () => {
    const { text, lines } = await late(KEPT, { onShow: () => new Error('Slack is away') });
    expect(text).toMatch(/^Kept until/);
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ message: 'a card of a warning could not be updated', card: CLICKED, stage: 'kept' }]);
  });
});

describe('a click on a warning that has handed on', () => {
  it.each<[string, PutEntry[], string, Partial<View>]>([
    ['to the kill', [handed(false)], 'The kill is on its way; this click changed nothing.', { to: 'kill', by: undefined }],
    ['to the kill that somebody clicked for', [answered({ what: 'kill', by: APPROVER }), handed(false)], `The kill is on its way: <@${APPROVER}> clicked Kill now; this click changed nothing.`, { to: 'kill', by: APPROVER }],
    ['to nothing yet, as it was clicked just now', [answered({ what: 'kill', by: APPROVER })], `The kill is on its way: <@${APPROVER}> clicked Kill now; this click changed nothing.`, { to: 'kill', by: APPROVER }],
    ['to the kill, since its time was up', [answered({ what: 'time', by: undefined as never })], 'The kill is on its way; this click changed nothing.', { to: 'kill', by: undefined }],
    ['to another round', [answered({}), handed(true)], 'There is a newer warning below; this click changed nothing.', { to: 'warning', by: undefined }],
  ])('%s', async (_what, stands, words, view) => {
    const { text, shown } = await late([...BASE, ...stands]);
    expect(text).toBe(words);
    expect(shown.map((one) => [one.card, one.view])).toEqual([[CLICKED, { stage: 'handed-on', job: JOB, ...view }]]);
  });
});

describe('a click on a warning that has ended', () => {
  const END = endAs({ at: NOON - HOUR_MS, ended: NOON - 60_000, trigger: 'slack', by: KILLER, why: 'it hangs', outcome: 'declined', reason: 'somebody said no', job: SEEN });

  it('says how, on all its messages, with what the End says of who asked', async () => {
    const { text, shown } = await late([...BASE, entryOf(startEnd(NAME, 1), END)], { job: OVER });
    expect(text).toBe('Declined: somebody said no');
    expect(shown.map(({ card }) => card?.ts)).toEqual(['1.1', '2.2']);
    expect(shown[0]).toMatchObject({ request: { trigger: 'slack', requestedBy: KILLER, reason: 'it hangs' }, view: { stage: 'end', end: { outcome: 'declined', job: OVER }, tookMs: HOUR_MS - 60_000, isCopy: true } });
  });

  it.each(['gone', 'no answer'] as const)('says how of a job that is %s', async (job) => {
    const { shown } = await late([...BASE, entryOf(startEnd(NAME, 1), { ...END, ended: undefined })], { job, at: NOON + HOUR_MS });
    expect(shown[0]?.view).toEqual({ stage: 'end', end: { outcome: 'declined', reason: 'somebody said no' }, tookMs: 2 * HOUR_MS, isCopy: true });
  });

  it('looks at the job that the End names, where the run left none', async () => {
    expect((await late([...BASE.slice(1, -1), entryOf(startEnd(NAME, 1), END)], { job: OVER })).reads).toMatchObject([{ cluster: 'analytics', jobId: job_id }]);
  });

  it('says the last of those that it handed on to', async () => {
    const ends = [['kill-2', 2_000, 'killed'], ['kill-1', 1_000, 'failed'], ['kill-0', undefined, 'expired']] as const;
    const stands = [...BASE, handed(false), ...ends.map(([of, ended, outcome]) => entryOf(startEndOf(NAME, 1, of), { ...END, outcome, ended: ended && NOON + ended, reason: 'r' } as EndEntry))];
    expect((await late(stands)).text).toBe('Killed: r');
  });
});
