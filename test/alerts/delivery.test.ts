import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOON } from '../core/a-job.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { type AlertStage, startAlertStage, TOKEN } from '../stage/alerts.ts';

let stage: AlertStage;
beforeEach(async () => {
  stage = await startAlertStage();
});
afterEach(() => stage.close());

describe('an alert that a rule fits', () => {
  it.each(['POST', 'PUT'])('is accepted by %s, and its job is killed', async (method) => {
    const { job_id, job_name } = stage.simulator.addJob();
    const other = stage.simulator.addJob();
    const body = { id: 'alert-7', status: 'firing', labels: { alertname: 'MrsJobStuck', job_id, cluster: 'analytics' }, annotations: { summary: 'stuck for hours' } };
    const reply = await stage.deliver(body, { line: `${method} /alerts/generic` });
    expect([reply.status, reply.body]).toEqual([
      202,
      { results: [{ alert: 'alert-7', outcome: 'accepted', kill_id: expect.stringMatching(/^[0-9a-f-]{36}$/), policy_rule: 'alerts.0', target: { cluster: 'analytics', job: job_id } }] },
    ]);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });

    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job_id]);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.simulator.job(other.job_id)?.job_state).toBe('RUNNING');
    const killId = reply.body.results?.[0]?.kill_id;
    expect(stage.shown.at(-1)).toEqual({ killId, view: expect.objectContaining({ stage: 'end', end: expect.objectContaining({ outcome: 'killed', job: expect.objectContaining({ job_id, job_name }) }) }) });
    const audited = stage.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'audit');
    expect(audited.map(({ message }) => message)).toEqual(['killing', 'kill request ended']);
    for (const line of audited) expect(line).toMatchObject({ kill_id: killId, trigger: 'alerts', requested_by: 'generic alert MrsJobStuck', reason: 'stuck for hours' });
  });

  it('starts the kill function with what the alert said and nothing else', async () => {
    await stage.deliver({ id: 'alert-7', startsAt: '2026-03-01T13:00:00+01:00', labels: { alertname: 'MrsJobStuck', job_name: 'nightly-etl', password: 'label-secret' }, token: 'field-secret' });
    expect(stage.payloads()).toEqual([
      {
        kind: 'kill',
        name: expect.stringMatching(/^alerts-live-[0-9a-f]{32}$/),
        start: 1,
        attempt: expect.any(String),
        request: {
          killId: expect.any(String),
          trigger: 'alerts',
          target: { job: { by: 'name', name: 'nightly-etl' }, submittedBefore: NOON },
          requestedBy: 'generic alert MrsJobStuck',
          reason: '',
          action: 'kill',
          dryRun: false,
          policyRule: 'alerts.0',
          rule: { content: expect.stringMatching(/^[0-9a-f]{32}$/), askAgainMs: 86_400_000 },
          alert: { name: 'MrsJobStuck' },
          occurrence: expect.stringMatching(/^[0-9a-f]{32}$/),
          receivedAt: NOON,
        },
      },
    ]);
  });

  it('that is delivered again is a duplicate, whatever else it says, and the job is killed once', async () => {
    const { job_id } = stage.simulator.addJob();
    const outcomes = [];
    for (let delivery = 1; delivery <= 5; delivery++) {
      const { body } = await stage.deliver({ id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_id, delivery: String(delivery) }, deliveryKey: `key-${delivery}` });
      outcomes.push(body.results);
    }
    const target = { job: job_id };
    expect(outcomes).toEqual([
      [{ alert: 'alert-7', outcome: 'accepted', kill_id: expect.any(String), policy_rule: 'alerts.0', target }],
      ...Array.from({ length: 4 }, () => [{ alert: 'alert-7', outcome: 'duplicate', policy_rule: 'alerts.0', target }]),
    ]);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('that arrives ten times at the same moment kills once', async () => {
    const { job_id } = stage.simulator.addJob();
    const alert = { id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_id } };
    const replies = await Promise.all(Array.from({ length: 10 }, () => stage.deliver(alert)));
    const counted = (outcome: string): number => replies.filter(({ body }) => body.results?.[0]?.outcome === outcome).length;
    expect([counted('accepted'), counted('duplicate')]).toEqual([1, 9]);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('with another id is another alert', async () => {
    const { job_id } = stage.simulator.addJob();
    await stage.alert({ id: 'a', labels: { job_id } });
    await stage.alert({ id: 'b', labels: { job_id } });
    expect(await stage.outcomes()).toContain('killed');
    expect(stage.backend.list({})).toHaveLength(2);
    expect(stage.simulator.killed()).toEqual([job_id]);
  });

  it('is taken as sent, base64 and unknown fields included', async () => {
    const { job_id } = stage.simulator.addJob();
    const reply = await stage.deliver({ id: 'späte-Läufe 🙂', labels: { alertname: 'MrsJobStuck', job_id }, version: 4, group: { a: [1] } }, { base64: true });
    expect([reply.status, reply.body.results?.[0]?.alert]).toEqual([202, 'späte-Läufe 🙂']);
    expect(await stage.outcomes()).toEqual(['killed']);
  });
});

