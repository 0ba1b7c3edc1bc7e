import { describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import { keptKey, nameKey, noKey, resolvedKey, switchKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { chooseNow, killOf } from '../../lib/start/choose-now.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, entryOf, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const RULE = { content: 'c-1', askAgainMs: 24 * HOUR_MS };
/** The jobs of the queue, the longest-running first: `job-9` began nine hours ago. */
const queue = (...hours: number[]): Job[] => hours.map((ago) => jobOf(`job-${ago}`, { submitted_time: NOON - ago * HOUR_MS, started_time: NOON - ago * HOUR_MS }));
const jobOf = (job_id: string, fields: Partial<Job> = {}): Job => aJob({ job_id, job_name: job_id, ...fields });
const FIVE = queue(9, 8, 7, 6, 5);

async function choose(plan: StartPlan, request = aPick(), since = NOON, prepare: (played: PlayedStart) => unknown = () => undefined) {
  const played = await aStart(plan);
  await prepare(played);
  const chosen = await chooseNow(played.parts, request, ANALYTICS, since);
  return { played, chosen, ids: 'jobs' in chosen ? chosen.jobs.map(({ job_id }) => job_id) : chosen.end };
}

const no = (what: string): PutEntry => entryOf(noKey(RULE, 'job-9', false), { at: NOON, what });

describe('a pick chooses', () => {
  it('what fits, as it is remembered', async () => {
    const { chosen, played } = await choose({ jobs: FIVE });
    expect(chosen).toEqual({
      jobs: [{ cluster: ANALYTICS.id, job_id: 'job-9', job_name: 'job-9', job_type: 'SparkSubmit', user: 'etl-bot', queue: 'adhoc', app_id: 'application_1564622673393_0007', launcher_id: 'application_1564622673393_0006' }],
      leftOut: '',
    });
    expect(played.lists).toEqual([{ retryForMs: 60_000 }]);
  });

  it.each<[string, StartPlan, object]>([
    ['somebody said no to', { stands: [no('no')] }, { leftOut: 'left out: 1 left alone by this rule' }],
    ['is kept', { stands: [entryOf(keptKey('job-9', RULE, 'x', 1), { at: NOON, until: NOON + HOUR_MS, usedMs: 1, by: 'U1', rule: 'r', job: { cluster: ANALYTICS.id, job_id: 'job-9', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } })] }, { leftOut: 'left out: 1 kept' }],
    ['is protected', { policy: { protected: [{ name: 'job-9' }] } }, { leftOut: 'left out: 1 refused by protected' }],
    ['was started again after a kill', { stands: [entryOf(nameKey(ANALYTICS.id, 'job-9', 'job-0', 'run'), { at: NOON - 10 * HOUR_MS })] }, { leftOut: 'left out: 1 started again after a kill' }],
  ])('the next where the first %s', async (_, plan, said) => {
    const { chosen, ids } = await choose({ jobs: FIVE, ...plan });
    expect(ids).toEqual(['job-8']);
    expect(chosen).toMatchObject(said);
  });

  it.each([
    ['is being killed', [entryOf(nameKey(ANALYTICS.id, 'job-9', 'job-9', 'run'), { at: NOON })]],
    ['is being asked about', [entryOf(noKey(RULE, 'job-9', false), undefined)]],
    ['people were told of', [no('told')]],
  ])('none where the first %s: it counts already', async (_, stands) => {
    const { ids } = await choose({ jobs: FIVE, stands });
    expect(ids).toEqual({ outcome: 'not-found', reason: 'no further job of analytics is picked: 1 job counts already: it is being killed, is being asked about, or people were told of it (the longest-running job of analytics (queue: adhoc))' });
  });

  it.each([
    ['is being killed', [entryOf(nameKey(ANALYTICS.id, 'job-5', 'job-5', 'run'), { at: NOON })]],
    ['is being asked about', [entryOf(noKey(RULE, 'job-5', false), undefined)]],
  ])('none where the newest %s: it counts already', async (_, stands) => {
    expect((await choose({ jobs: FIVE, stands }, aPick({ pick: { order: 'newest' } }))).ids).toMatchObject({ outcome: 'not-found', reason: expect.stringContaining(': 1 job counts already: it is being killed') });
  });

  it('none where two count already', async () => {
    const dying = ['job-9', 'job-8'].map((id) => entryOf(nameKey(ANALYTICS.id, id, id, 'run'), { at: NOON }));
    const { ids } = await choose({ jobs: FIVE, stands: dying }, aPick({ pick: { count: 2 } }));
    expect(ids).toMatchObject({ outcome: 'not-found', reason: expect.stringContaining(': 2 jobs count already: each is being killed') });
  });

  it("a request without a rule asks for no no, and a rule's is its own", async () => {
    expect((await choose({ jobs: FIVE, stands: [no('no')] }, aPick({ rule: undefined }))).ids).toEqual(['job-9']);
    expect((await choose({ jobs: FIVE, stands: [no('no')] }, aPick({ rule: { ...RULE, content: 'c-2' } }))).ids).toEqual(['job-9']);
    expect((await choose({ jobs: FIVE, stands: [no('no')] }, aPick({ dryRun: true }))).ids).toEqual(['job-9']);
  });

  it.each<[string, Partial<Job>, number | undefined, number]>([
    ['newer than the alert', {}, NOON - 9 * HOUR_MS, NOON],
    ['newer than our first word of it', {}, undefined, NOON - 9 * HOUR_MS],
    ['newer than our first word of it, which came before the alert began', {}, NOON, NOON - 9 * HOUR_MS],
    ['submitted nobody knows when', { submitted_time: 0 }, undefined, NOON],
  ])('none that is %s, and says so', async (_, fields, submittedBefore, since) => {
    const { ids } = await choose({ jobs: queue(9).map((job) => ({ ...job, ...fields })) }, aPick({ target: { submittedBefore } }), since);
    expect(ids).toEqual({ outcome: 'not-found', reason: 'no job of analytics fits: the longest-running job of analytics (queue: adhoc); left out: 1 newer than the alert' });
  });

  it('what was submitted a ms before the alert began', async () => {
    expect((await choose({ jobs: queue(9) }, aPick(), NOON - 9 * HOUR_MS + 1)).ids).toEqual(['job-9']);
  });

  it('nothing where no job fits, and says no more', async () => {
    expect((await choose({ jobs: queue(9).map((job) => ({ ...job, queue: 'gold' })) })).ids).toEqual({ outcome: 'not-found', reason: 'no job of analytics fits: the longest-running job of analytics (queue: adhoc)' });
  });
});

describe('a pick is refused', () => {
  it('over percentOfRunning: what does not run is none of the running', async () => {
    const jobs = [...queue(9, 8), ...queue(7, 6).map((job) => ({ ...job, job_state: 'ACCEPTED' as const }))];
    expect((await choose({ jobs }, aPick({ pick: { count: 2 } }))).ids).toMatchObject({ outcome: 'refused', rule: 'percentOfRunning', reason: expect.stringContaining('percentOfRunning: 2 of the 2 running jobs of analytics were chosen and 50 percent (1) are allowed') });
    expect((await choose({ jobs: FIVE }, aPick({ pick: { count: 2 } }))).ids).toEqual(['job-9', 'job-8']);
  });

  it('after its alert was resolved', async () => {
    expect((await choose({ jobs: FIVE, stands: [entryOf(resolvedKey('o-1'), { at: NOON })] }, aPick({ occurrence: 'o-1', pickedBy: { name: 'x', start: 1 } }))).ids).toMatchObject({ outcome: 'refused', rule: 'resolved' });
  });

  it('while paused, by the setting or the ledger', async () => {
    expect((await choose({ jobs: FIVE, isPaused: true })).ids).toMatchObject({ outcome: 'refused', rule: 'paused', reason: expect.stringMatching(/^paused: the off switch is on; set PAUSED/) });
    expect((await choose({ jobs: FIVE, stands: [entryOf(switchKey, { at: NOON })] })).ids).toMatchObject({ outcome: 'refused', rule: 'paused' });
  });

  it('more than 15 min after it came', async () => {
    const late = async (ms: number) => (await choose({ jobs: FIVE }, aPick(), NOON, ({ clock }) => clock.advanceTo(NOON + ms))).ids;
    expect(await late(15 * MINUTE_MS)).toEqual(['job-9']);
    expect(await late(15 * MINUTE_MS + 1)).toMatchObject({ outcome: 'expired' });
  });

  it('where MRS does not list its jobs; what nobody thought of is thrown', async () => {
    const trouble = { service: 'MRS', kind: 'unreachable', message: 'no answer' } as const;
    expect((await choose({ onList: () => new UpstreamFailed(trouble as never) })).ids).toMatchObject({ outcome: 'failed', trouble });
    await expect(choose({ onList: () => new TypeError('a fault of ours') })).rejects.toThrow('a fault of ours');
  });

  it('where the ledger does not say how a job stands, after 20 s', async () => {
    const { ids, played } = await choose({ jobs: queue(9) }, aPick(), NOON, ({ ledger }) => {
      ledger.script = ({ partitions }) => (partitions.some((one) => one.startsWith('name/')) ? 'fails' : undefined);
    });
    expect(ids).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect(played.clock.now() - NOON).toBeGreaterThan(17_000);
    expect(played.clock.now() - NOON).toBeLessThanOrEqual(20_000);
    await expect(choose({ jobs: queue(9) }, aPick(), NOON, ({ ledger }) => (ledger.script = ({ partitions }) => { if (partitions[0]?.startsWith('name/')) throw new TypeError('a fault of ours'); return undefined; }))).rejects.toThrow('a fault of ours');
  });

  it('where the off switch cannot be read for a minute', async () => {
    const { ids, played } = await choose({ jobs: FIVE }, aPick(), NOON, ({ ledger }) => void (ledger.script = () => 'fails'));
    expect(ids).toMatchObject({ outcome: 'refused', rule: 'paused' });
    expect(played.clock.now() - NOON).toBe(60_000);
  });
});

it('asks the ledger about ten jobs at once, no more', async () => {
  const jobs = queue(...Array.from({ length: 30 }, (_, index) => index + 1));
  const { played } = await choose({ jobs }, aPick({ pick: { order: 'newest' } }), NOON, ({ ledger }) => void (ledger.pause = () => new Promise((done) => setImmediate(done))));
  expect(played.ledger.mostInFlight()).toBe(30); // three calls each
});

it('the kill of a chosen job has to fit what it was chosen for, and no more', () => {
  const { target: _, ...request } = aPick();
  expect(killOf(aPick({ pick: { cooldownMs: 5, user: 'etl' } }), ANALYTICS, 'job-9', 'kill-9')).toEqual({ ...request, killId: 'kill-9', onlyIf: { queue: 'adhoc', user: 'etl' }, target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-9' } } });
});
