import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../lib/core/job.ts';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import { noKey } from '../../lib/ledger/keys.ts';
import type { CleanupRule, Policy } from '../../lib/policy/policy.ts';
import { readButtonValue } from '../../lib/slack/button.ts';
import { type ListClick, previewCleanup, startListed } from '../../lib/slack/cleanup-list.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { aSlack, KILLER, type PlayedSlack, type SlackPlan } from './a-slack.ts';

const jobOf = (id: string, fields: Partial<Job> = {}): Job => aJob({ job_id: id, job_name: id, queue: 'adhoc', app_id: '', launcher_id: '', ...fields });
const rule = (fields: Partial<CleanupRule> = {}): CleanupRule => ({ name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', ...fields }) as CleanupRule;
const ROOMY = { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 100 } };
const policyOf = (...cleanup: CleanupRule[]): { policy: Partial<Policy> } => ({ policy: { cleanup, ...ROOMY } });

/** With an MRS whose clock is ours, and whose `unreadable` clusters give no answer. */
async function listing(plan: SlackPlan & { unreadable?: string[] }): Promise<PlayedSlack> {
  const played = await aSlack(plan);
  const { mrs } = played.parts;
  const asking = { ...mrs, clockSkewMs: () => 0, async *activeJobs(cluster: { name: string }, budget: never) {
    if (plan.unreadable?.includes(cluster.name)) throw new UpstreamFailed({ service: 'MRS', kind: 'unavailable', message: 'no answer' });
    yield* mrs.activeJobs(cluster as never, budget);
  } };
  return { ...played, parts: { ...played.parts, mrs: asking as never } };
}

async function preview(plan: SlackPlan & { unreadable?: string[] }) {
  const { parts, started } = await listing(plan);
  const { text, blocks } = await previewCleanup(parts as never);
  const [button] = buttonsOf({ blocks });
  const last = blocks.at(-1);
  const [heading, ...lines] = text.split('\n');
  expect(started).toEqual([]);
  return { heading, lines, label: button?.text.text, value: button && readButtonValue(button.value ?? ''), beside: last?.type === 'section' && last.text?.text !== text ? last.text?.text.split('\n').slice(1) : undefined };
}

describe('the list of what the cleanup rules would kill', () => {
  it('names each job with its rule and its age, and a button for exactly these', async () => {
    expect(await preview({ ...policyOf(rule()), jobs: [jobOf('job-1'), jobOf('job-2'), jobOf('other', { queue: 'nightly' })] })).toEqual({
      heading: '*2 jobs would be killed by the cleanup rules*',
      lines: ['• `stale`: `job-1 (job-1)` in `analytics`, running for 1 h', '• `stale`: `job-2 (job-2)` in `analytics`, running for 1 h'],
      label: 'Kill these 2 jobs', value: { do: 'cleanup', list: 'id-1', jobs: ['analytics/job-1', 'analytics/job-2'] }, beside: undefined,
    });
  });

  it('without anything has no button', async () => {
    expect(await preview({ ...policyOf(rule()), jobs: [] })).toEqual({ heading: '*0 jobs would be killed by the cleanup rules*', lines: [], label: undefined, value: undefined, beside: undefined });
  });

  it.each<[string, CleanupRule[], string, string, string]>([
    ['warns', [rule({ warnMs: HOUR_MS })], '*0 jobs would be killed by the cleanup rules, 1 would be warned first*', ', will be warned (1h)', 'Warn of this job'],
    ['warns and asks', [rule({ warnMs: HOUR_MS, action: 'ask' })], '*0 jobs would be killed by the cleanup rules, 1 would be warned first*', ', will be warned (1h), then an approver will be asked', 'Warn of this job'],
    ['asks', [rule({ action: 'ask' })], '*0 jobs would be killed by the cleanup rules, 1 would be asked about*', ', an approver will be asked', 'Kill this job'],
    ['is played', [rule({ dryRun: true })], '*1 job would be killed by the cleanup rules*', ', dry run', 'Dry run: would kill this job'],
    ['is played and warns', [rule({ dryRun: true, warnMs: HOUR_MS })], '*0 jobs would be killed by the cleanup rules, 1 would be warned first*', ', will be warned (1h), dry run', 'Dry run: would warn of this job'],
  ])('says what becomes of a job whose rule %s', async (_what, rules, heading, words, label) => {
    expect(await preview({ ...policyOf(...rules), jobs: [jobOf('job-1')] })).toMatchObject({ heading, label, lines: [`• \`stale\`: \`job-1 (job-1)\` in \`analytics\`, running for 1 h${words}`] });
  });

  it('of several kinds counts each, and its button says both', async () => {
    const rules = [rule({ name: 'a', match: { queue: 'a' }, warnMs: HOUR_MS }), rule({ name: 'b', match: { queue: 'b' }, action: 'ask' }), rule({ name: 'c', match: { queue: 'c' } })];
    const jobs = ['a', 'b', 'c', 'c'].map((queue, place) => jobOf(`job-${place}`, { queue }));
    expect(await preview({ ...policyOf(...rules), jobs })).toMatchObject({ heading: '*2 jobs would be killed by the cleanup rules, 1 would be warned first, 1 would be asked about*', label: 'Kill or warn of these 4 jobs' });
  });

  it('is only played where every job of it is', async () => {
    const rules = [rule({ name: 'a', match: { queue: 'a' }, dryRun: true }), rule({ name: 'b', match: { queue: 'b' } })];
    expect(await preview({ ...policyOf(...rules), jobs: ['a', 'b'].map((queue) => jobOf(queue, { queue })) })).toMatchObject({ label: 'Kill these 2 jobs' });
  });

  it('says beside it what is not on it', async () => {
    const rules = [rule({ name: 'told', match: { queue: 'a' }, action: 'notify' }), rule({ name: 'asks', match: { queue: 'b' }, action: 'ask' }), rule({ name: 'warns', match: { queue: 'c' }, warnMs: HOUR_MS }), rule(), rule({ name: 'of dev', cluster: 'dev' })];
    const jobs = [jobOf('job-a', { queue: 'a' }), jobOf('job-b', { queue: 'b' }), jobOf('job-d'), jobOf('job-e')];
    const played = await listing({ ...policyOf(...rules), policy: { cleanup: rules, limits: { perDelivery: 1, perHour: 100, percentOfRunning: 100 }, protected: [{ name: 'job-e' }] }, jobs, unreadable: ['dev'] });
    await played.ledger.claim(noKey({ name: 'asks' }, 'job-b', false), { owner: 'cleanup-live-1', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    const { text, blocks } = await previewCleanup(played.parts as never);
    const last = blocks.at(-1);
    expect(text).toBe('*1 job would be killed by the cleanup rules*\n• `stale`: `job-d (job-d)` in `analytics`, running for 1 h');
    expect(last?.type === 'section' && last.text?.text.split('\n')).toEqual([
      '*Not on this list*', expect.stringMatching(/^• cluster `dev` could not be read: .*no answer/),
      '• `asks` is asking about `job-b (job-b)` in `analytics` already', '• `told` only tells people of `job-a (job-a)` in `analytics`', expect.stringMatching(/^• `stale` leaves `job-e \(job-e\)` in `analytics` alone: .*protected/),
    ]);
  });

  it('with more than a limit allows says so, and with more than fit how many there are', async () => {
    const jobs = Array.from({ length: 25 }, (_, number) => jobOf(`job-${number}`));
    const { value, beside, lines, label, heading } = await preview({ policy: { cleanup: [rule()], limits: { perDelivery: 100, perHour: 100, percentOfRunning: 50 } }, jobs });
    expect([lines.length, value?.do === 'cleanup' && value.jobs.length, label, heading]).toEqual([20, 20, 'Kill these 20 jobs', '*25 jobs would be killed by the cleanup rules*']);
    expect(beside).toEqual([expect.stringMatching(/^• \*percentOfRunning\*: 20 of the 25 running jobs/), '• 5 more fit; use `/mrs cleanup` again when those above are over']);
  });

  it('shows no job that does not fit into the message, and none that does not fit into the button', async () => {
    const long = Array.from({ length: 20 }, (_, number) => jobOf(`job-${number}`, { job_name: 'n'.repeat(100) }));
    const shown = await preview({ ...policyOf(rule()), jobs: long });
    // Each line has its 3 characters of a list: 2,500 in all.
    const lengths = shown.lines.map((line) => line.length + 1);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(2_500);
    expect(lengths.reduce((sum, length) => sum + length, 0) + Math.max(...lengths)).toBeGreaterThan(2_500);
    expect(shown.value?.do === 'cleanup' && shown.value.jobs.length).toBe(shown.lines.length);
    const wide = Array.from({ length: 20 }, (_, number) => jobOf(`job-${number}-${'i'.repeat(150)}`, { job_name: '' }));
    const fitting = await preview({ ...policyOf(rule()), jobs: wide });
    expect(fitting.value?.do === 'cleanup' && fitting.value.jobs.length).toBe(fitting.lines.length);
    expect(fitting.lines.length).toBeLessThan(20);
  });

  it('is not there where the ledger cannot be read', async () => {
    const played = await listing({ ...policyOf(rule()), jobs: [jobOf('job-1')] });
    played.ledger.script = ({ on }) => (on === 'list' ? 'fails' : undefined);
    expect((await previewCleanup(played.parts as never)).text).toBe('The ledger could not be read, so nobody knows which jobs people declined or keep. Please try again.');
  });
});

describe('a click on a list', () => {
  async function click(plan: SlackPlan & { unreadable?: string[]; prepare?: (played: PlayedSlack) => Promise<unknown> }, more: Partial<ListClick> = {}) {
    const played = await listing(plan);
    await plan.prepare?.(played);
    const done = await startListed(played.parts as never, played.log, { jobs: ['analytics/job-1', 'analytics/job-2'], list: 'list-1', userId: KILLER, channelId: 'C1', ...more });
    return { ...played, ...done };
  }
  const BOTH = { ...policyOf(rule()), jobs: [jobOf('job-1'), jobOf('job-2'), jobOf('job-3')] };

  it('starts a kill of each of its jobs in that person\'s name, and of no other', async () => {
    const { text, isDone, started, lines } = await click(BOTH);
    expect([text, isDone]).toEqual(['2 of 2 started', true]);
    expect(started.map(({ payload }) => payload)).toMatchObject(['job-1', 'job-2'].map((id) => ({ request: { trigger: 'slack', requestedBy: KILLER, confirmedBy: KILLER, channel: 'C1', policyRule: 'stale', target: { cluster: 'analytics', job: { by: 'mrs-id', id } } } })));
    expect(lines).toContainEqual(expect.objectContaining({ message: 'cleanup list started', user: KILLER, result: text }));
  });

  it('is one request for each person and list, and of an old list one in an hour', async () => {
    const names = async (more: Partial<ListClick>): Promise<string[]> => (await click(BOTH, more)).started.map(({ name }) => name);
    const first = await names({});
    expect(await names({})).toEqual(first);
    for (const more of [{ list: 'list-2' }, { userId: 'U0C3' }, { list: undefined }]) expect(first).not.toContain((await names(more))[0]);
    expect(await names({ list: undefined })).toEqual(await names({ list: undefined, userId: 'U0C3' }));
  });

  it.each<[string, Parameters<typeof click>[0], Partial<ListClick>, string, boolean]>([
    ['that was clicked before', { ...BOTH, onStart: () => 'exists' }, {}, '0 of 2 started; 2 asked for by this list before (for a new list use `/mrs cleanup`)', true],
    ['of jobs that are over', { ...BOTH, jobs: [jobOf('job-1')] }, {}, '1 of 2 started; 1 over, or not fitting the rule any more', true],
    ['of a job that is protected', { policy: { cleanup: [rule()], ...ROOMY, protected: [{ name: 'job-2' }] }, jobs: BOTH.jobs }, {}, '1 of 2 started; 1 left alone (protected)', true],
    ['of a cluster that cannot be read', { ...BOTH, unreadable: ['analytics'] }, {}, '0 of 2 started; cluster `analytics` could not be read: MRS: no answer', false],
    ['that cannot be started', { ...BOTH, onStart: () => new EngineFailed('no answer') }, {}, '0 of 2 started; 2 could not be started; click again', false],
    ['of more than a limit allows', { policy: { cleanup: [rule()], limits: { perDelivery: 100, perHour: 100, percentOfRunning: 50 } }, jobs: BOTH.jobs }, {}, '0 of 2 started; 2 refused by percentOfRunning: 2 of the 3 running jobs of analytics were chosen and 50 percent (1) are allowed', false],
    ['of jobs that are warned first', { ...policyOf(rule({ warnMs: HOUR_MS })), jobs: BOTH.jobs }, {}, '2 of 2 started, 2 of them warned first', true],
    ['of a rule that only tells people now', { ...policyOf(rule({ action: 'notify' })), jobs: BOTH.jobs }, {}, '0 of 2 started; 2 over, or not fitting the rule any more', true],
    ['of a job of another cluster of a like name', { ...BOTH, unreadable: ['analytics'] }, { jobs: ['analytics-2/job-1'] }, '0 of 1 started; 1 over, or not fitting the rule any more', true],
  ])('%s says so', async (_what, plan, more, words, isDone) => {
    const done = await click(plan, more);
    expect(done.text.startsWith(words) ? words : done.text).toBe(words);
    expect(done.isDone).toBe(isDone);
    expect(done.started.length).toBe(Number(/\d+/.exec(words)?.[0]) || (words.includes('before') || words.includes('could not be started') ? 2 : 0));
  });

  it('of a job that somebody is asked about already says so', async () => {
    const prepare = ({ ledger }: PlayedSlack): Promise<unknown> => ledger.claim(noKey({ name: 'stale' }, 'job-2', false), { owner: 'cleanup-live-1', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await click({ ...BOTH, prepare })).toMatchObject({ text: '1 of 2 started; 1 already being asked about or warned', isDone: true });
  });

  it('starts nothing where the ledger cannot be read', async () => {
    const prepare = async ({ ledger }: PlayedSlack): Promise<void> => void (ledger.script = ({ on }) => (on === 'list' ? 'fails' : undefined));
    expect(await click({ ...BOTH, prepare })).toMatchObject({ text: 'The ledger could not be read, so nobody knows which jobs people declined or keep. Please try again. Nothing was started.', isDone: false, started: [] });
  });
});
