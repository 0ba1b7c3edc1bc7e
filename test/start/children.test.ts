import { describe, expect, it } from '@jest/globals';
import { dayPartition, jobPartition, rulePartition, startPartition } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { startChildren } from '../../lib/start/children.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, ID, type PlayedStart, type StartPlan } from './a-start.ts';

const DAY_MS = 24 * HOUR_MS;
const seen = (job_id: string, job_name = '') => ({ cluster: ANALYTICS.id, job_id, job_name, job_type: '', user: '', queue: '', app_id: '', launcher_id: '' });

/** The children of a pick that began a second before noon. */
async function start({ plan = {}, jobs = [seen('job-1', 'etl'), seen('job-2')], leftOut = '', request = aPick(), prepare = () => undefined }: { plan?: StartPlan; jobs?: ReturnType<typeof seen>[]; leftOut?: string; request?: ReturnType<typeof aPick>; prepare?: (played: PlayedStart) => void } = {}) {
  const played = await aStart(plan);
  prepare(played);
  const end = await startChildren(played.parts, request, { jobs, leftOut, cluster: ANALYTICS, began: NOON - 1_000 });
  return { ...played, played, end };
}
const REST = `2026-03-01T11:59:59.000Z-${ID.name}-picked`;

describe('the children of a pick', () => {
  it('are on record before they are started, each by its job, as long as a run', async () => {
    const before: number[] = [];
    const { started, list } = await start({ prepare: ({ ledger, started: so }) => {
      const put = ledger.put.bind(ledger);
      ledger.put = (...args) => (before.push(so.length), put(...args));
    } });
    expect(before).toEqual([0, 2]);
    expect(await list(startPartition(ID.name))).toEqual(['job-1', 'job-2'].map((id, index) => ({ rest: `000001/handed/${id}`, value: { at: NOON, to: started[index]?.name }, until: NOON + 14 * DAY_MS })));
  });

  it('of more than 25 are put on record by 25', async () => {
    const jobs = Array.from({ length: 60 }, (_, index) => seen(`job-${index}`));
    const { ledger, started } = await start({ plan: { policy: { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 100 } } }, jobs, prepare: ({ ledger: watched }) => {
      const put = watched.put.bind(watched);
      watched.put = (entries, ...rest) => (expect(entries.length).toBeLessThanOrEqual(26), put(entries, ...rest));
    } });
    expect([started.length, ledger.calls.filter(({ on, partitions }) => on === 'put' && partitions[0] === startPartition(ID.name)).length]).toEqual([60, 3]);
  });

  it('of 25 are put on record at once, and nothing else is', async () => {
    const { ledger } = await start({ plan: { policy: { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 100 } } }, jobs: Array.from({ length: 25 }, (_, index) => seen(`job-${index}`)) });
    expect(ledger.calls.filter(({ on, partitions }) => on === 'put' && (partitions.length === 0 || partitions[0] === startPartition(ID.name)))).toHaveLength(1);
  });

  it.each([
    ['the reason of the pick', 'stuck', '', 'stuck'],
    ['what was left out', '', 'left out: 1 kept', 'left out: 1 kept'],
    ['both', 'stuck', 'left out: 1 kept', 'stuck; left out: 1 kept'],
    ['nothing', '', '', ''],
  ])('say why: %s', async (_, reason, leftOut, said) => {
    const { started } = await start({ request: aPick({ reason }), leftOut });
    expect(started.map(({ payload }) => payload)).toMatchObject([{ request: { reason: said, killId: 'id-1', pickedBy: ID } }, { request: { reason: said, killId: 'id-2', pickedBy: ID } }]);
  });

  it('are duplicates of themselves when they are started again', async () => {
    const [first, again] = [await start(), await start({ plan: { onStart: () => 'exists' } })];
    expect(again.started.map(({ name }) => name)).toEqual(first.started.map(({ name }) => name));
    expect([again.end, (await start({ plan: { id: { ...ID, start: 2 } } })).started[0]?.name === first.started[0]?.name]).toEqual([undefined, false]);
  });

  it('of which there are more than a delivery may bring are refused as a whole', async () => {
    const { end, list } = await start({ plan: { policy: { limits: { perDelivery: 1, perHour: 100, percentOfRunning: 100 } } } });
    expect(end).toMatchObject({ outcome: 'refused', rule: 'perDelivery', reason: expect.stringMatching(/^perDelivery: this delivery would start 2 kills and 1 are allowed/) });
    expect(await list(dayPartition(NOON))).toEqual([]);
  });

  it('of which the engine does not take one have failed as a whole: those that run report their own ends', async () => {
    let starts = 0;
    const { end, started } = await start({ plan: { onStart: () => (++starts === 1 ? 'started' : new EngineFailed('down')) } });
    expect(end).toMatchObject({ outcome: 'failed', code: 'not_started', reason: expect.stringContaining('the engine did not take them') });
    expect(started.length).toBeGreaterThan(1);
  });

  it('cannot be put on record: none is started, and the end says why', async () => {
    const { end, started, budgets } = await start({ prepare: ({ ledger }) => void (ledger.script = () => new LedgerFailed('refused', 'no rights')) });
    expect(end).toEqual({ outcome: 'failed', code: 'not_started', reason: 'not all kills of the picked jobs could be started: no rights; each one that was started reports its own end' });
    expect([started, budgets]).toEqual([[], [['start', 300]]]);
  });
});

describe('what was picked', () => {
  it.each([
    ['', 'the longest-running job of analytics (queue: adhoc): etl, job-2'],
    ['left out: 1 kept', 'the longest-running job of analytics (queue: adhoc): etl, job-2; left out: 1 kept'],
  ])('stands in the history by day, rule and job: %s', async (leftOut, why) => {
    const { list, lines } = await start({ leftOut });
    const value = { at: NOON, what: 'picked', by: 'ci', why, policyRule: 'alerts.1' };
    for (const partition of [dayPartition(NOON), rulePartition({ content: 'c-1' }), jobPartition('job-1'), jobPartition('job-2')]) expect(await list(partition)).toEqual([{ rest: REST, value, until: NOON + 30 * DAY_MS }]);
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'picked', kill_id: 'kill-1', rule: 'alerts.1', jobs: ['job-1', 'job-2'], left_out: leftOut });
  });

  it('of no rule stands by day and job alone', async () => {
    const { list } = await start({ request: aPick({ rule: undefined, policyRule: undefined }) });
    const [entry] = await list(dayPartition(NOON));
    expect(entry?.value).not.toHaveProperty('policyRule');
    expect(await list(rulePartition({ content: 'c-1' }))).toEqual([]);
  });

  it('stands under 23 of its jobs at most', async () => {
    const jobs = Array.from({ length: 30 }, (_, index) => seen(`job-${index}`));
    const { list } = await start({ plan: { policy: { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 100 } } }, jobs });
    expect([(await list(jobPartition('job-22'))).length, (await list(jobPartition('job-23'))).length]).toEqual([1, 0]);
  });
});
