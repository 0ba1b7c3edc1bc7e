import { afterEach, describe, expect, it } from '@jest/globals';
import { AlarmsNotStarted } from '../../lib/alerts/alarms.ts';
import { closeEnded } from '../../lib/alerts/close-ended.ts';
import { keepResolved } from '../../lib/alerts/keep-resolved.ts';
import { NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const RULE = '{ match: { alertname: Stuck }, action: kill }';
const PICK = '{ match: { alertname: Picks }, cluster: analytics, pick: { queue: adhoc, order: newest, count: 1 }, action: kill }';

let stage: AlertStage;
afterEach(() => stage.close());
const start = async (rules: string[], more = 'dryRun: false'): Promise<void> => {
  stage = await startAlertStage(policyOf(rules.map((rule) => `  - ${rule}`).join('\n'), more));
};
/** One delivery of Alertmanager, of an alert for each of these labels. */
const deliver = (...labels: Record<string, string>[]): Promise<Reply> =>
  stage.deliver({ alerts: labels.map((its, index) => ({ status: its['resolved'] === undefined ? 'firing' : 'resolved', labels: its, startsAt: '2026-03-01T11:50:00Z', fingerprint: `f${index}` })) }, { line: 'POST /alerts/alertmanager' });
const logged = (message: string) => stage.log().filter((line) => line['message'] === message);
const ends = () => logged('kill request ended').map(({ outcome, rule }) => ({ outcome, rule }));

describe('the answer to a delivery', () => {
  it('has an entry for each alert, in their order, and so has the log', async () => {
    await start([RULE]);
    const job = stage.simulator.addJob({ submitted_time: NOON - 3_600_000 }).job_id;
    const { status, body } = await deliver({ alertname: 'Other' }, { alertname: 'Stuck', job_id: job }, { alertname: 'Stuck' }, { alertname: 'Stuck', resolved: 'yes' });
    const results = [
      { alert: 'f0', outcome: 'refused', rule: 'alerts', reason: 'alerts: no rule fits; add one under alerts: in policy.yml' },
      { alert: 'f1', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target: { job } },
      { alert: 'f2', outcome: 'refused', rule: 'target', policy_rule: 'alerts.0', reason: expect.stringMatching(/^target: /) },
      { alert: 'f3', outcome: 'ignored', reason: 'resolved' },
    ];
    expect([status, body]).toEqual([202, { results }]);
    expect(logged('alerts received')).toEqual([expect.objectContaining({ level: 'info', source: 'alertmanager', results })]);
    expect(ends()).toEqual([{ outcome: 'refused', rule: 'alerts' }, { outcome: 'refused', rule: 'target' }]);
    const counted = stage.lines.map((line) => JSON.parse(line) as Record<string, unknown>).flatMap(({ Started, trigger, outcome }) => (Started === undefined ? [] : [{ Started, trigger, outcome }]));
    expect(counted).toEqual([['refused', 2], ['ignored', 1], ['accepted', 1]].map(([outcome, Started]) => ({ Started, trigger: 'alerts', outcome })));
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(logged('kill request ended')).toHaveLength(3);
  });

  it('names the request that a pick is a duplicate of, and why', async () => {
    await start([PICK]);
    stage.simulator.addJob({ queue: 'adhoc', submitted_time: NOON - 3_600_000, started_time: NOON - 3_600_000 });
    const first = (await deliver({ alertname: 'Picks', pod: 'a' }, { alertname: 'Picks', pod: 'b' })).body.results ?? [];
    const target = { cluster: 'analytics' };
    expect(first).toEqual([
      { alert: 'f0', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target },
      { alert: 'f1', outcome: 'duplicate', kill_id: first[0]?.kill_id, policy_rule: 'alerts.0', target },
    ]);
    await stage.outcomes();
    const { body } = await stage.deliver({ id: 'later', labels: { alertname: 'Picks' } });
    expect(body.results).toEqual([{ alert: 'later', outcome: 'duplicate', kill_id: first[0]?.kill_id, policy_rule: 'alerts.0', target, reason: expect.stringMatching(/./) }]);
    await stage.outcomes();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('to a repeat is that it is one, without a request of its own', async () => {
    await start([RULE]);
    const job = stage.simulator.addJob({ submitted_time: NOON - 3_600_000 }).job_id;
    await deliver({ alertname: 'Stuck', job_id: job });
    await stage.outcomes();
    const { status, body, headers } = await deliver({ alertname: 'Stuck', job_id: job });
    expect([status, body, headers['retry-after']]).toEqual([202, { results: [{ alert: 'f0', outcome: 'duplicate', policy_rule: 'alerts.0', target: { job } }] }, undefined]);
    expect(ends()).toEqual([{ outcome: 'killed', rule: undefined }]);
  });

  it('of which some could not be started asks for it again in 30 s', async () => {
    await start([RULE]);
    const jobs = [1, 2].map(() => stage.simulator.addJob({ submitted_time: NOON - 3_600_000 }).job_id);
    stage.lambda.script = ({ on, body }) => (on === 'start' && body.includes(jobs[0] ?? '') ? { status: 500, type: 'ServiceException' } : undefined);
    const { status, body, headers } = await deliver(...jobs.map((job) => ({ alertname: 'Stuck', job_id: job })));
    expect([status, headers['retry-after'], body]).toEqual([503, '30', {
      results: [
        { alert: 'f0', outcome: 'failed', kill_id: expect.any(String), policy_rule: 'alerts.0', target: { job: jobs[0] }, reason: expect.stringMatching(/./) },
        { alert: 'f1', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target: { job: jobs[1] } },
      ],
      error_code: 'KILL.0503', error_msg: 'some alerts could not be handled; send the delivery again: only those are done again', request_id: 'request-1',
    }]);
    expect(ends()).toEqual([]);
    await stage.outcomes();
    expect(stage.simulator.killed()).toEqual([jobs[1]]);
  });

  it('with more than may start ends each of them, and starts none', async () => {
    await start([RULE], 'dryRun: false\nlimits: { perDelivery: 1 }');
    const jobs = [1, 2].map(() => stage.simulator.addJob({ submitted_time: NOON - 3_600_000 }).job_id);
    const { status, body } = await deliver(...jobs.map((job) => ({ alertname: 'Stuck', job_id: job })));
    const reason = expect.stringMatching(/^perDelivery: /) as unknown as string;
    expect([status, body.results]).toEqual([202, jobs.map((job, index) => ({ alert: `f${index}`, outcome: 'refused', rule: 'perDelivery', policy_rule: 'alerts.0', target: { job }, reason: expect.any(String) }))]);
    expect(ends()).toEqual([1, 2].map(() => ({ outcome: 'refused', rule: 'perDelivery' })));
    expect(logged('kill request ended').map(({ end_reason }) => end_reason)).toEqual([reason, reason]);
    expect(logged('alerts were refused')).toEqual([]); // the limit's own door tells of it
    await deliver(...jobs.map((job) => ({ alertname: 'Stuck', job_id: job })));
    expect(ends()).toHaveLength(2);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('of a source that is none, or of an endless body, says so', async () => {
    await start([RULE]);
    const none = await stage.deliver({}, { line: 'POST /alerts/nagios' });
    expect([none.status, none.body.error_msg]).toEqual([404, 'no such alert source; openapi.yml lists them']);
    const large = await stage.deliver(' '.repeat(1_048_577));
    expect([large.status, large.body.error_msg]).toEqual([413, 'the body is larger than 1 MiB']);
    nothingHappened(stage);
  });
});

describe('what was refused', () => {
  it('stands in the log, once for each rule, with an example', async () => {
    await start([RULE]);
    await deliver({ alertname: 'Other' }, { alertname: 'Stuck' }, { alertname: 'YetAnother' }, { alertname: 'Stuck', resolved: 'yes' });
    expect(logged('alerts were refused')).toEqual([
      expect.objectContaining({ level: 'warn', source: 'alertmanager', rule: 'alerts', alerts: 2, kill_id: expect.any(String), example: 'alertmanager alert Other', reason: 'alerts: no rule fits; add one under alerts: in policy.yml' }),
      expect.objectContaining({ level: 'warn', source: 'alertmanager', rule: 'target', alerts: 1, kill_id: expect.any(String), example: 'alertmanager alert Stuck', reason: expect.stringMatching(/^target: the alert names no job; /) }),
    ]);
    nothingHappened(stage);
  });

  it('is written for 5 s, ten at once, and then no more', async () => {
    await start([RULE]);
    const closed: number[] = [];
    const [request] = [{ killId: 'k', trigger: 'alerts', requestedBy: 'x', reason: '', receivedAt: NOON }];
    let open = 0;
    let most = 0;
    const ledger = { claim: async (_key: unknown, _claim: unknown, { deadline }: { deadline: number }) => {
      closed.push(deadline);
      most = Math.max(most, ++open);
      await new Promise((done) => void setImmediate(done));
      open--;
      return { isOwn: true, value: { at: NOON, outcome: 'refused', rule: 'alerts', killId: 'other' } };
    } };
    const parts = { ledger, clock: { now: () => NOON }, log: {}, policyHash: 'p', killFunction: 'f' } as unknown as Parameters<typeof closeEnded>[0];
    const ended = Array.from({ length: 25 }, (_, index) => ({ request, end: { outcome: 'refused', rule: 'alerts', reason: 'x' }, deliveryKey: `${index}`, why: 'x' })) as unknown as Parameters<typeof closeEnded>[2];
    await closeEnded(parts, 'generic', ended);
    expect([closed.length, new Set(closed), most]).toEqual([25, new Set([NOON + 5_000]), 10]);
  });
});

describe('what is resolved', () => {
  const judged = (count: number) => Array.from({ length: count }, (_, index) => ({ result: { alert: `f${index}`, outcome: 'ignored' as const, reason: 'resolved' }, resolved: `o${index}` }));
  const clock = { now: () => NOON, random: () => 0 } as unknown as Parameters<typeof keepResolved>[0]['starter']['clock'];
  const partsWith = (put: (entries: unknown[], by: unknown) => Promise<void>) => ({ starter: { ledger: { put }, clock }, log: {} }) as unknown as Parameters<typeof keepResolved>[0];

  it.each([[1, [1]], [25, [25]], [26, [25, 1]], [60, [25, 25, 10]]])('is written once each, 25 in a call, within 5 s: %d of them', async (count, sizes) => {
    await start([RULE]);
    const calls: [number, unknown][] = [];
    const all = judged(count);
    expect(await keepResolved(partsWith(async (entries, by) => void calls.push([entries.length, by])), [...all, ...all])).toEqual([...all, ...all]);
    expect(calls).toEqual(sizes.map((size) => [size, { deadline: NOON + 5_000 }]));
  });

  it('and cannot be written is failed, and what is not resolved stays as it is', async () => {
    await start([RULE]);
    stage.ledger.script = ({ partitions }) => (partitions[0]?.startsWith('resolved/') ? 'fails' : undefined);
    const { status, body } = await deliver({ alertname: 'Stuck', resolved: 'yes' }, { alertname: 'Other' });
    expect([status, body.results]).toEqual([503, [
      { alert: 'f0', outcome: 'failed', reason: 'the ledger did not take that it is resolved' },
      expect.objectContaining({ alert: 'f1', outcome: 'refused', rule: 'alerts' }),
    ]]);
    expect(logged('the ledger did not take that alerts are resolved; the sender is asked to send them again')).toEqual([expect.objectContaining({ level: 'error', alerts: 1, error: expect.anything() })]);
    stage.ledger.script = () => undefined;
    nothingHappened(stage);
  });

  it('and fails for a reason of our own is no answer', async () => {
    await start([RULE]);
    await expect(keepResolved(partsWith(() => Promise.reject(new TypeError('a fault of ours'))), judged(1))).rejects.toThrow(new TypeError('a fault of ours'));
  });
});

it('an event whose alarms could not be started may come again', async () => {
  await start([RULE]);
  const error = new AlarmsNotStarted('x');
  expect([error.name, error.code, error.retryable]).toEqual(['AlarmsNotStarted', 'alarms_not_started', true]);
});