describe('an alert whose job', () => {
  it.each<[string, Record<string, string>, string, RegExp]>([
    ['is over already', { job_name: '', job_id: '00000000-0000-4000-8000-000000000001' }, 'already-over', /already ended/],
    ['is protected', { job_name: 'billing-run' }, 'refused', /^protected: /],
    ['is not known', { job_name: 'no-such-job' }, 'not-found', /no job named no-such-job/],
    ['has a YARN id that MRS does not know', { application_id: 'application_1564622673393_9999' }, 'not-found', /yarn application -kill application_1564622673393_9999/],
    ['stands in another cluster', { job_name: 'elsewhere', cluster: 'analytics' }, 'not-found', /in cluster analytics/],
    ['is not the only one of its name', { job_name: 'twins' }, 'ambiguous', /2 jobs match twins/],
  ])('%s is accepted, says so in the report, and nothing was killed', async (_, labels, outcome, reason) => {
    stage.simulator.addJob({ job_id: '00000000-0000-4000-8000-000000000001', job_state: 'FINISHED' });
    stage.simulator.addJob({ job_name: 'billing-run' });
    stage.simulator.addJob({ job_name: 'elsewhere', cluster_id: 'bc134369-294c-42b7-a707-b2036ba38524' });
    stage.simulator.addJob({ job_name: 'twins' });
    stage.simulator.addJob({ job_name: 'twins' });
    expect((await stage.alert({ labels })).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual([outcome]);
    expect(stage.shown).toMatchObject([{ view: { stage: 'end', end: { outcome, reason: expect.stringMatching(reason) } } }]);
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('was started again since is not found: a newer run exists, and nothing was killed', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl', submitted_time: NOON - 60_000 });
    await stage.alert({ labels: { job_name: 'nightly-etl' }, startsAt: '2026-03-01T11:58:59Z' });
    await stage.alert({ labels: { job_name: 'nightly-etl' }, startsAt: '2026-03-01T11:59:00Z' }); // not before
    expect(await stage.outcomes()).toEqual(['not-found', 'not-found']);
    expect(stage.shown.map(({ view }) => view.stage === 'end' && view.end.reason)).toEqual([
      'a newer run exists: nightly-etl in cluster analytics was submitted after the alert began', // said once an hour
    ]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('was running when the alert began is killed, and the newer run of its name is not', async () => {
    const old = stage.simulator.addJob({ job_name: 'nightly-etl', submitted_time: NOON - 3_600_000 });
    stage.simulator.addJob({ job_name: 'nightly-etl', submitted_time: NOON - 60_000 });
    await stage.alert({ labels: { job_name: 'nightly-etl' }, startsAt: '2026-03-01T11:30:00.5Z' });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([old.job_id]);
  });

  it('is named by its id is that job, whenever it was submitted', async () => {
    const { job_id } = stage.simulator.addJob({ submitted_time: NOON - 60_000 });
    await stage.alert({ labels: { job_id }, startsAt: '2026-03-01T10:00:00Z' });
    expect(await stage.outcomes()).toEqual(['killed']);
  });

  it('stands in a cluster that cannot be read is not killed: the request failed, and the repeat 15 minutes later starts anew', async () => {
    const { job_id } = stage.simulator.addJob({ job_name: 'nightly-etl' });
    stage.simulator.fault({ on: 'jobs', status: 403, body: { error_code: '0192', error_msg: 'not synchronised' }, times: Infinity });
    const alert = { id: 'alert-7', labels: { job_name: 'nightly-etl' } };
    expect((await stage.alert(alert)).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['failed']);
    expect(stage.simulator.killed()).toEqual([]);

    stage.simulator.clearFaults();
    expect((await stage.alert(alert)).outcome).toBe('duplicate');
    stage.clock.advanceTo(stage.clock.now() + 15 * 60_000);
    expect((await stage.alert(alert)).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['failed', 'killed']);
    expect(stage.simulator.killed()).toEqual([job_id]);
  });
});

describe('over a limit', () => {
  it('of kills in an hour the alert is refused, the channel is told once, and nothing more was killed', async () => {
    await stage.close();
    stage = await startAlertStage(`limits: { perHour: 2 }\ndryRun: false\nclusters: { analytics: { id: ${ANALYTICS_ID} } }\nalerts: [{ match: { alertname: "*" }, action: kill }]`);
    const jobs = [1, 2, 3, 4].map(() => stage.simulator.addJob().job_id);
    const results = [];
    for (const job_id of jobs) results.push(await stage.alert({ labels: { job_id } }));
    expect(results.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect((await stage.outcomes()).toSorted()).toEqual(['killed', 'killed', 'refused', 'refused']);
    expect(stage.simulator.killed()).toHaveLength(2);
    expect(stage.shown.filter(({ view }) => view.stage === 'end' && view.end.outcome === 'refused')).toMatchObject([{ view: { end: { rule: 'perHour', reason: expect.stringContaining('begun 2 kills within an hour') } } }]);
  });
});

describe('where Lambda does not take the start', () => {
  it('the answer is 503 with the results, and the repeat starts what is missing', async () => {
    const { job_id } = stage.simulator.addJob();
    const alert = { id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_id } };
    stage.lambda.script = ({ on }) => (on === 'start' ? { status: 500, type: 'ServiceException' } : undefined);
    const reply = await stage.deliver(alert);
    expect([reply.status, reply.headers['retry-after']]).toEqual([503, '30']);
    expect(reply.body).toEqual({
      results: [{ alert: 'alert-7', outcome: 'failed', kill_id: expect.any(String), policy_rule: 'alerts.0', reason: 'it could not be started', target: { job: job_id } }],
      error_code: 'KILL.0503',
      error_msg: expect.stringContaining('send the delivery again'),
      request_id: 'request-1',
    });
    expect(stage.simulator.killed()).toEqual([]);

    stage.lambda.script = () => undefined;
    expect((await stage.deliver(alert)).body.results?.[0]?.outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['killed']);
  });

  it('nor the ledger: the alert is taken, ends failed without a record, and nothing was killed', async () => {
    const { job_id } = stage.simulator.addJob();
    stage.ledger.script = () => 'fails';
    const alert = { id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_id } };
    expect([await stage.deliver(alert), await stage.deliver(alert)].map(({ status, body }) => [status, body.results?.[0]?.outcome])).toEqual([[202, 'accepted'], [202, 'duplicate']]);
    expect(await stage.outcomes()).toEqual(['failed']);
    expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'end', end: { outcome: 'failed', code: 'ledger', reason: expect.stringContaining('nothing is killed without a record there; look at /health') } });
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('no answer and no line of the log', () => {
  it('shows a secret', async () => {
    const { job_id } = stage.simulator.addJob();
    const replies = [
      await stage.deliver({ id: 'a', labels: { alertname: 'MrsJobStuck', job_id } }),
      await stage.deliver({ id: 'b', labels: {} }),
      await stage.deliver({ id: [1], labels: {} }),
      await stage.deliver({ id: 'c', labels: {} }, { headers: { authorization: 'Bearer a-wrong-token-0123456789' } }),
      await stage.deliver({ id: 'd', labels: {} }, { line: 'POST /alerts/none' }),
    ];
    await stage.backend.idle();
    stage.lambda.script = () => ({ status: 403, type: 'AccessDeniedException' });
    replies.push(await stage.deliver({ id: 'e', labels: { alertname: 'MrsJobStuck', job_id } }));
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 400, 401, 404, 503]);
    const secrets = [TOKEN, 'a-wrong-token', 'alertmanager-only', 'simulator-password', 'aws-secret-of-this-test', 'fake-argument-secret', 'fake-property-secret', ...stage.simulator.issuedTokens()];
    for (const shown of [...replies.map(({ text }) => text), ...stage.lines, ...stage.payloads().map((payload) => JSON.stringify(payload)), JSON.stringify(stage.shown)]) {
      for (const secret of secrets) expect(shown).not.toContain(secret);
    }
  });
});
