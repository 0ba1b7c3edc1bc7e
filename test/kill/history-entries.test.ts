import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Closed, PickRequest } from '../../lib/core/request.ts';
import { endEntry, endOfEntry, endUntil, historyEntries, jobEntries, jobSeen, runUntil, seenBy } from '../../lib/kill/history-entries.ts';
import { dayKey, type EndEntry, jobKey, type JobSeen, ruleKey } from '../../lib/ledger/keys.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS, DEV } from './mrs-of-simulator.ts';

const ID = { name: 'alerts-live-1', start: 2 };
const JOB = aJob();
const SEEN: JobSeen = {
  cluster: ANALYTICS.id, job_id: '431b135e-c090-489f-b1db-0abe3822b855', job_name: 'nightly-etl', job_type: 'SparkSubmit', user: 'etl-bot', queue: 'adhoc',
  app_id: 'application_1564622673393_0007', launcher_id: 'application_1564622673393_0006',
};
const END: EndEntry = { at: NOON, trigger: 'alerts', by: 'x', why: '', since: NOON, began: NOON, outcome: 'killed', reason: 'r' };
const KEYS = { clusters: [DEV, ANALYTICS], policyHash: 'hash', clock: { now: () => NOON + 9 } };
const closed = (fields: Partial<Closed>): Closed => ({ killId: 'kill-1', trigger: 'alerts', requestedBy: 'x', reason: '', receivedAt: NOON, ...fields });
const named = (name: string) => ({ job: { by: 'name', name } });
const pick: PickRequest['target'] = { cluster: 'analytics', pick: { queue: 'adhoc', order: 'newest', count: 2 } };

describe('a word of a run stands in the history', () => {
  const under = (request: Closed, value: EndEntry): unknown[] => {
    const entries = historyEntries(ID, request, NOON, '1', value, NOON + HOUR_MS);
    expect(entries.every((entry) => entry.value === value && entry.until === NOON + HOUR_MS)).toBe(true);
    return entries.map(({ key }) => key);
  };
  const RUN = 'alerts-live-1-2';
  const day = dayKey(NOON, RUN, '1');
  const job = (...words: string[]) => words.map((word) => jobKey(word, NOON, RUN, '1'));

  it.each<[what: string, request: Closed, value: EndEntry, keys: unknown[]]>([
    ['of its day alone, where there was no target', closed({}), END, [day]],
    ['of its day alone, where the target was no object', closed({ target: 'etl' }), END, [day]],
    ['of its day alone, where there was null', closed({ target: null }), END, [day]],
    ['of its day alone, where no job was found for a pick', closed({ target: pick }), END, [day]],
    ['of what was asked for, where no job was found', closed({ target: named('etl') }), END, [day, ...job('etl')]],
    ['of all that people call the job by', closed({ target: named('etl') }), { ...END, job: SEEN }, [day, ...job('etl', SEEN.job_id, SEEN.app_id, SEEN.launcher_id, SEEN.job_name)]],
    ['of each of these once, and not of what it has not', closed({ target: named('nightly-etl') }), { ...END, job: { ...SEEN, app_id: '', launcher_id: '' } }, [day, ...job('nightly-etl', SEEN.job_id)]],
    ['of the rule that asked', closed({ policyRule: 'long-adhoc' }), END, [day, ruleKey({ name: 'long-adhoc' }, NOON, RUN, '1')]],
    ['of the rule that asked, by its own name for itself', closed({ policyRule: 'alerts.1', rule: { content: 'abc', askAgainMs: 1 } }), END, [day, ruleKey({ content: 'abc' }, NOON, RUN, '1')]],
    ['of the rule that refused', closed({}), { ...END, rule: 'paused' }, [day, ruleKey({ name: 'paused' }, NOON, RUN, '1')]],
    ['of no rule that refused, where none did', closed({}), { ...END, rule: undefined }, [day]],
    ['of both', closed({ policyRule: 'stale' }), { ...END, rule: 'paused' }, [day, ruleKey({ name: 'stale' }, NOON, RUN, '1'), ruleKey({ name: 'paused' }, NOON, RUN, '1')]],
    ['once of a rule that asked and has the name of the one that refused', closed({ policyRule: 'paused' }), { ...END, rule: 'paused' }, [day, ruleKey({ name: 'paused' }, NOON, RUN, '1')]],
  ])('%s', (_, request, value, keys) => expect(under(request, value)).toStrictEqual(keys));
});

