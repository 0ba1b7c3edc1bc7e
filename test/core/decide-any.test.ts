import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ClusterSelector, decide } from '../../lib/core/decide.ts';
import type { Job } from '../../lib/core/job.ts';
import { type KillRequest, TRIGGERS } from '../../lib/core/request.ts';
import { matchesSelector, matchSelector, type Selector } from '../../lib/core/selector.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aJob, aPolicy, aRequest, NOON } from './a-job.ts';
import { runs } from '../support/full-size.ts';

const PAUSED = { rule: 'paused', reason: 'the off switch is on' } as const;
const now = new Date(NOON);
const word = fc.oneof(fc.constantFrom('', 'etl', 'ETL', 'billing-1', 'adhoc', '*', '__proto__', 'constructor'), fc.string({ maxLength: 12 }));
const glob = fc.oneof(fc.constantFrom('*', '?*', 'etl', 'billing-*', '*-1', 'Spark*', 'flink'), fc.string({ minLength: 1, maxLength: 6 }));
const time = fc.oneof(fc.constant(0), fc.integer({ min: NOON - 100_000_000, max: NOON + 1_000_000 }));
const age = fc.integer({ min: 1, max: 100_000_000 });

const job: fc.Arbitrary<Job> = fc
  .record({
    cluster: fc.oneof(fc.constant('analytics'), fc.constantFrom('analytics', 'dev', 'payroll'), word),
    job_name: word,
    job_type: fc.constantFrom('SparkSubmit', 'SparkSql', 'SPARKSQL', 'SparkScript', 'Flink', 'HiveSql', ''),
    user: word,
    queue: word,
    job_state: fc.constantFrom('NEW', 'ACCEPTED', 'RUNNING', 'KILLED', ''),
    submitted_time: time,
    started_time: time,
  })
  .map(aJob);

const selectorFields = { name: glob, user: glob, queue: glob, type: glob, state: glob, olderThanMs: age, pendingLongerThanMs: age };
// One field or all that chance gives: few jobs would fit only selectors of many fields.
const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.record({ name: glob }),
  fc.record({ user: glob }),
  fc.record({ olderThanMs: age }),
  fc.record(selectorFields, { requiredKeys: [] }),
);
const clusterSelector: fc.Arbitrary<ClusterSelector> = fc.record({ cluster: glob, ...selectorFields }, { requiredKeys: [] });
const trigger = fc.constantFrom(...TRIGGERS);
const request: fc.Arbitrary<KillRequest> = fc
  .record({
    trigger,
    action: fc.constantFrom('kill', 'ask'),
    dryRun: fc.boolean(),
    requestedBy: word,
    reason: word,
    receivedAt: time,
    target: fc.constant({ cluster: 'analytics', job: { by: 'name', name: 'etl' } as const }),
  })
  .map(aRequest);
const askRule = fc.record({ trigger, match: clusterSelector, who: fc.constantFrom('requester', 'approver', 'none') }, { requiredKeys: ['who'] });
const policy: fc.Arbitrary<Policy> = fc
  .record({
    clusters: fc.constantFrom({ analytics: { id: 'a' } }, { analytics: { id: 'a' }, dev: { id: 'd' } }, {}),
    protected: fc.array(selector, { maxLength: 3 }),
    ask: fc.array(askRule, { maxLength: 3 }),
    dryRun: fc.oneof(fc.boolean(), fc.subarray([...TRIGGERS])),
  })
  .map(aPolicy);

