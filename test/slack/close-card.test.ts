import { describe, expect, it } from '@jest/globals';
import { type Answer, type EndEntry, runJob, startAnswer, startBegan, startCard, startEnd } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { closeCard } from '../../lib/slack/close-card.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import { aSlack, KILLER, type SlackPlan } from './a-slack.ts';

const NAME = 'alerts-live-1';
const JOB = aJob();
const began = entryOf(startBegan(NAME, 1), { at: NOON - HOUR_MS, since: NOON - HOUR_MS, trigger: 'alerts', by: 'Stuck', why: 'it hangs', target: { cluster: 'analytics', job: { by: 'mrs-id', id: JOB.job_id } } });
const card = (ts: string): PutEntry => entryOf(startCard(NAME, 1, 'C1', ts), { channel: 'C1', ts });
const end = (fields: Partial<EndEntry>): PutEntry => entryOf(startEnd(NAME, 1), endAs({ at: NOON - HOUR_MS, ended: NOON - 60_000, ...fields }));
const answer = (fields: Partial<Answer>): PutEntry => entryOf(startAnswer(NAME, 1), { at: NOON, what: 'kill', by: KILLER, ...fields });

async function close(stands: PutEntry[], plan: SlackPlan = {}) {
  const played = await aSlack({ job: JOB, stands: [began, ...stands], ...plan });
  await closeCard(played.parts, played.log, { name: NAME, start: 1 });
  return { ...played, views: played.shown.map(({ view, card: on }) => ({ on: on?.ts, ...view })) };
}

describe('a card that was clicked', () => {
  it('says the end of its start, on each message', async () => {
    const { views, shown, reads } = await close([card('1.1'), card('2.2'), end({ outcome: 'declined', reason: 'no' })]);
    expect(views).toEqual(['1.1', '2.2'].map((on) => ({ on, stage: 'end', end: { outcome: 'declined', reason: 'no' }, tookMs: HOUR_MS - 60_000 })));
    expect([shown[0]?.request, reads]).toMatchObject([{ trigger: 'alerts', requestedBy: 'Stuck', reason: 'it hangs' }, []]);
  });

  it('of an End that does not say when it ended counts until now', async () => {
    expect((await close([card('1.1'), end({ ended: undefined as never })])).views).toMatchObject([{ tookMs: HOUR_MS }]);
  });

  it.each<[string, PutEntry[]]>([['while nothing has ended it', [card('1.1')]], ['while it was answered otherwise', [card('1.1'), answer({ what: 'yes' })]], ['where there is none', [end({})]]])('%s stays as it is', async (_what, stands) => {
    const { shown, lines } = await close(stands);
    expect([shown, lines]).toEqual([[], []]);
  });

  it('that only tells people says that the kill was asked for, and by whom', async () => {
    expect((await close([card('1.1'), answer({})])).views).toMatchObject([{ on: '1.1', tookMs: 0, end: { outcome: 'notified', job: JOB, answeredBy: KILLER } }]);
    expect((await close([card('1.1'), answer({ by: undefined as never })])).views[0]).not.toHaveProperty('end.answeredBy');
  });

  it.each(['gone', 'no answer'] as const)('that only tells people, of a job that is %s, stays as it is', async (job) => {
    expect((await close([card('1.1'), answer({})], { job })).shown).toEqual([]);
  });

  it('that only told people names its job, where MRS knows that', async () => {
    const told = end({ outcome: 'notified', reason: 'told' });
    expect((await close([card('1.1'), told])).views).toMatchObject([{ end: { outcome: 'notified', reason: 'told', job: JOB } }]);
    expect((await close([card('1.1'), told], { job: 'no answer' })).views[0]).toEqual({ on: '1.1', stage: 'end', end: { outcome: 'notified', reason: 'told' }, tookMs: HOUR_MS - 60_000 });
  });

  it('looks at the job with a person\'s patience, and takes another error for a bug', async () => {
    expect((await close([card('1.1'), answer({})])).reads).toEqual([{ cluster: 'analytics', jobId: JOB.job_id, budget: { rank: 'person', retryForMs: 2_000 } }]);
  });

  it('that cannot be shown is logged', async () => {
    const { lines } = await close([card('1.1'), end({})], { onShow: () => new Error('Slack is away') });
    expect(lines).toMatchObject([{ level: 'warn', message: 'a card that asks nothing any more could not be closed', name: NAME, start: 1 }]);
  });

  it('is of the job that was found', async () => {
    const { shown } = await close([card('1.1'), entryOf(runJob(NAME), { ...JOB, cluster: 'c' }), end({})], {});
    expect(shown[0]?.request.target).toEqual({ cluster: 'analytics', job: { by: 'mrs-id', id: JOB.job_id } });
  });
});
