import { afterEach, describe, expect, it } from '@jest/globals';
import type { KillRequest, Target } from '../../lib/core/request.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { expectEnd } from './expect-end.ts';
import { MINUTE_MS, POLICY, type WorkflowStage, type WorkflowOptions, START_MS, startWorkflowStage } from '../stage/workflow.ts';

const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

let stage: WorkflowStage;
afterEach(() => stage.close());

async function begin(options: WorkflowOptions = {}, job: Partial<SimulatedJob> = {}): Promise<WorkflowStage & { jobId: string }> {
  stage = await startWorkflowStage(options);
  return { ...stage, jobId: stage.simulator.addJob(job).job_id };
}

const named = (name: string, more: Partial<Target> = {}): { target: Target } => ({ target: { job: { by: 'name', name }, ...more } });
const NOTHING = { posts: 0, killed: [] };

describe('killed', () => {
  it('is a job that MRS says was killed: looked at twice, one POST, followed to its end', async () => {
    const { jobId, play, trail, shown } = await begin();
    const end = expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(end.job).toMatchObject({ job_id: jobId, job_state: 'KILLED', job_result: 'KILLED' });
    expect(trail).toEqual([
      'checkpoint begin', 'POST iam', 'GET job', 'checkpoint look',
      'GET job', 'checkpoint look-again', 'checkpoint place',
      'checkpoint record', 'audit killing', 'checkpoint audit-before',
      'POST kill', 'checkpoint kill-1', 'checkpoint answer-1',
      'show killing', 'checkpoint killing',
      'GET job', 'GET job', 'checkpoint follow',
      'checkpoint end', 'audit kill request ended', 'checkpoint audit',
      'show end killed', 'checkpoint report', 'checkpoint history',
    ]);
    const [killing, last] = shown;
    expect(last?.previous).toEqual({ channel: 'C0123456789', ts: '17951232.1' });
    expect([killing?.previous, last?.view]).toEqual([undefined, expect.objectContaining({ stage: 'end', tookMs: 2_000 })]);
  });

  it('is said while the logs are still copied and the state is RUNNING', async () => {
    const { jobId, play } = await begin({}, { logCopyMs: 10 * MINUTE_MS });
    const end = expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(end.job).toMatchObject({ job_state: 'RUNNING', job_result: 'KILLED' });
  });

  it.each([
    ['its name, in whatever listed cluster it runs', named('nb-7')],
    ['its name and the name of its cluster', named('nb-7', { cluster: 'dev' })],
    ['its name and the id of its cluster', named('nb-7', { cluster: DEV_ID })],
    ['its YARN id', { target: { job: { by: 'yarn-id', id: 'application_1564622673393_0077' } } } as const],
    ['the YARN id of its launcher', { target: { job: { by: 'yarn-id', id: 'application_1564622673393_0076' } } } as const],
  ])('is a job named by %s', async (_, request) => {
    const job = { cluster_id: DEV_ID, job_name: 'nb-7', launcher_id: 'application_1564622673393_0076', app_id: 'application_1564622673393_0077' };
    const { jobId, play, simulator } = await begin({}, job);
    simulator.addJob({ job_name: 'nb-70' });
    expectEnd(stage, await play(request), { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it('has on record who asked, why, for which job and under which policy', async () => {
    const { jobId, play, lines, load } = await begin();
    await play();
    const policy_hash = load().policyHash;
    expect(policy_hash).toMatch(/^[0-9a-f]{16}$/);
    const record = { kill_id: 'kill-1', trigger: 'alerts', requested_by: 'MrsJobStuck', reason: 'stuck since noon', policy_hash };
    expect(lines.find(({ message }) => message === 'killing')).toMatchObject({ ...record, level: 'audit', job: { job_id: jobId } });
    expect(lines.at(-1)).toMatchObject({ ...record, level: 'audit', outcome: 'killed', target: { cluster: 'analytics' }, job: { job_id: jobId } });
  });

  it('never carries what MRS says of arguments and properties', async () => {
    const { play, lines, shown } = await begin();
    const { operations } = await play();
    const all = JSON.stringify([lines, shown, operations]);
    expect(all).toContain('job-1');
    expect(all).not.toMatch(/fake-argument-secret|fake-property-secret|FAKEACCESSKEY|simulator-password/);
    for (const token of stage.simulator.issuedTokens()) expect(all).not.toContain(token);
  });

  it('takes any 2xx for a yes, with a body or without', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 200, body: 'not JSON', thenDo: 'effect' });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it('needs no place to report to', async () => {
    const { jobId, play, simulator, lines } = await begin({ reporter: 'silent' });
    const { status, result } = await play();
    expect([status, JSON.parse(result ?? '')]).toEqual(['SUCCEEDED', { kill_id: 'kill-1', outcome: 'killed' }]);
    expect(simulator.killed()).toEqual([jobId]);
    expect(lines.map(({ message, outcome }) => [message, outcome])).toEqual([['killing', undefined], ['kill request ended', 'killed']]);
  });
});

describe('finished-first', () => {
  it('is a job that ended by itself before the kill took effect', async () => {
    const { play } = await begin({ killDelayMs: 60_000 }, { endsItself: { afterMs: 5_000, result: 'SUCCEEDED' } });
    const end = expectEnd(stage, await play(), { outcome: 'finished-first', posts: 1, killed: [] });
    expect(end.reason).toBe('it ended by itself: FINISHED, result SUCCEEDED');
  });

  it('is a job that ended between the look and the POST, although MRS then refuses the kill', async () => {
    const { jobId, play } = await begin({ onShow: ({ stage: at }) => at === 'killing' && stage.simulator.endJob(jobId, 'FAILED') });
    expectEnd(stage, await play(), { outcome: 'finished-first', reason: /FAILED/, posts: 1, killed: [] });
  });
});

describe('already-over', () => {
  it.each([
    ['FINISHED', 'SUCCEEDED'],
    ['FAILED', 'FAILED'],
    ['KILLED', 'KILLED'],
    ['RUNNING', 'KILLED'],
  ])('is a job found %s with result %s, and nothing was killed', async (job_state, job_result) => {
    const { jobId, play, trail } = await begin({}, { job_state, job_result });
    const end = expectEnd(stage, await play(), { outcome: 'already-over', ...NOTHING });
    expect(end).toMatchObject({ reason: `it had already ended: ${job_state}, result ${job_result}`, job: { job_id: jobId } });
    expect(trail).not.toContain('checkpoint record');
  });
});

describe('would-kill', () => {
  const LIVE = 'dryRun: false';
  it.each([
    ['the policy says so', POLICY.replace(LIVE, 'dryRun: true'), {}],
    ['the policy says so by default', POLICY.replace(LIVE, ''), {}],
    ['the policy says so for its trigger', POLICY.replace(LIVE, 'dryRun: [cleanup, alerts]'), {}],
    ['the request itself says so', POLICY, { dryRun: true }],
  ])('ends it where %s, and nothing was killed', async (_, policy, request) => {
    const { jobId, play, trail } = await begin({ policy });
    const end = expectEnd(stage, await play(request), { outcome: 'would-kill', reason: /dry run/, ...NOTHING });
    expect(end.job).toMatchObject({ job_id: jobId, job_state: 'RUNNING' });
    expect(trail).not.toContain('audit killing');
  });
});

describe('refused', () => {
  it.each<[rule: string, reason: RegExp, job: Partial<SimulatedJob>, options: WorkflowOptions, request: object]>([
    ['clusters', /^clusters: prod is not listed/, {}, {}, named('job-1', { cluster: 'prod' })],
    ['clusters', /^clusters: __proto__ is not listed/, {}, {}, named('job-1', { cluster: '__proto__' })],
    ['clusters', /^clusters: .* is not listed/, {}, { policy: POLICY.replace(/ {2}analytics:.*\n/, '') }, named('job-1', { cluster: ANALYTICS_ID })],
    ['protected', /^protected: .*billing-/, { job_name: 'billing-run' }, {}, {}],
    ['protected', /^protected: .*gold/, { queue: 'gold' }, {}, { action: 'ask' }],
    ['SparkSql', /^SparkSql: MRS cannot kill/, { job_type: 'sparkSQL' }, {}, {}],
    ['ask', /nobody can be asked: set slack.channel/, { job_type: 'Flink' }, { reporter: 'silent' }, {}],
  ])('by %s: says %s, and nothing was killed', async (rule, reason, job, options, request) => {
    const { play, simulator, lines, trail } = await begin(options, job);
    const execution = await play(request);
    if (options.reporter === 'silent') {
      expect(JSON.parse(execution.result ?? '')).toEqual({ kill_id: 'kill-1', outcome: 'refused' });
      expect(lines).toMatchObject([{ message: 'kill request ended', outcome: 'refused', rule, end_reason: expect.stringMatching(reason) }]);
    } else {
      expectEnd(stage, execution, { outcome: 'refused', rule, reason, ...NOTHING });
    }
    expect(trail).not.toContain('checkpoint record');
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('by paused, where the off switch is on at the look, and nothing was killed', async () => {
    const { play, state, trail } = await begin();
    state.paused = true;
    expectEnd(stage, await play(), { outcome: 'refused', rule: 'paused', reason: /^paused: /, ...NOTHING });
    expect(trail).not.toContain('checkpoint record');
  });

  it('asks MRS nothing about a cluster that is not listed', async () => {
    const { play, simulator } = await begin();
    await play(named('job-1', { cluster: 'prod' }));
    expect(simulator.requests).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });
});

describe('expired', () => {
  it('is a request that was more than 15 minutes old at the first look: MRS is not asked, and nothing was killed', async () => {
    const { play, simulator } = await begin();
    const execution = await play({ receivedAt: START_MS - 15 * MINUTE_MS - 1 });
    expectEnd(stage, execution, { outcome: 'expired', reason: /^more than 15 min passed/, ...NOTHING });
    expect(simulator.requests).toEqual([]);
  });

  it('is not a request of exactly 15 minutes', async () => {
    const { jobId, play } = await begin();
    expectEnd(stage, await play({ receivedAt: START_MS - 15 * MINUTE_MS }), { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it('is a request that grew too old while MRS asked for patience: no further POST, and nothing was killed', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 503, headers: { 'Retry-After': '120' } });
    const end = expectEnd(stage, await play({ receivedAt: START_MS - 14 * MINUTE_MS }), { outcome: 'expired', posts: 1, killed: [] });
    expect(end.reason).not.toContain('may still take effect');
  });

  it('says that a POST without an answer may still take effect', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 504, headers: { 'Retry-After': '120' } });
    const execution = await play({ receivedAt: START_MS - 14 * MINUTE_MS });
    expectEnd(stage, execution, { outcome: 'expired', reason: /a kill was sent before and may still take effect/, posts: 1, killed: [] });
  });

  it('is a request that grew too old between its two looks: no POST, and nothing was killed', async () => {
    const { play, simulator } = await begin();
    // The second look has to try again, and by then it is too late.
    let reads = 0;
    simulator.fault({ on: 'job', times: 1, when: () => ++reads === 2, status: 503, headers: { 'Retry-After': '50' } });
    const execution = await play({ receivedAt: START_MS - 15 * MINUTE_MS + 10_000 });
    expectEnd(stage, execution, { outcome: 'expired', ...NOTHING });
  });
});

describe('not-found', () => {
  it.each<[string, Target, RegExp]>([
    ['an MRS id', { cluster: 'analytics', job: { by: 'mrs-id', id: '11111111-2222-4333-8444-555555555555' } }, /^MRS knows no job 11111111-/],
    ['a name', named('nb-8').target, /^no job named nb-8 is running or waiting in any listed cluster/],
    ['a part of a name', named('job', { cluster: 'analytics' }).target, /^no job named job is/],
    ['a YARN id', { job: { by: 'yarn-id', id: 'application_1_9' } }, /yarn application -kill application_1_9$/],
    ['a name, newer than the alert', named('job-1', { submittedBefore: START_MS - MINUTE_MS }).target, /^a newer run exists/],
    ['an id of another cluster', { cluster: 'dev', job: { by: 'name', name: 'job-1' } }, /in cluster dev/],
  ])('is %s that MRS does not know, and nothing was killed', async (_, target, reason) => {
    const { play } = await begin();
    expectEnd(stage, await play({ target }), { outcome: 'not-found', reason, ...NOTHING });
  });

  it.each<[string, Partial<KillRequest>, string]>([
    ['an alert', {}, 'the alert began'],
    ['a person, which another start goes on with,', { trigger: 'slack', requestedBy: 'U012AB3CD', person: 'U012AB3CD' }, 'the kill was asked for; to kill the new run too, ask again'],
  ])('by %s says before what the newer run of a name was not there, and nothing was killed', async (_, who, what) => {
    const { play } = await begin();
    const reason = new RegExp(`^a newer run exists: job-1 in cluster analytics was submitted after ${what}$`);
    expectEnd(stage, await play({ ...who, ...named('job-1', { submittedBefore: START_MS - MINUTE_MS }) }), { outcome: 'not-found', reason, ...NOTHING });
  });

  it('is a job that MRS forgot before the POST, and nothing was killed', async () => {
    const { play, simulator } = await begin();
    const gone = { status: 400, body: { error_code: '0176', error_msg: 'The job does not exist.' } };
    simulator.fault({ on: 'kill', ...gone });
    simulator.fault({ on: 'job', ...gone, times: Infinity, when: () => simulator.kills().length > 0 });
    expectEnd(stage, await play(), { outcome: 'not-found', posts: 1, killed: [] });
  });
});

describe('ambiguous', () => {
  it('is a name that several jobs bear: five of them to choose from, and nothing was killed', async () => {
    const { play, simulator } = await begin({}, { job_name: 'twin' });
    for (let more = 0; more < 6; more++) simulator.addJob({ job_name: 'twin', ...(more > 2 && { cluster_id: DEV_ID }) });
    const end = expectEnd(stage, await play(named('twin')), { outcome: 'ambiguous', reason: /^7 jobs match twin/, ...NOTHING });
    expect(end.candidates).toHaveLength(5);
    expect(end.candidates?.every(({ job_name }) => job_name === 'twin')).toBe(true);
  });
});

describe('still-running', () => {
  it('is a job that outlives its kill for half an hour: looked at after 2 s, then ever less often, at most every 30 s', async () => {
    const { play, simulator, shown } = await begin({}, { ignoresKill: true });
    const end = expectEnd(stage, await play(), { outcome: 'still-running', posts: 1, killed: [] });
    expect(end.reason).toMatch(/RUNNING after 30 min; copying its logs/);

    const [postedAt = 0] = simulator.kills().map(({ at }) => at);
    const looks = simulator.requests.filter(({ method, at }) => method === 'GET' && at >= postedAt).map(({ at }) => (at - postedAt) / 1_000);
    const followed = looks.slice(2); // the first two looks are the decision's own
    const gaps = followed.slice(1).map((at, before) => at - (followed[before] ?? 0));
    expect(gaps.slice(0, 11)).toEqual([2, 3, 4, 6, 8, 11, 15, 21, 29, 30, 30]);
    expect(new Set(gaps.slice(9, -1))).toEqual(new Set([30]));
    expect(followed.at(-1)).toBe(1_800);
    expect(shown).toHaveLength(2); // killing and the end; nothing between
  });

  it('is not concluded from reads that fail: the job is followed until it can be read again', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'job', status: 503, times: 20, when: () => simulator.kills().length > 0 });
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it('is said, without claiming to have seen it, of a job that could not be read any more', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'job', status: 503, times: Infinity, when: () => simulator.kills().length > 0 });
    expectEnd(stage, await play(), { outcome: 'still-running', reason: /copying its logs/, posts: 1, killed: [jobId] });
  });

  it('follows with the times of the settings', async () => {
    const { play, clock } = await begin({ env: { FOLLOW_TIMEOUT_SEC: '60', FOLLOW_INTERVAL_SEC: '10' } }, { ignoresKill: true });
    expectEnd(stage, await play(), { outcome: 'still-running', reason: / after 1 min;/, posts: 1, killed: [] });
    expect(clock.now() - START_MS).toBe(60_000); // 10 + 14 + 20, and the 16 that are left of the next 28
  });
});

