import { claimAnswer } from '../../lib/slack/claim-answer.ts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { type AlertStage, DEV_ID, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';

const rule = (pick: string, more = 'cluster: analytics, action: kill'): string => `  - { match: { alertname: MrsJobStuck }, pick: { ${pick} }, ${more} }`;
const LONGEST = rule('queue: adhoc, order: longest-running, count: 1');

let stage: AlertStage;
beforeEach(async () => {
  stage = await startAlertStage(policyOf(LONGEST));
});
afterEach(() => stage.close());

async function restart(rules: string, more = ''): Promise<void> {
  await stage.close();
  stage = await startAlertStage(policyOf(rules, `dryRun: false\n${more}`));
}

/** A job of the queue adhoc that has been running for so many hours. */
function add(job_name: string, hours: number, fields: Partial<SimulatedJob> = {}): SimulatedJob {
  const started_time = NOON - hours * HOUR_MS;
  return stage.simulator.addJob({ job_name, queue: 'adhoc', started_time, submitted_time: started_time - 5_000, ...fields });
}

const ends = (): End[] => stage.shown.flatMap(({ view }) => (view.stage === 'end' ? [view.end] : []));
const killedNames = (): string[] => stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted();
const fire = (fields: object = {}) => stage.alert({ labels: {}, ...fields });

function expectNoKill(): void {
  expect(stage.simulator.kills()).toEqual([]);
  expect(stage.simulator.killed()).toEqual([]);
}

