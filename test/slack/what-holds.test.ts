import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../lib/core/job.ts';
import { type Held, keptKey, noKey, pickKey, startHandedOn, startHeld, warnKey } from '../../lib/ledger/keys.ts';
import type { Key, PutEntry } from '../../lib/ledger/port.ts';
import { type AlertRule, type CleanupRule, type Policy, ruleContent, ruleIdOf } from '../../lib/policy/policy.ts';
import { whatHolds } from '../../lib/slack/what-holds.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS, DEV } from '../kill/mrs-of-simulator.ts';
import { entryOf } from '../start/a-start.ts';
import { APPROVER, aSlack, KILLER } from './a-slack.ts';

const JOB = aJob();
const STALE = { name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', warnMs: HOUR_MS, keepMs: HOUR_MS } satisfies Partial<CleanupRule> as CleanupRule;
const ALERT = { match: { alertname: 'Stuck' }, action: 'kill', warnMs: HOUR_MS, keepMs: HOUR_MS } as unknown as AlertRule;
const PICK = { match: { alertname: 'Full' }, action: 'kill', pick: { queue: 'adhoc', order: 'longest-running', count: 1, cooldownMs: HOUR_MS } } as unknown as AlertRule;
const times = (text: string): string => text.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');

/** What holds the job, where `claims` stand for so long. */
async function holds(policy: Partial<Policy>, { puts = [], claims = [], job = JOB, at = NOON }: { puts?: PutEntry[]; claims?: [Key, object | undefined, string?][]; job?: Job; at?: number } = {}) {
  const { parts, ledger, clock } = await aSlack({ stands: puts, policy });
  for (const [key, value, owner = 'cleanup-live-1'] of claims) await ledger.claim(key, { owner, start: 1, until: NOON + 2 * HOUR_MS, ...(value && { value }) }, { now: NOON });
  clock.advanceTo(at);
  ledger.calls.length = 0;
  return { lines: (await whatHolds(parts, job)).map(times), gets: ledger.calls.filter(({ on }) => on === 'get').map(({ partitions }) => partitions.length) };
}

const warned = (name: string, fields: Partial<Held> = {}): PutEntry => entryOf(startHeld(name, 1, 'warned'), { at: NOON, until: NOON + HOUR_MS, keepMs: HOUR_MS, ...fields });
const next = (name: string, to: string, warns: boolean): PutEntry => entryOf(startHandedOn(name, 1, to), { at: NOON, to, request: { warns } });

describe('nothing holds a job', () => {
  it('where nothing stands', async () => {
    expect((await holds({ cleanup: [STALE], alerts: [ALERT, PICK] })).lines).toEqual([]);
  });

  it('that a rule of another cluster left alone or warns of', async () => {
    const rule = { ...STALE, cluster: 'dev' };
    expect((await holds({ cleanup: [rule] }, { puts: [warned('cleanup-live-1')], claims: [[noKey(ruleIdOf(rule), JOB.job_id, false), { at: NOON, what: 'declined' }], [warnKey(ruleIdOf(rule), JOB.job_id), undefined]] })).lines).toEqual([]);
  });
});

describe('a keep', () => {
  it('holds it, and says against what', async () => {
    const puts = [entryOf(keptKey(JOB.job_id, { name: 'stale' }, 'cleanup-live-1', 1), { at: NOON, until: NOON + HOUR_MS, usedMs: HOUR_MS, by: KILLER, rule: 'stale', job: { ...JOB, cluster: ANALYTICS.id } })];
    expect((await holds({ cleanup: [STALE] }, { puts })).lines).toEqual([`kept until 2026-03-01 13:00 UTC by <@${KILLER}>, for 1 h in all; warned by rule \`stale\`; until then no cleanup rule, no pick and no rule with \`warn\` kills it`]);
  });
});

describe('a warning', () => {
  const W = 'cleanup-live-1';
  it.each<[string, PutEntry[], string[]]>([
    ['that stands', [warned(W)], ['warned by `stale`: will be killed at 2026-03-01 13:00 UTC, unless somebody keeps it']],
    ['that nobody may keep', [warned(W, { keepMs: undefined })], ['warned by `stale`: will be killed at 2026-03-01 13:00 UTC']],
    ['that has just begun', [], ['`stale` is about to warn of it']],
    ['that handed on to its kill', [warned(W), next(W, 'kill-1', false)], ['the kill that `stale` warned of is on its way']],
    ['whose next round stands', [next(W, 'round-2', true), warned('round-2', { until: NOON + 2 * HOUR_MS })], ['warned by `stale`: will be killed at 2026-03-01 14:00 UTC, unless somebody keeps it']],
    ['whose next round but one begins', [next(W, 'round-2', true), next('round-2', 'round-3', true)], ['`stale` is about to warn of it']],
  ])('of cleanup, %s', async (_what, puts, words) => {
    expect((await holds({ cleanup: [STALE] }, { puts, claims: [[warnKey(ruleIdOf(STALE), JOB.job_id), undefined]] })).lines).toEqual(words);
  });

  it('of an alert may be resolved too, and is named by its place where its rule has no name', async () => {
    const claims: [Key, undefined][] = [[warnKey(ruleIdOf(ALERT), JOB.job_id), undefined]];
    expect((await holds({ alerts: [PICK, ALERT] }, { puts: [warned(W)], claims })).lines).toEqual(['warned by `alerts.1`: will be killed at 2026-03-01 13:00 UTC, unless somebody keeps it or its alert was resolved']);
    const named = { ...ALERT, name: 'stuck' };
    expect((await holds({ alerts: [named] }, { puts: [warned(W, { keepMs: undefined })], claims: [[warnKey(ruleIdOf(named), JOB.job_id), undefined]] })).lines).toEqual(['warned by `stuck`: will be killed at 2026-03-01 13:00 UTC, unless its alert was resolved']);
  });

  it('that goes on for ever is followed for thirty rounds', async () => {
    const rounds = (count: number) => Array.from({ length: count }, (_, round) => next(round === 0 ? W : `round-${round}`, `round-${round + 1}`, true));
    const lines = async (count: number) => {
      const { parts, ledger } = await aSlack({ policy: { cleanup: [STALE] } });
      for (const entry of [...rounds(count), warned(`round-${count}`)]) await ledger.put([entry]);
      await ledger.claim(warnKey(ruleIdOf(STALE), JOB.job_id), { owner: W, start: 1, until: NOON + HOUR_MS }, { now: NOON });
      return whatHolds(parts, JOB);
    };
    expect(await lines(29)).toEqual([expect.stringContaining('warned by `stale`')]);
    expect(await lines(30)).toEqual(['`stale` is about to warn of it again']);
  });

  it('is told by a rule that does not warn any more by nothing', async () => {
    const rule = { ...STALE, warnMs: undefined };
    expect((await holds({ cleanup: [rule] }, { puts: [warned(W)], claims: [[warnKey(ruleIdOf(rule), JOB.job_id), undefined]] })).lines).toEqual([]);
  });
});

describe('a no', () => {
  it.each([false, true])('holds it back from its rule, played or not: %s', async (isDry) => {
    const { lines } = await holds({ cleanup: [STALE], alerts: [ALERT] }, { at: NOON + 5 * 60_000, claims: [[noKey(ruleIdOf(STALE), JOB.job_id, isDry), { at: NOON, what: 'declined', by: APPROVER }], [noKey(ruleIdOf(ALERT), JOB.job_id, isDry), { at: NOON, what: 'expired' }]] });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^\`stale\` leaves it alone until 2026-03-01 14:00 UTC: .* by <@${APPROVER}>, 5 min ago$`));
    expect(lines[1]).toMatch(/^`alerts\.0` leaves it alone until 2026-03-01 14:00 UTC: [^@]*, 5 min ago$/);
  });

  it('that cannot be read, or that nobody has said yet, is not told', async () => {
    expect((await holds({ cleanup: [STALE] }, { claims: [[noKey(ruleIdOf(STALE), JOB.job_id, false), undefined]] })).lines).toEqual([]);
  });
});

