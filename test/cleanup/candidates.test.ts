import { describe, expect, it } from '@jest/globals';
import { findCandidates } from '../../lib/cleanup/find-candidates.ts';
import { closeRefused, keyOf, runCleanup } from '../../lib/cleanup/run-cleanup.ts';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { JobRule } from '../../lib/core/plan-cleanup.ts';
import { silentReporter } from '../../lib/core/report.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import type { Started } from '../../lib/start/start-all.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { aStart } from '../start/a-start.ts';

const STALE: JobRule = { name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill' };
const OLD: JobRule = { name: 'old', cluster: 'dev', match: { olderThanMs: 1 } as never, action: 'kill' };
const JOBS = [aJob(), aJob({ job_id: 'accepted', job_state: 'ACCEPTED' }), aJob({ job_id: 'other', queue: 'prod' }), aJob({ job_id: 'dev', cluster: 'dev' })];

async function find({ rules = [STALE], skewMs = {}, fails, trigger }: { rules?: JobRule[]; skewMs?: Record<string, number>; fails?: Error; trigger?: 'slack' } = {}) {
  const budgets: CallBudget[] = [];
  const { parts } = await aStart({ policy: { cleanup: rules as never } });
  const mrs = {
    async *activeJobs({ name }: { name: string }, budget: CallBudget): AsyncGenerator<Job[]> {
      budgets.push(budget);
      if (fails && name === 'analytics') throw fails;
      for (const job of JOBS) if (job.cluster === name) yield [job];
    },
    clockSkewMs: ({ name }: { name: string }) => skewMs[name],
  };
  return { budgets, found: await findCandidates({ ...parts, mrs: mrs as never }, 60_000, trigger && { trigger }) };
}
const ids = (list: readonly { job: Job }[]): string[] => list.map(({ job }) => job.job_id);

describe('the jobs that the rules of cleanup fit', () => {
  it('are read once for each cluster, and counted as they run', async () => {
    const { found, budgets } = await find({ rules: [STALE, { ...STALE, name: 'second' }, OLD, { ...STALE, name: 'unlisted', cluster: 'gone' }] });
    expect([ids(found.plan.chosen), found.running, found.unreadable]).toEqual([[JOBS[0]?.job_id, 'accepted', 'dev'], { analytics: 2, dev: 1 }, []]);
    expect(budgets).toEqual([{ rank: 'kill', retryForMs: 60_000 }, { rank: 'kill', retryForMs: 60_000 }]);
    expect((await find({ trigger: 'slack' })).budgets).toEqual([{ rank: 'person', retryForMs: 60_000 }]);
  });

  it.each<[skewMs: number, spared: string[]]>([[300_000, []], [-300_001, ['dev']], [300_001, ['dev']]])('by their age are spared where the clocks of their cluster differ by %s ms: %j', async (dev, spared) => {
    const { found } = await find({ rules: [STALE, OLD], skewMs: { dev } });
    expect([ids(found.plan.spared), found.plan.spared.map(({ by }) => by)]).toEqual([spared, spared.map(() => 'clock')]);
  });

  it('of a cluster that cannot be read do not stop the others; what is no trouble of MRS is thrown', async () => {
    const { found } = await find({ rules: [STALE, OLD], fails: new UpstreamFailed({ kind: 'timeout' } as never) });
    expect([ids(found.plan.chosen), found.unreadable, found.running]).toEqual([['dev'], [{ cluster: 'analytics', reason: expect.any(String) }], { dev: 1 }]);
    await expect(find({ fails: new TypeError('a fault of ours') })).rejects.toThrow('a fault of ours');
  });
});

describe('a run of cleanup that a limit refused', () => {
  const planned = (count: number) => Array.from({ length: count }, (_, index) => ({ rule: STALE, job: aJob({ job_id: `j-${index}`, job_name: `nb-${index}` }) }));
  const refused: Started = { outcome: 'refused', rule: 'perDelivery', reason: 'perDelivery: too many' };
  const close = async (started: Started[], count: number, by: Parameters<typeof closeRefused>[3] = { requestedBy: 'cleanup', at: NOON }) => {
    const { parts, lines, started: starts } = await aStart();
    await closeRefused({ starter: parts.starter }, started, planned(count), by);
    expect(starts).toEqual([]);
    return lines.filter((line) => 'outcome' in line);
  };

  it.each<[what: string, started: Started[], count: number, named: string]>([
    ['one job', [refused], 1, '1 job: nb-0 (j-0)'],
    ['those that were refused', [{ outcome: 'accepted' }, refused, { outcome: 'duplicate' }, refused], 4, '2 jobs: nb-1 (j-1), nb-3 (j-3)'],
    ['ten jobs', Array.from({ length: 10 }, () => refused), 10, `10 jobs: ${Array.from({ length: 10 }, (_, index) => `nb-${index} (j-${index})`).join(', ')}`],
    ['the first ten of more', Array.from({ length: 11 }, () => refused), 11, `11 jobs: ${Array.from({ length: 10 }, (_, index) => `nb-${index} (j-${index})`).join(', ')}, …`],
  ])('is one end, which names %s; nothing was killed', async (_, started, count, named) => {
    expect(await close(started, count)).toEqual([expect.objectContaining({ outcome: 'refused', trigger: 'cleanup', requested_by: 'cleanup', end_reason: `perDelivery: perDelivery: too many (${named})` })]);
  });

  it('is that of who asked for it; where nothing was refused there is no end', async () => {
    expect(await close([refused], 1, { trigger: 'slack', requestedBy: 'U1', at: NOON })).toMatchObject([{ trigger: 'slack', requested_by: 'U1' }]);
    expect(await close([{ outcome: 'accepted' }, { outcome: 'failed', reason: '' }], 2)).toEqual([]);
  });

  it('is one for each run, and its own; nothing was killed', async () => {
    const { parts, lines, started: starts } = await aStart({ policy: { cleanup: [STALE] as never, limits: { perDelivery: 1, perHour: 30, percentOfRunning: 100 } } });
    const mrs = { activeJobs: async function* list() { yield planned(2).map(({ job }) => job); }, clockSkewMs: () => 0 };
    for (const scheduledAt of [NOON, NOON, NOON - 60_000]) await runCleanup({ ...parts, mrs: mrs as never, reporter: silentReporter }, { scheduledAt, dryRun: false });
    const ends = lines.filter((line) => 'outcome' in line);
    expect(ends.map((line) => line['requested_by'])).toEqual(ends.map(() => 'cleanup'));
    expect([new Set(ends.map((line) => line['run'])).size, starts.filter(({ payload }) => payload.kind !== 'notice')]).toEqual([2, []]);
  });

  it('is one an hour for each rule and job', () => expect(keyOf({ rule: STALE, job: aJob({ job_id: 'j' }) }, NOON + 3_599_999)).toBe('cleanup stale j 2026-03-01T12'));
});
