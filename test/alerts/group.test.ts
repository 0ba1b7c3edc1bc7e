import { afterEach, describe, expect, it } from '@jest/globals';
import { ALERTMANAGER_TOKEN, type AlertStage, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const RULES = '  - { source: alertmanager, match: { alertname: MrsJobStuck }, action: kill }';
const headers = { authorization: `Bearer ${ALERTMANAGER_TOKEN}` };

let stage: AlertStage;
afterEach(() => stage.close());

type GroupAlert = { status: 'firing' | 'resolved'; labels: Record<string, string>; fingerprint: string; startsAt: string };

/** An alert of number `index` for that job. */
const anAlert = (index: number, jobId: string, fields: Partial<GroupAlert> = {}): GroupAlert => ({
  status: 'firing',
  labels: { alertname: 'MrsJobStuck', mrs_job_id: jobId },
  fingerprint: index.toString(16).padStart(16, '0'),
  startsAt: '2026-03-01T11:50:00.000Z',
  ...fields,
});

const deliver = (alerts: GroupAlert[], more = {}): Promise<Reply> =>
  stage.deliver({ version: '4', status: 'firing', receiver: 'mrs-killswitch', commonLabels: { alertname: 'MrsJobStuck' }, alerts, ...more }, { line: 'POST /alerts/alertmanager', headers });
const outcomes = ({ body }: Reply): string[] => body.results?.map(({ outcome }) => outcome) ?? [];

describe('a group of alerts', () => {
  it('is decided alert by alert, never by what the group says of them all', async () => {
    stage = await startAlertStage(policyOf(RULES));
    const jobs = [1, 2, 3, 4].map(() => stage.simulator.addJob().job_id);
    const [stuck = '', resolved = '', other = '', again = ''] = jobs;
    const reply = await deliver([
      anAlert(1, stuck),
      anAlert(2, resolved, { status: 'resolved' }),
      anAlert(3, other, { labels: { alertname: 'Other', mrs_job_id: other } }),
      anAlert(4, '', { labels: { alertname: 'MrsJobStuck' } }),
      anAlert(1, stuck),
      anAlert(5, again),
    ]);
    expect(reply.status).toBe(202);
    expect(reply.body.results).toEqual([
      { alert: '0000000000000001', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target: { job: stuck } },
      { alert: '0000000000000002', outcome: 'ignored', reason: 'resolved' },
      expect.objectContaining({ alert: '0000000000000003', outcome: 'refused', rule: 'alerts' }),
      expect.objectContaining({ alert: '0000000000000004', outcome: 'refused', rule: 'target' }),
      { alert: '0000000000000001', outcome: 'duplicate', policy_rule: 'alerts.0', target: { job: stuck } },
      { alert: '0000000000000005', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target: { job: again } },
    ]);
    expect(await stage.outcomes()).toEqual(['killed', 'killed']);
    expect(stage.simulator.killed().toSorted()).toEqual([stuck, again].toSorted());
  });

  it('whose alert fires anew later is a new request, and one that goes on is none', async () => {
    stage = await startAlertStage(policyOf(RULES));
    const { job_id } = stage.simulator.addJob();
    expect(outcomes(await deliver([anAlert(1, job_id)]))).toEqual(['accepted']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(outcomes(await deliver([anAlert(1, job_id, { status: 'resolved' })]))).toEqual(['ignored']);
    expect(outcomes(await deliver([anAlert(1, job_id, { startsAt: '2026-03-01T12:50:00+01:00' })]))).toEqual(['duplicate']); // the same moment
    expect(outcomes(await deliver([anAlert(1, job_id, { startsAt: '2026-03-01T11:55:00.000Z' })]))).toEqual(['accepted']);
    expect(await stage.outcomes()).toEqual(['killed', 'already-over']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('that was cut by its sender says so in the answer and in the log', async () => {
    stage = await startAlertStage(policyOf(RULES));
    const { job_id } = stage.simulator.addJob();
    const reply = await deliver([anAlert(1, job_id)], { truncatedAlerts: 41 });
    expect([reply.status, reply.body]).toEqual([202, { results: [expect.objectContaining({ outcome: 'accepted' })], truncated: 41 }]);
    const line = stage.lines.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ message }) => message === 'alerts received');
    expect(line).toMatchObject({ source: 'alertmanager', truncated: 41 });
    expect((await deliver([anAlert(1, job_id)], { truncatedAlerts: 0 })).text).not.toContain('truncated');
  });
});

describe('a delivery of 200 alerts', () => {
  const MANY = 'dryRun: false\nlimits: { perDelivery: 200, perHour: 1000 }';

  it('is handled within the time of the function, each alert once', async () => {
    stage = await startAlertStage(policyOf(RULES, MANY));
    stage.lambda.delayMs = 100; // Lambda is slower than a loopback
    const jobs = Array.from({ length: 200 }, () => stage.simulator.addJob().job_id);
    const alerts = jobs.map((jobId, index) => anAlert(index, jobId));
    const begin = performance.now();
    const reply = await deliver(alerts);
    expect(performance.now() - begin).toBeLessThan(15_000); // of 29 s
    expect([reply.status, new Set(outcomes(reply)), reply.body.results?.length]).toEqual([202, new Set(['accepted']), 200]);
    expect(reply.body.results?.map(({ target }) => target?.job)).toEqual(jobs);
    stage.lambda.delayMs = 0;
    expect(new Set(await stage.outcomes())).toEqual(new Set(['killed']));
    expect(stage.simulator.kills()).toHaveLength(200);
  }, 60_000);

  it('of which some cannot be started gets 503, and its repeat starts only those', async () => {
    stage = await startAlertStage(policyOf(RULES, MANY));
    const jobs = Array.from({ length: 200 }, () => stage.simulator.addJob().job_id);
    const alerts = jobs.map((jobId, index) => anAlert(index, jobId));
    const failing = new Set(jobs.filter((_, index) => index % 7 === 3));
    stage.lambda.script = ({ on, body }) => (on === 'start' && [...failing].some((jobId) => body.includes(jobId)) ? { status: 500, type: 'ServiceException' } : undefined);
    const first = await deliver(alerts);
    expect(first.status).toBe(503);
    expect(outcomes(first)).toEqual(jobs.map((jobId) => (failing.has(jobId) ? 'failed' : 'accepted')));

    stage.lambda.script = () => undefined;
    const second = await deliver(alerts);
    expect(second.status).toBe(202);
    expect(outcomes(second)).toEqual(jobs.map((jobId) => (failing.has(jobId) ? 'accepted' : 'duplicate')));
    expect(await stage.outcomes()).toEqual(jobs.map(() => 'killed'));
    expect(stage.simulator.kills()).toHaveLength(200);
  }, 60_000);

  it('of which more would start than are allowed starts none', async () => {
    stage = await startAlertStage(policyOf(RULES));
    const alerts = Array.from({ length: 11 }, (_, index) => anAlert(index, stage.simulator.addJob().job_id));
    const reply = await deliver(alerts);
    expect([reply.status, new Set(reply.body.results?.map(({ outcome, rule }) => `${outcome} ${rule}`))]).toEqual([202, new Set(['refused perDelivery'])]);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([]);
  });
});