describe('the choice of a pick', () => {
  const key = (rule = PICK, cluster = ANALYTICS.id, isDry = false): Key => pickKey(ruleContent(rule), cluster, isDry);
  it.each<[string, object | undefined, string]>([
    ['of this job', { at: NOON, start: 1, ids: ['other', JOB.job_id], killId: 'k' }, '`alerts.0` picked this job 5 min ago, and picks nothing else in `analytics` until 2026-03-01 14:00 UTC'],
    ['of another', { at: NOON, start: 1, ids: ['other'], killId: 'k' }, '`alerts.0` picked 1 other job 5 min ago, and picks nothing else in `analytics` until 2026-03-01 14:00 UTC'],
    ['of none', { at: NOON, start: 1, ids: [], killId: 'k' }, '`alerts.0` picked 0 other jobs 5 min ago, and picks nothing else in `analytics` until 2026-03-01 14:00 UTC'],
    ['just now', undefined, '`alerts.0` is picking just now in `analytics`'],
  ])('%s', async (_what, value, words) => {
    for (const isDry of [false, true]) expect((await holds({ alerts: [PICK] }, { at: NOON + 5 * 60_000, claims: [[key(PICK, ANALYTICS.id, isDry), value]] })).lines).toEqual([words]);
  });

  it.each<[string, AlertRule, Partial<Job>, boolean]>([
    ['of its own cluster', { ...PICK, cluster: 'analytics' } as AlertRule, {}, true],
    ['of its own cluster, by its id', { ...PICK, cluster: ANALYTICS.id } as AlertRule, {}, true],
    ['of another cluster', { ...PICK, cluster: 'dev' } as AlertRule, {}, false],
    ['of another queue', PICK, { queue: 'nightly' }, false],
    ['of a queue that MRS left out', PICK, { queue: '' }, true],
    ['of a rule that picks nothing', ALERT, {}, false],
  ])('%s', async (_what, rule, job, isTold) => {
    for (const cluster of [ANALYTICS.id, DEV.id]) {
      const { lines } = await holds({ alerts: [rule] }, { job: aJob(job), claims: [[key(rule, cluster), { at: NOON, start: 1, ids: [JOB.job_id], killId: 'k' }]] });
      expect(lines.length).toBe(isTold && cluster === ANALYTICS.id ? 1 : 0);
    }
  });
});

describe('of many rules', () => {
  it('each is read once, a hundred keys at a time', async () => {
    const cleanup = Array.from({ length: 120 }, (_, number) => ({ ...STALE, name: `rule-${number}` }));
    const claims = cleanup.flatMap((rule): [Key, object | undefined, string?][] => [[noKey(ruleIdOf(rule), JOB.job_id, false), { at: NOON, what: 'declined' }], [warnKey(ruleIdOf(rule), JOB.job_id), undefined, `cleanup-live-${rule.name}`]]);
    const { lines, gets } = await holds({ cleanup }, { claims });
    expect([lines.filter((line) => line.includes('leaves it alone')).length, lines.filter((line) => line.includes('is about to warn')).length]).toEqual([120, 120]);
    expect(new Set(lines).size).toBe(240);
    // A rule's two keys for a no are of one partition.
    expect(gets.toSorted((a, b) => a - b)).toEqual([20, 20, 50, 50, 100]);
  });
});