it('a job that was found stands under the request, and in the history as open', () => {
  const entries = jobEntries({ id: ID, clusters: KEYS.clusters }, aRequest({ trigger: 'alerts' }), { began: NOON }, JOB, NOON + HOUR_MS);
  expect(entries[0]).toStrictEqual({ key: { partition: 'run/alerts-live-1', rest: 'job' }, value: SEEN, until: NOON + HOUR_MS });
  expect(entries[1]).toStrictEqual({ key: dayKey(NOON, 'alerts-live-1-2', '0'), value: { at: NOON, trigger: 'alerts', by: 'ci', why: '', asked: JOB.job_id, job: SEEN }, until: NOON + HOUR_MS });
  expect(entries).toHaveLength(6);
});

describe('an End in the ledger', () => {
  const times = { since: NOON - 2, began: NOON - 1 };
  it.each<[what: string, end: End, more: object]>([
    ['holds no more than there is', { outcome: 'killed', reason: 'r' }, {}],
    ['holds all that there is but what MRS said besides', { outcome: 'failed', reason: 'r', rule: 'ask', code: '0175', trouble: { service: 'MRS', kind: 'busy', message: 'm' }, answeredBy: 'U1', of: { name: 'a', start: 1 }, mayTakeEffect: true, job: JOB, candidates: [JOB] },
      { rule: 'ask', code: '0175', answeredBy: 'U1', of: { name: 'a', start: 1 }, mayTakeEffect: true, job: SEEN }],
  ])('%s, and is read as it was', (_, end, more) => {
    const request = closed({ trigger: 'cleanup', requestedBy: 'stale', reason: 'why', policyRule: 'stale', target: pick });
    const entry = endEntry(KEYS, request, end, times);
    expect(entry).toStrictEqual({
      at: NOON, trigger: 'cleanup', by: 'stale', why: 'why', policyRule: 'stale', asked: 'the 2 newest jobs of analytics (queue: adhoc)', since: NOON - 2, began: NOON - 1, ended: NOON + 9, policyHash: 'hash', outcome: end.outcome, reason: 'r', ...more,
    });
    const { trouble: _trouble, job: _job, candidates: _candidates, ...known } = end;
    expect(endOfEntry(entry)).toStrictEqual(known);
  });

  it('holds the job that is known where the End has none, and what was asked for where it can be said', () => {
    expect(endEntry(KEYS, closed({ target: named('etl') }), { outcome: 'failed', reason: '' }, { ...times, seen: SEEN })).toMatchObject({ job: SEEN, asked: 'etl' });
    for (const target of [undefined, null, 'etl', {}, { job: 'etl' }]) {
      const entry = endEntry(KEYS, closed({ target }), { outcome: 'failed', reason: '' }, times);
      expect(['asked' in entry, 'policyRule' in entry]).toStrictEqual([false, false]);
    }
  });
});

describe('a job that is remembered', () => {
  it('has its cluster by id, and is named by the name that the policy has now', () => {
    expect(jobSeen(KEYS.clusters, JOB)).toStrictEqual(SEEN);
    expect(seenBy(KEYS.clusters, SEEN)).toStrictEqual({ cluster: 'analytics', job_id: SEEN.job_id, job_name: 'nightly-etl' });
  });

  it('keeps what stands where the policy does not list its cluster any more', () => {
    expect([jobSeen([DEV], JOB).cluster, seenBy([DEV], SEEN).cluster]).toStrictEqual(['analytics', ANALYTICS.id]);
  });
});

it('a run is kept for 14 days, an End for 30', () => {
  expect([runUntil(NOON) - NOON, endUntil(NOON) - NOON]).toStrictEqual([1_209_600_000, 2_592_000_000]);
});