describe('failed', () => {
  const byHand = (jobId: string): RegExp =>
    new RegExp(`by hand: hcloud MRS StopJob --cli-region=eu-west-101 --cluster_id=${ANALYTICS_ID} --job_execution_id=${jobId}$`);

  it('is a request while MRS is down: tried for a minute, with the command to run by hand, and nothing was killed', async () => {
    const { jobId, play, simulator, clock } = await begin();
    simulator.fault({ on: 'job', status: 503, times: Infinity });
    const end = expectEnd(stage, await play(), { outcome: 'failed', reason: byHand(jobId), ...NOTHING });
    expect(end.reason).toMatch(/nothing was killed/);
    expect(clock.now() - START_MS).toBeGreaterThan(45_000);
    expect(clock.now() - START_MS).toBeLessThanOrEqual(60_000);
  });

  it('is a search in two clusters of which one cannot be read: never "exactly one", and nothing was killed', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'jobs', status: 503, times: Infinity, when: ({ path }) => path.includes(DEV_ID) });
    expectEnd(stage, await play(named('job-1')), { outcome: 'failed', reason: /nothing was killed/, ...NOTHING });
  });

  it('is a request while IAM does not know us, and nothing was killed', async () => {
    const { play, simulator } = await begin();
    simulator.fault({ on: 'token', status: 401, times: Infinity });
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^IAM answered/, ...NOTHING });
  });

  it('is a kill that MRS refuses for good, with MRS\'s own words and the command to run by hand', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', status: 403, body: { error_code: 'APIGW.0302', error_msg: 'The IAM user is not authorized.' } });
    const end = expectEnd(stage, await play(), { outcome: 'failed', reason: byHand(jobId), posts: 1, killed: [] });
    expect(end.reason).toMatch(/^MRS answered APIGW.0302: The IAM user is not authorized\./);
    expect(end.reason).not.toContain('may still take effect');
    expect(end.job).toMatchObject({ job_id: jobId });
  });

  it('is a kill without an answer after which the job cannot be read: no second POST, and the kill may still take effect', async () => {
    const { jobId, play, simulator } = await begin();
    simulator.fault({ on: 'kill', hangUp: true });
    simulator.fault({ on: 'job', status: 503, times: Infinity, when: () => simulator.kills().length > 0 });
    const end = expectEnd(stage, await play(), { outcome: 'failed', reason: byHand(jobId), posts: 1, killed: [] });
    expect(end.reason).toMatch(/^MRS gave no answer: .*; a kill was sent before and may still take effect; by hand/);
  });
});