describe('an alert whose rule picks', () => {
  it.each<[string, string, string[]]>([
    ['the longest-running', 'queue: adhoc, order: longest-running, count: 1', ['nine']],
    ['the two longest-running', 'queue: adhoc, order: longest-running, count: 2', ['nine', 'two']],
    ['the newest', 'queue: adhoc, order: newest', ['one']],
    ['the longest-running where nothing else is said', 'queue: adhoc', ['nine']],
    ['by name', 'name: "t*"', ['two']],
    ['by age', 'queue: adhoc, olderThan: 90m, order: newest', ['two']],
    ['by user and queue', 'queue: "*", user: other', ['gold']],
  ])('%s kills that and nothing else', async (_, pick, expected) => {
    await restart(rule(pick));
    add('two', 2);
    add('nine', 9);
    add('one', 1);
    add('gold', 20, { queue: 'gold', user: 'other' });
    add('elsewhere', 30, { cluster_id: DEV_ID });
    for (let other = 0; other < 4; other++) add(`other-${other}`, 40, { queue: 'steady' });
    expect(await fire()).toMatchObject({ outcome: 'accepted', kill_id: expect.any(String), target: { cluster: 'analytics' } });
    expect(await stage.outcomes()).toEqual(['picked', ...expected.map(() => 'killed')]);
    expect(killedNames()).toEqual(expected);
    expect(ends().map(({ outcome, job }) => [outcome, job?.job_name])).toEqual(expect.arrayContaining(expected.map((name) => ['killed', name])));
    expect(ends()).toHaveLength(expected.length);
  });

  it('takes the cluster from the alert where the rule names none', async () => {
    await restart(rule('queue: adhoc', 'action: kill'));
    add('here', 1);
    add('there', 1, { cluster_id: DEV_ID });
    await fire({ labels: { cluster_id: DEV_ID } });
    await stage.outcomes();
    expect(killedNames()).toEqual(['there']);
  });

  it('refuses an alert that names no cluster where the rule names none, and nothing was killed', async () => {
    await restart(rule('queue: adhoc', 'action: kill'));
    add('here', 1);
    expect(await fire()).toMatchObject({ outcome: 'refused', rule: 'target', reason: 'target: the alert names no cluster to pick in; give the rule a cluster:' });
    nothingHappened(stage);
  });

  it('refuses an alert that names an unlisted cluster, and nothing was killed', async () => {
    await restart(rule('queue: adhoc', 'action: kill'));
    add('here', 1);
    expect(await fire({ labels: { cluster: 'production' } })).toMatchObject({ outcome: 'refused', rule: 'clusters' });
    nothingHappened(stage);
  });

  it('passes over what the policy would refuse, for the next in order', async () => {
    add('billing-run', 30);
    add('sql', 20, { job_type: 'SparkSql' });
    add('over', 19, { job_state: 'FINISHED' });
    add('copying-logs', 18, { job_result: 'KILLED' });
    add('nine', 9);
    await fire();
    expect(await stage.outcomes()).toEqual(['picked', 'killed']);
    expect(killedNames()).toEqual(['nine']);
  });

  it('means what was submitted before the alert began, and never a newer job', async () => {
    await restart(rule('queue: adhoc, order: newest'));
    add('before', 3);
    add('just then', 2, { submitted_time: NOON - 2 * HOUR_MS });
    add('after', 1);
    add('unknown', 1, { submitted_time: 0 });
    await fire({ startsAt: '2026-03-01T10:00:00Z' });
    expect(await stage.outcomes()).toEqual(['picked', 'killed']);
    expect(killedNames()).toEqual(['before']);
  });

  it.each<[string, () => void, RegExp]>([
    ['fits the selector', () => void add('gold', 9, { queue: 'gold' }), /^no job of analytics fits: the longest-running job of analytics \(queue: adhoc\)$/],
    ['may be killed', () => void add('billing-run', 9), /^no job of analytics fits/],
    ['was there when it began', () => void add('later', 1), /^no job of analytics fits/],
  ])('ends not-found where no job %s, says so, and nothing was killed', async (_, prepare, reason) => {
    prepare();
    await fire({ startsAt: '2026-03-01T10:00:00Z' });
    expect(await stage.outcomes()).toEqual(['not-found']);
    expect(ends()).toEqual([{ outcome: 'not-found', reason: expect.stringMatching(reason) }]);
    expectNoKill();
  });

  it('while PAUSED is refused, says so, and nothing was killed', async () => {
    await stage.close();
    stage = await startAlertStage(policyOf(LONGEST), { PAUSED: 'true' });
    add('nine', 9);
    await fire();
    expect(await stage.outcomes()).toEqual(['refused']);
    expect(ends()).toMatchObject([{ outcome: 'refused', rule: 'paused' }]);
    expect(stage.simulator.requests).toEqual([]);
    expectNoKill();
  });

  it.each<[string, object]>([
    ['MRS is down', { status: 503, body: 'down' }],
    ['the list is refused', { status: 403, body: { error_code: '0192', error_msg: 'not synchronised' } }],
    ['the list breaks off', { status: 202, body: { total_record: '7', job_list: [] } }],
  ])('ends failed where %s, says so, and nothing was killed', async (_, fault) => {
    stage.simulator.fault({ on: 'jobs', times: Infinity, ...fault });
    add('nine', 9);
    await fire();
    expect(await stage.outcomes()).toEqual(['failed']);
    expect(ends()).toMatchObject([{ outcome: 'failed', reason: expect.stringMatching(/; nothing was killed$/) }]);
    expectNoKill();
  });

  it('that failed starts anew when the alert is repeated 15 minutes later, not before', async () => {
    add('nine', 9);
    stage.simulator.fault({ on: 'jobs', times: Infinity, status: 403, body: { error_code: '0192', error_msg: 'no' } });
    await fire({ id: 'a' });
    expect(await stage.outcomes()).toEqual(['failed']);
    stage.simulator.clearFaults();
    expect((await fire({ id: 'a' })).outcome).toBe('duplicate');
    stage.clock.advanceTo(stage.clock.now() + 15 * 60_000);
    expect((await fire({ id: 'a' })).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['failed', 'picked', 'killed']);
  });

  it('repeated is a duplicate and picks nothing more, long after too', async () => {
    for (let job = 1; job <= 6; job++) add(`job-${job}`, job);
    await fire({ id: 'a' });
    await stage.outcomes();
    expect((await fire({ id: 'a' })).outcome).toBe('duplicate');
    stage.clock.advanceTo(stage.clock.now() + 24 * HOUR_MS);
    expect((await fire({ id: 'a' })).outcome).toBe('duplicate');
    await stage.outcomes();
    expect(killedNames()).toEqual(['job-6']);
    expect((await fire({ id: 'b' })).outcome).toBe('accepted');
    await stage.outcomes();
    expect(killedNames()).toEqual(['job-5', 'job-6']);
  });

  it('that is resolved does nothing', async () => {
    add('nine', 9);
    expect((await fire({ status: 'resolved' })).outcome).toBe('ignored');
    nothingHappened(stage);
  });
});