describe('whatever the request, the job and the policy', () => {
  it('nothing is allowed or asked in an unlisted cluster', () => {
    fc.assert(
      fc.property(policy, request, job, fc.boolean(), (p, r, j, paused) => {
        fc.pre(!Object.keys(p.clusters).includes(j.cluster));
        expect(decide(p, r, j, { now, ...(paused && { brake: PAUSED }) })).toMatchObject({ verdict: 'refuse', rule: 'clusters' });
      }),
    );
  });

  it('no protected job may be killed', () => {
    fc.assert(
      fc.property(policy, request, job, fc.boolean(), (p, r, j, paused) => {
        fc.pre(p.protected.some((guard) => matchesSelector(guard, j, now)));
        expect(decide(p, r, j, { now, ...(paused && { brake: PAUSED }) }).verdict).toBe('refuse');
      }),
    );
  });

  it('no job may be killed that has a field of its own under protection', () => {
    const field = fc.constantFrom('name', 'user', 'queue', 'type', 'state');
    fc.assert(
      fc.property(policy, request, job, field, (p, r, j, key) => {
        const value = { name: j.job_name, user: j.user, queue: j.queue, type: j.job_type, state: j.job_state }[key];
        fc.pre(value !== '');
        const guarded = { ...p, protected: [...p.protected, { [key]: value }] };
        expect(decide(guarded, r, j, { now }).verdict).toBe('refuse');
      }),
    );
  });

  it('no SparkSql job may be killed', () => {
    fc.assert(
      fc.property(policy, request, job, fc.constantFrom('SparkSql', 'SPARKSQL', 'sparkSQL'), (p, r, j, job_type) => {
        expect(decide(p, r, { ...j, job_type }, { now }).verdict).toBe('refuse');
      }),
    );
  });

  it('nothing is allowed or asked while paused', () => {
    fc.assert(fc.property(policy, request, job, (p, r, j) => decide(p, r, j, { now, brake: PAUSED }).verdict === 'refuse'));
  });

  it('an action ask is never allowed unasked, nor left to the requester', () => {
    fc.assert(
      fc.property(policy, request, job, (p, r, j) => {
        const decision = decide(p, { ...r, action: 'ask' }, j, { now });
        return decision.verdict === 'refuse' || (decision.verdict === 'ask' && decision.who === 'approver');
      }),
    );
  });

  it('no machine is asked to confirm its own request', () => {
    fc.assert(
      fc.property(policy, request, job, fc.constantFrom('alerts', 'cleanup'), (p, r, j, machine) => {
        const decision = decide(p, { ...r, trigger: machine }, j, { now });
        return decision.verdict !== 'ask' || decision.who === 'approver';
      }),
    );
  });

  const left = { job_name: '', job_type: '', user: '', queue: '', job_state: '', submitted_time: 0, started_time: 0 } as const;
  const leftOut = fc.subarray(Object.keys(left) as (keyof typeof left)[], { minLength: 1 });
  /** Without these fields; a start is left out only where the job runs. */
  const without = (j: Job, fields: readonly (keyof typeof left)[]): Job => ({
    ...j,
    ...Object.fromEntries(fields.filter((field) => field !== 'started_time' || j.job_state === 'RUNNING').map((field) => [field, left[field]])),
  });
  const strictness = (decision: ReturnType<typeof decide>): number =>
    decision.verdict === 'refuse' ? 3 : decision.verdict === 'allow' ? 0 : { requester: 1, approver: 2 }[decision.who];

  it('what MRS left out makes no decision weaker than any value of it would', () => {
    fc.assert(
      fc.property(policy, request, job, leftOut, (p, r, j, fields) => {
        fc.pre(j.job_type.toLowerCase() !== 'sparksql'); // which MRS itself refuses to stop
        const whole = decide(p, r, j, { now });
        return strictness(decide(p, r, without(j, fields), { now })) >= strictness(whole);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('what MRS left out makes no selector fit that would not fit with some value of it', () => {
    fc.assert(
      fc.property(selector, job, leftOut, (s, j, fields) => {
        const bare = without(j, fields);
        if (matchesSelector(s, bare, now)) expect(matchesSelector(s, j, now)).toBe(true);
        if (matchSelector(s, bare, now) === 'no') expect(matchSelector(s, j, now)).toBe('no');
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('the words of a refusal or a question begin with the rule', () => {
    fc.assert(
      fc.property(policy, request, job, fc.boolean(), (p, r, j, paused) => {
        const decision = decide(p, r, j, { now, ...(paused && { brake: PAUSED }) });
        return decision.verdict === 'allow' || decision.reason.startsWith(`${decision.rule}: `);
      }),
    );
  });

  it('the same question gets the same answer, and policy, request and job stay as they were', () => {
    fc.assert(
      fc.property(policy, request, job, fc.boolean(), (p, r, j, paused) => {
        const before = structuredClone({ p, r, j });
        const first = decide(p, r, j, { now, ...(paused && { brake: PAUSED }) });
        expect(decide(p, r, j, { now, ...(paused && { brake: PAUSED }) })).toEqual(first);
        expect({ p, r, j }).toEqual(before);
      }),
    );
  });
});
