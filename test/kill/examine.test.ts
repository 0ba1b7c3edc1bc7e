import { describe, expect, it } from '@jest/globals';
import type { Brake } from '../../lib/core/decide.ts';
import type { End } from '../../lib/core/end.ts';
import { type Trouble, UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { KillRequest, Target } from '../../lib/core/request.ts';
import { examine, type Examined, unreadableEnd } from '../../lib/kill/examine.ts';
import type { Looked } from '../../lib/kill/look.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aJob, aPolicy, aRequest, NOON } from '../core/a-job.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';
import { ANALYTICS, DEV } from './mrs-of-simulator.ts';

const JOB = aJob();
const BY_ID: Target = { cluster: 'analytics', job: { by: 'mrs-id', id: JOB.job_id } };
const BY_NAME: Target = { cluster: 'analytics', job: { by: 'name', name: 'nightly-etl' } };
const DOWN: Trouble = { service: 'MRS', kind: 'unavailable', status: 503, message: 'down' };
const one = (job: Job = JOB, askedAt?: number): Looked => ({ found: 'one', cluster: ANALYTICS, job, ...(askedAt !== undefined && { askedAt }) });

type Plan = { target?: Target; request?: Partial<KillRequest>; policy?: Partial<Policy>; clusters?: Cluster[]; looked?: Looked | Error; brake?: Brake | undefined; expiresAt?: number };

async function play({ target = BY_ID, request = {}, policy = {}, clusters = [ANALYTICS, DEV], looked = one(), brake, expiresAt = Infinity }: Plan = {}): Promise<{ examined: Examined; reads: string[] }> {
  const reads: string[] = [];
  const clock = createSteppingClock(NOON);
  const parts = {
    policy: aPolicy(policy), clusters, clock,
    async look(asked: Target) {
      expect(asked).toBe(target);
      reads.push('look');
      clock.advanceTo(NOON + 7);
      if (looked instanceof Error) throw looked;
      return looked;
    },
    async readBrake(_request: KillRequest, jobId: string) {
      reads.push(`brake ${jobId}`);
      return brake;
    },
  };
  return { examined: await examine(parts, aRequest({ trigger: 'alerts', ...request }), target, expiresAt), reads };
}
const endOf = async (plan: Plan): Promise<End | undefined> => {
  const { examined } = await play(plan);
  return examined.go === 'end' ? examined.end : undefined;
};

describe('a look that goes on', () => {
  it('knows the job, where it is, and when it was asked for', async () => {
    expect((await play()).examined).toEqual({ go: 'on', cluster: ANALYTICS, job: JOB, seenAt: NOON });
    expect((await play({ looked: one(JOB, NOON - 5) })).examined).toMatchObject({ seenAt: NOON - 5 });
    expect((await play({ expiresAt: NOON })).examined.go).toBe('on');
  });

  it.each<[what: string, plan: Plan, reads: string[]]>([
    ['beside the look where its id is known', {}, [`brake ${JOB.job_id}`, 'look']],
    ['after the look where it is not', { target: BY_NAME }, ['look', `brake ${JOB.job_id}`]],
    ['of the job that was found, where that is another', { looked: one(aJob({ job_id: 'other' })) }, [`brake ${JOB.job_id}`, 'look', 'brake other']],
    ['never for what only tells people', { request: { action: 'notify' }, brake: { rule: 'paused', reason: 'x' } }, ['look']],
  ])('reads the brakes %s', async (_, plan, reads) => {
    const played = await play(plan);
    expect([played.examined.go, played.reads]).toEqual(['on', reads]);
  });

  it('says who has to be asked, and why', async () => {
    expect((await play({ request: { action: 'ask' } })).examined).toMatchObject({ go: 'on', ask: { who: 'approver', reason: 'ask: an approver has to approve the kill of nightly-etl first' } });
  });

  it.each<[what: string, plan: Plan, dryRun: string | undefined]>([
    ['nothing of a dry run where there is none', {}, undefined],
    ['that the policy wants it', { policy: { dryRun: true } }, 'dryRun in policy.yml covers alerts, so this was a dry run; set it to false to kill'],
    ['that the request wants it', { request: { dryRun: true } }, 'the request asked for a dry run'],
  ])('says %s', async (_, plan, dryRun) => {
    expect((await play(plan)).examined).toEqual({ go: 'on', cluster: ANALYTICS, job: JOB, seenAt: NOON, ...(dryRun !== undefined && { dryRun }) });
  });
});

describe('a look that ends the request:', () => {
  const line = (cluster: Cluster, id: string): string => `; by hand: hcloud MRS StopJob --cli-region=eu-west-101 --cluster_id=${cluster.id} --job_execution_id=${id}`;
  it.each<[what: string, plan: Plan, end: End]>([
    ['too late', { expiresAt: NOON - 1 }, { outcome: 'expired', reason: 'more than 15 min passed since the request, so no more kill is sent; ask again if you still want it' }],
    ['a cluster that is not listed', { looked: { found: 'unlisted', cluster: 'prod' } }, { outcome: 'refused', rule: 'clusters', reason: 'clusters: prod is not listed; add it under clusters: in policy.yml' }],
    ['no job', { looked: { found: 'none', reason: 'no such job' } }, { outcome: 'not-found', reason: 'no such job' }],
    ['a job that is over', { looked: one(aJob({ job_state: 'FINISHED', job_result: 'FAILED' })) }, { outcome: 'already-over', reason: 'it had already ended: FINISHED, result FAILED', job: aJob({ job_state: 'FINISHED', job_result: 'FAILED' }) }],
    ['several, of which five are named', { looked: { found: 'several', jobs: Array.from({ length: 6 }, () => JOB), reason: '6 jobs match' } }, { outcome: 'ambiguous', reason: '6 jobs match', candidates: [JOB, JOB, JOB, JOB, JOB] }],
    ['a brake', { brake: { rule: 'kept', reason: 'kept by U1' } }, { outcome: 'refused', rule: 'kept', reason: 'kept: kept by U1', job: JOB }],
    ['MRS is down, with the command for the job', { looked: new UpstreamFailed(DOWN) }, { outcome: 'failed', code: 'unavailable', trouble: DOWN, reason: `MRS answered HTTP 503: down; nothing was killed${line(ANALYTICS, JOB.job_id)}` }],
    ['MRS is down, with a gap in the command where the id is not known', { target: BY_NAME, looked: new UpstreamFailed(DOWN) }, { outcome: 'failed', code: 'unavailable', trouble: DOWN, reason: `MRS answered HTTP 503: down; nothing was killed${line(ANALYTICS, '<MRS job id>')}` }],
    ['MRS is down, with the only cluster that there is', { target: { job: BY_ID.job }, clusters: [DEV], looked: new UpstreamFailed(DOWN) }, { outcome: 'failed', code: 'unavailable', trouble: DOWN, reason: `MRS answered HTTP 503: down; nothing was killed${line(DEV, JOB.job_id)}` }],
    ['MRS is down, with no command where it may be any cluster', { target: { job: BY_ID.job }, looked: new UpstreamFailed(DOWN) }, { outcome: 'failed', code: 'unavailable', trouble: DOWN, reason: 'MRS answered HTTP 503: down; nothing was killed' }],
    ['the ledger is away', { looked: new LedgerFailed('unavailable', 'no answer') }, { outcome: 'failed', code: 'ledger', reason: 'the ledger could not be used: no answer; nothing is killed without a record there; look at /health' }],
  ])('%s, and nothing was killed', async (_, plan, end) => expect(await endOf(plan)).toEqual(end));

  it('a bug is none', async () => {
    await expect(play({ looked: new TypeError('a bug') })).rejects.toThrow('a bug');
  });

  it('what cannot be read is said without a command where there is none', () => {
    expect(unreadableEnd(DOWN).reason).toBe('MRS answered HTTP 503: down; nothing was killed');
  });
});

describe('a job that a rule chose', () => {
  const onlyIf = { queue: 'adhoc' };
  it('goes on where it fits still', async () => {
    expect(await endOf({ request: { onlyIf } })).toBeUndefined();
  });

  it.each([['stale', 'stale'], ['its rule', undefined]])('is left alone where it does not fit %s any more, and nothing was killed', async (said, policyRule) => {
    const queue = aJob({ queue: 'gold' });
    expect(await endOf({ request: { onlyIf, policyRule }, looked: one(queue) })).toEqual({ outcome: 'refused', rule: 'changed', reason: `changed: nightly-etl does not fit ${said} any more; to kill it all the same, use /mrs kill`, job: queue });
  });
});

describe('a job that was warned of', () => {
  const warning = { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 };
  const request: Partial<KillRequest> = { trigger: 'cleanup', policyRule: 'stale', warning };
  const rule = { name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', warnMs: 60_000 } as const;
  const cleanup = (more: object = {}): Partial<Policy> => ({ cleanup: [{ ...rule, ...more } as never] });
  const now = { action: 'kill', warnMs: 60_000, keepMs: undefined, keepAtMostMs: undefined, dryRun: false };

  it('is judged by its rule as it is now', async () => {
    expect((await play({ request, policy: cleanup() })).examined).toEqual({ go: 'on', cluster: ANALYTICS, job: JOB, seenAt: NOON, rule: now });
    expect((await play({ request, policy: cleanup({ action: 'ask' }) })).examined).toMatchObject({ ask: { who: 'approver' }, rule: { action: 'ask' } });
  });

  it.each<[what: string, request: Partial<KillRequest>, more: object, isDry: boolean]>([
    ['where the rule says so', {}, { dryRun: true }, true],
    ['where the request says so', { dryRun: true }, {}, true],
    ['where neither says so', {}, {}, false],
  ])('is only played %s', async (_, wanted, more, isDry) => {
    const { examined } = await play({ request: { ...request, ...wanted }, policy: cleanup(more) });
    expect(examined.go === 'on' && examined.dryRun).toEqual(isDry ? 'rule stale, or this run of it, asked for a dry run' : undefined);
  });

  it('fits no rule any more, and nothing was killed', async () => {
    for (const policy of [{}, cleanup({ match: { queue: 'gold' } })]) expect(await endOf({ request, policy })).toMatchObject({ outcome: 'refused', rule: 'changed', reason: 'changed: nightly-etl does not fit stale any more; to kill it all the same, use /mrs kill' });
  });

  it('is killed at once by a person who may kill: its rule does not count', async () => {
    const clicked = { ...request, person: 'U1', warning: { ...warning, killNow: true as const } };
    expect(await endOf({ request: clicked, policy: { slack: { mayKill: ['U1'], mayApprove: [] } } })).toBeUndefined();
    for (const person of ['U2', undefined]) {
      const end = await endOf({ request: { ...clicked, person }, policy: { slack: { mayKill: ['U1'], mayApprove: ['U2'] } } });
      expect(end).toEqual({ outcome: 'refused', rule: 'mayKill', reason: 'mayKill: who clicked Kill now is not in slack.mayKill of policy.yml any more', job: JOB });
    }
  });
});