describe('the kills of a pick', () => {
  it('go through the one door: named, counted and reported each by itself', async () => {
    await restart(rule('queue: adhoc, count: 2'));
    for (const name of ['a', 'b', 'c', 'd']) add(name, 3);
    const { kill_id: parent } = await fire();
    await stage.outcomes();
    const names = stage.backend.list({ oldestFirst: true }).map(({ name }) => name);
    expect(names.map((name) => name.replace(/-[0-9a-f]{32}$/, ''))).toEqual(['alerts-dry', 'alerts-live', 'alerts-live']); // the pick itself kills nothing
    const [, ...children] = stage.payloads();
    const ids = children.map((child) => (child.kind === 'kill' ? child.request.killId : ''));
    expect(new Set([parent, ...ids]).size).toBe(3);
    for (const child of children) expect(child).toMatchObject({ kind: 'kill', request: { trigger: 'alerts', policyRule: 'alerts.0', target: { cluster: 'analytics', job: { by: 'mrs-id' } } } });
    expect(stage.shown.filter(({ view }) => view.stage === 'end').map(({ killId }) => killId).toSorted()).toEqual(ids.toSorted());
  });

  it.each([
    ['percentOfRunning', 3, 2, '3 of the 5 running jobs of analytics were chosen and 50 percent (2) are allowed', ''],
  ])('over %s start none: the pick ends refused, the channel is told, and nothing was killed', async (by, count, others, reason, more) => {
    await restart(rule(`queue: adhoc, count: ${count}`), more);
    for (let job = 0; job < 3; job++) add(`job-${job}`, 3);
    for (let job = 0; job < others; job++) add(`other-${job}`, 3, { queue: 'steady' });
    await fire();
    const outcomes = await stage.outcomes();
    expect(outcomes[0]).toBe('refused');
    expect(ends()).toEqual([{ outcome: 'refused', rule: by, reason: expect.stringContaining(reason) }]);
    expect(stage.shown).toMatchObject([{ view: { stage: 'end', end: { outcome: 'refused', rule: by } } }]);
    expect(stage.payloads().filter(({ kind }) => kind === 'kill')).toEqual([]);
    expectNoKill();
  });

  it('over perDelivery, for which a pick counts as many as it may choose, start none: refused at the door, and nothing was killed', async () => {
    await restart(rule('queue: adhoc, count: 2', 'action: kill'), 'limits: { perDelivery: 3 }');
    for (let job = 0; job < 3; job++) add(`job-${job}`, 3);
    const alerts = ['analytics', 'dev'].map((cluster) => ({ status: 'firing', fingerprint: cluster, startsAt: '2026-03-01T11:59:00Z', labels: { alertname: 'MrsJobStuck', cluster } }));
    const { body } = await stage.deliver({ alerts }, { line: 'POST /alerts/alertmanager' });
    const refused = { outcome: 'refused', rule: 'perDelivery', reason: expect.stringContaining('would start 4 kills and 3 are allowed') };
    expect(body.results).toMatchObject([refused, refused]);
    await stage.outcomes();
    expect(stage.said).toEqual([expect.stringContaining('Refused: perDelivery. ')]);
    expectNoKill();
  });

  it('over perHour end refused, each by itself, the channel is told once, and no more were killed', async () => {
    await restart(rule('queue: adhoc, count: 3'), 'limits: { perHour: 2 }');
    for (let job = 0; job < 3; job++) add(`job-${job}`, 3);
    for (let job = 0; job < 7; job++) add(`other-${job}`, 3, { queue: 'steady' });
    await fire();
    expect((await stage.outcomes()).toSorted()).toEqual(['killed', 'killed', 'picked', 'refused']);
    expect(ends()).toContainEqual(expect.objectContaining({ outcome: 'refused', rule: 'perHour', reason: expect.stringContaining('limits: in policy.yml allows no more') }));
    expect(stage.simulator.killed()).toHaveLength(2);
  });

  it('exactly at percentOfRunning start, and one is always allowed', async () => {
    await restart(rule('queue: adhoc, count: 2'));
    for (let job = 0; job < 4; job++) add(`job-${job}`, 3);
    await fire();
    await stage.outcomes();
    expect(stage.simulator.killed()).toHaveLength(2);
    await restart(rule('queue: adhoc'));
    add('alone', 1);
    await fire();
    await stage.outcomes();
    expect(killedNames()).toEqual(['alone']);
  });

  it('count the jobs of their own cluster only', async () => {
    await restart(rule('queue: adhoc, count: 2'));
    for (const name of ['a', 'b', 'c']) add(name, 3);
    for (let job = 0; job < 9; job++) add(`dev-${job}`, 3, { cluster_id: DEV_ID });
    await fire();
    await stage.outcomes();
    expect(ends()).toMatchObject([{ outcome: 'refused', rule: 'percentOfRunning' }]);
    expectNoKill();
  });

  it.each<[string, string, string]>([
    ['of a dry rule', rule('queue: adhoc', 'cluster: analytics, action: kill, dryRun: true'), 'dryRun: false'],
    ['under a dry policy', LONGEST, 'dryRun: true'],
    ['under a policy that is dry for alerts', LONGEST, 'dryRun: [alerts]'],
  ])('%s are dry runs too, and nothing was killed', async (_, rules, more) => {
    await stage.close();
    stage = await startAlertStage(policyOf(rules, more));
    add('nine', 9);
    await fire();
    expect(await stage.outcomes()).toEqual(['picked', 'would-kill']);
    expectNoKill();
  });

  it('ask an approver where the rule asks: one question for each job, and nothing was killed before', async () => {
    const slack = 'slack: { mayApprove: [U045EF6GH], channel: C0123456789 }';
    await restart(rule('queue: adhoc, count: 2', 'cluster: analytics, action: ask'), slack);
    for (const name of ['a', 'b', 'c', 'd']) add(name, 3);
    await fire();
    await stage.backend.idle();
    const open = stage.backend.callbacks().filter((callback) => callback.open);
    expect(open).toHaveLength(2);
    expectNoKill();
    for (const [index, what] of (['yes', 'no'] as const).entries()) {
      await claimAnswer(stage.load(), { log: stage.outside.log }, { name: open[index]?.executionName ?? '', start: 1 }, { what, user: 'U045EF6GH', refuse: () => undefined });
    }
    expect((await stage.outcomes()).toSorted()).toEqual(['declined', 'killed', 'picked']);
    expect(stage.simulator.killed()).toHaveLength(1);
  });

  it('only show each job where the rule notifies: the alert is notified, and nothing was killed', async () => {
    await restart(rule('queue: adhoc, count: 2', 'cluster: analytics, action: notify'), 'slack: { channel: C0123456789 }');
    const jobs = ['a', 'b', 'c', 'd'].map((name) => add(name, 3));
    stage.clock.stopAt(stage.clock.now());
    expect((await fire()).outcome).toBe('notified');
    await stage.backend.idle();
    // Each without its button first.
    expect(stage.shown.map(({ view }) => view.stage)).toEqual(['notify', 'notify', 'notify', 'notify']);
    for (const { job_id } of jobs) stage.simulator.endJob(job_id, 'SUCCEEDED');
    stage.clock.stopAt(Infinity);
    expect(await stage.outcomes()).toEqual(['picked', 'notified', 'notified']);
    expectNoKill();
  });

  it('look again by themselves: what ended or was protected since is not killed', async () => {
    const job = add('nine', 9);
    stage.simulator.fault({ on: 'job', times: Infinity, when: () => (stage.simulator.endJob(job.job_id, 'SUCCEEDED'), false) });
    await fire();
    expect(await stage.outcomes()).toEqual(['picked', 'already-over']);
    expectNoKill();
  });

  it('that Lambda does not take are started when it does, each once', async () => {
    await restart(rule('queue: adhoc, count: 3'));
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) add(name, 3);
    let starts = 0;
    stage.lambda.script = ({ on, executionName }) => (on === 'start' && executionName.startsWith('alerts-live-') && [2, 3, 5].includes(++starts) ? { status: 429, type: 'TooManyRequestsException' } : undefined);
    await fire();
    const outcomes = await stage.outcomes();
    expect(outcomes.toSorted()).toEqual(['killed', 'killed', 'killed', 'picked']);
    expect(stage.simulator.kills()).toHaveLength(3);
  });

  it('whose start was taken but never answered are not started twice', async () => {
    await restart(rule('queue: adhoc, count: 2'));
    for (const name of ['a', 'b', 'c', 'd']) add(name, 3);
    let lost = 0;
    stage.lambda.script = ({ on, executionName, body }) => {
      if (on !== 'start' || !executionName.startsWith('alerts-live-') || ++lost > 1) return undefined;
      stage.backend.start('mrs-killswitch-test-kill:durable', executionName, body);
      return { status: 500, type: 'ServiceException' };
    };
    await fire();
    expect((await stage.outcomes()).toSorted()).toEqual(['killed', 'killed', 'picked']);
    expect(stage.simulator.kills()).toHaveLength(2);
  });
});
