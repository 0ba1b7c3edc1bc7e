import { describe, expect, it } from '@jest/globals';
import { readHolds } from '../../lib/cleanup/holds.ts';
import { whyOffTime } from '../../lib/cleanup/on-time.ts';
import type { Fitting, JobRule } from '../../lib/core/plan-cleanup.ts';
import { keptKey, noKey, warnKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { aRun, entryOf } from '../kill/a-run.ts';

const RULE: JobRule = { name: 'stale', cluster: 'analytics', match: {}, action: 'kill' };
const WARNS: JobRule = { ...RULE, name: 'warns', warnMs: 1 };
const JOB = aJob();
const KEPT = { at: NOON, until: NOON + 1, usedMs: 0, by: 'U1', rule: 'any', job: { cluster: 'c', job_id: JOB.job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } };
const kept = entryOf(keptKey(JOB.job_id, { name: 'any' }, 'w', 1), KEPT);
const no = (value: unknown = { at: NOON, what: 'declined', by: 'U2' }, rule = RULE, isDry = false): PutEntry => entryOf(noKey(rule, JOB.job_id, isDry), value);
const warned = (rule: JobRule): PutEntry => entryOf(warnKey(rule, JOB.job_id), 'open');
type Ask = { stands?: PutEntry[]; rule?: JobRule; isPlayed?: boolean; chosen?: Fitting[]; trigger?: 'cleanup' | 'slack'; dryRun?: boolean };

async function holds({ stands = [], rule = RULE, isPlayed = false, chosen, trigger = 'cleanup', dryRun = false }: Ask, fails = false) {
  const run = await aRun({ stands, policy: { dryRun } });
  if (fails) run.ledger.script = () => 'fails';
  const holdOf = await readHolds(run.parts, { chosen: (chosen ?? [{ rule, job: JOB }]).map((one) => ({ ...one, asks: false })), spared: [], asked: [] }, isPlayed, trigger);
  return { ...run, hold: holdOf({ rule, job: JOB }), other: holdOf({ rule, job: aJob({ job_id: 'other' }) }) };
}

describe('what holds a job of cleanup', () => {
  it.each<[what: string, ask: Ask, hold: unknown]>([
    ['nothing', {}, undefined],
    ['a no', { stands: [no()] }, { by: expect.stringContaining('U2') }],
    ['a question that stands', { stands: [no('open')] }, 'asked'],
    ['no no of another rule', { stands: [no(undefined, WARNS)] }, undefined],
    ['an open warning of its rule', { stands: [warned(WARNS)], rule: WARNS }, 'asked'],
    ['an open warning before a no', { stands: [warned(WARNS), no(undefined, WARNS)], rule: WARNS }, 'asked'],
    ['no warning of another rule', { stands: [warned(WARNS)] }, undefined],
    ['no warning of a rule that does not warn', { stands: [warned(RULE)] }, undefined],
    ['a keep, before all', { stands: [kept, no()] }, { by: expect.stringContaining('kept') }],
    ['no no of a dry run, for a run that kills', { stands: [no(undefined, RULE, true)] }, undefined],
    ['a no of a dry run, for one that is played', { stands: [no(undefined, RULE, true)], isPlayed: true }, { by: expect.stringContaining('U2') }],
    ['a no of a dry run, for a rule that is played', { stands: [no(undefined, RULE, true)], rule: { ...RULE, dryRun: true } }, { by: expect.stringContaining('U2') }],
    ['a no of a dry run, where the policy is one', { stands: [no(undefined, RULE, true)], dryRun: true }, { by: expect.stringContaining('U2') }],
    ['no no of a kill, for one that is played', { stands: [no()], isPlayed: true }, undefined],
  ])('is %s', async (_, ask, hold) => {
    const { hold: found, other } = await holds(ask);
    expect([found, other]).toEqual([hold, undefined]);
  });

  it('reads each rule once, its warnings only where it warns, and nothing where no job is chosen', async () => {
    const partitions = async (chosen: Fitting[]): Promise<string[]> => (await holds({ chosen })).ledger.calls.flatMap((call) => call.partitions).toSorted();
    expect(await partitions([{ rule: RULE, job: JOB }, { rule: RULE, job: JOB }, { rule: WARNS, job: JOB }, { rule: WARNS, job: JOB }])).toEqual(['kept', 'no/stale', 'no/warns', 'warn/warns']);
    expect(await partitions([{ rule: RULE, job: JOB }])).toEqual(['kept', 'no/stale']);
    expect(await partitions([])).toEqual([]);
  });

  it('is nothing where the ledger is away, and the log says so; for a person it throws', async () => {
    const { hold, lines } = await holds({ stands: [kept] }, true);
    expect([hold, lines]).toEqual([undefined, [expect.objectContaining({ level: 'warn', message: 'the ledger could not be asked what holds the jobs of cleanup', error: expect.anything() })]]);
    await expect(holds({ trigger: 'slack' }, true)).rejects.toThrow('DynamoDB gave no answer');
  });

  it('throws what is no trouble of the ledger', async () => {
    const { parts } = await aRun();
    const broken = { ...parts, ledger: { ...parts.ledger, list: () => Promise.reject(new TypeError('a fault of ours')) } };
    await expect(readHolds(broken, { chosen: [{ rule: RULE, job: JOB, asks: false }], spared: [], asked: [] }, false, 'cleanup')).rejects.toThrow('a fault of ours');
  });
});

describe('a run at its time', () => {
  it.each<[lateMs: number, why: string | undefined]>([
    [0, undefined], [900_000, undefined], [-300_000, undefined],
    [900_001, 'it started 15 min after its time, and 15 min are allowed'], [1_200_000, 'it started 20 min after its time, and 15 min are allowed'], [-600_000, 'its time is 10 min ahead, and 5 min are allowed'], [-300_001, 'its time is 5 min ahead, and 5 min are allowed'],
  ])('that starts %s ms late', (lateMs, why) => expect(whyOffTime(NOON + lateMs, NOON)).toBe(why));
});
