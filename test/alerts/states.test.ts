import { afterEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const APP = 'application_1564622673393_0007';
const PICK = 'cluster: analytics, pick: { queue: adhoc, order: longest-running, count: 1 }';

let stage: AlertStage;
afterEach(() => stage.close());
const start = async (...rules: string[]): Promise<string> => {
  stage = await startAlertStage(policyOf(rules.map((rule) => `  - ${rule}`).join('\n')));
  return stage.simulator.addJob({ app_id: APP, job_name: 'nightly-etl', queue: 'adhoc', submitted_time: NOON - 3 * HOUR_MS, started_time: NOON - 3 * HOUR_MS }).job_id;
};

const deliver = (source: string, body: unknown): Promise<Reply> => stage.deliver(body, { line: `POST /alerts/${source}` });
/** One alert as Grafana sends it, and as an Alertmanager that it sends to hands it on. */
const grafana = (labels: Record<string, string>, over: Record<string, unknown> = {}): unknown => ({
  status: 'firing',
  alerts: [{ status: 'firing', labels: { team: 'data', application_id: APP, ...labels }, annotations: {}, startsAt: '2026-03-01T11:58:00Z', fingerprint: 'bc97ff14869b13e3', ...over }],
  version: '1',
  orgId: 1,
});
const datadog = (over: Record<string, unknown> = {}): unknown => ({ alert_cycle_key: '58112233445566778', transition: 'Triggered', title: 'Yarn queue full', date: String(NOON - 60_000), tags: 'team:data', job_name: 'nightly-etl', ...over });

/** [source, what it is called, the body]. */
const NO_DATA: [string, string, unknown][] = [
  ['grafana', 'DatasourceNoData', grafana({ alertname: 'DatasourceNoData', rulename: 'Yarn queue full' })],
  ['grafana', 'DatasourceError', grafana({ alertname: 'DatasourceError', rulename: 'Yarn queue full' }, { annotations: { Error: 'connection refused' } })],
  ['alertmanager', 'DatasourceError, handed on', grafana({ alertname: 'DatasourceError' })],
  ...['NoData', 'Error', 'NoData, KeepLast', 'Error, KeepLast', 'KeepLast', 'MissingSeries'].map((reason): [string, string, unknown] => [
    'grafana',
    `the reason ${reason}`,
    grafana({ alertname: 'JobNoProgress' }, { annotations: { grafana_state_reason: reason, summary: 'no progress' } }),
  ]),
  ...['No Data', 'Re-No Data', 'no data', 'NO_DATA'].map((transition): [string, string, unknown] => ['datadog', transition, datadog({ transition })]),
];

describe('no data is no runaway job', () => {
  it.each(NO_DATA)('of %s (%s): ignored by the rule that takes it, and nothing was killed', async (source, _, body) => {
    await start('{ match: { team: data }, action: kill }');
    const { status, body: answer } = await deliver(source, body);
    expect([status, answer.results]).toEqual([202, [{ alert: expect.any(String), outcome: 'ignored', rule: 'no-data', policy_rule: 'alerts.0', reason: 'no data' }]]);
    nothingHappened(stage);
  });

  it('nor is it one that a rule may pick, and nothing was killed', async () => {
    await start(`{ match: { team: data }, ${PICK}, action: kill }`);
    for (const [source, , body] of NO_DATA) expect((await deliver(source, body)).body.results).toMatchObject([{ outcome: 'ignored', rule: 'no-data' }]);
    nothingHappened(stage);
  });

  it.each(NO_DATA)('of %s (%s): fires where the rule says noData: true', async (source, _, body) => {
    const job = await start('{ match: { team: data }, noData: true, action: kill }');
    expect((await deliver(source, body)).body.results?.map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job]);
  });

  it('is what the first rule that fits says, also where a later one would take it', async () => {
    await start('{ match: { alertname: DatasourceNoData }, action: kill }', '{ match: { team: data }, noData: true, action: kill }');
    const { body } = await deliver('grafana', grafana({ alertname: 'DatasourceNoData' }));
    expect(body.results).toMatchObject([{ outcome: 'ignored', rule: 'no-data', policy_rule: 'alerts.0' }]);
    nothingHappened(stage);
  });

  it('that no rule takes is refused as any other alert', async () => {
    await start('{ match: { team: web }, noData: true, action: kill }');
    expect((await deliver('grafana', grafana({ alertname: 'DatasourceNoData' }))).body.results).toMatchObject([{ outcome: 'refused', rule: 'alerts' }]);
    nothingHappened(stage);
  });

  it('leaves one End and one audit line, however often it is sent', async () => {
    await start('{ match: { team: data }, action: kill }');
    for (let time = 1; time <= 3; time++) await deliver('datadog', datadog({ transition: 'No Data' }));
    const ends = stage.log().filter(({ message }) => message === 'kill request ended');
    expect(ends).toMatchObject([{ level: 'audit', outcome: 'ignored', rule: 'no-data' }]);
    expect(stage.said).toEqual([]);
    nothingHappened(stage);
  });
});

describe('data is data', () => {
  it.each<[string, unknown]>([
    ['grafana', grafana({ alertname: 'JobNoProgress' }, { annotations: { grafana_state_reason: '' } })],
    ['grafana', grafana({ alertname: 'JobNoProgress' }, { annotations: { summary: 'no data for hours, error' } })],
    ['grafana', grafana({ alertname: 'MyDatasourceErrors' })],
    ['datadog', datadog({ title: '[No Data] is in the title only' })],
    ...['Re-Triggered', 'Renotify', 'Warn', 'Re-Warn'].map((transition): [string, unknown] => ['datadog', datadog({ transition })]),
  ])('of %s: %j fires', async (source, body) => {
    const job = await start('{ match: { team: data }, action: kill }');
    expect((await deliver(source, body)).body.results?.map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job]);
  });
});

describe("a sender's own test", () => {
  const EXAMPLE = "[ metric='foo' labels={instance=bar} value=10 ]";

  it.each<[string, unknown]>([
    ['grafana', grafana({ alertname: 'TestAlert', instance: 'Grafana' }, { annotations: { summary: 'Notification test' }, valueString: EXAMPLE })],
    ['grafana', grafana({ alertname: 'MrsJobStuck' }, { annotations: { summary: 'with labels of my own' }, valueString: EXAMPLE })],
    ['grafana', grafana({ alertname: 'TestAlert' }, { status: 'resolved' })],
    ['datadog', datadog({ title: '[TEST] [Triggered on {app_name:nightly-etl}] Yarn queue full' })],
    ['datadog', datadog({ title: ' [Test] Yarn queue full', transition: 'No Data' })],
    ['datadog', datadog({ title: 'my own', alert_title: '[TEST] Yarn queue full' })],
  ])('of %s is ignored and says that it arrived, and nothing was killed: %j', async (source, body) => {
    await start('{ match: { team: data }, noData: true, action: kill }');
    const { status, body: answer } = await deliver(source, body);
    expect([status, answer.results]).toEqual([202, [{ alert: expect.any(String), outcome: 'ignored', rule: 'test', reason: 'test received' }]]);
    expect(stage.log()).toContainEqual(expect.objectContaining({ level: 'audit', outcome: 'ignored', rule: 'test' }));
    nothingHappened(stage);
  });

  it.each<[string, unknown]>([
    ['grafana', grafana({ alertname: 'TestAlertOfMine' })],
    ['datadog', datadog({ title: 'the queue of [TEST] is full' })],
    ['alertmanager', grafana({ alertname: 'TestAlert' })],
  ])('is none of %s: %j', async (source, body) => {
    await start('{ match: { team: data }, action: kill }');
    expect((await deliver(source, body)).body.results?.map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(await stage.outcomes()).toEqual(['killed']);
  });
});

describe('a job that is found by its name, or picked', () => {
  const newer = { job_name: 'weekly-etl', queue: 'weekly', submitted_time: NOON + 1, started_time: NOON + 1 };

  it.each<[string, string, unknown]>([
    ['generic', 'without a start', { id: 'a', labels: { team: 'data', job_name: 'weekly-etl' } }],
    ['generic', 'with an empty start', { id: 'a', startsAt: '', labels: { team: 'data', job_name: 'weekly-etl' } }],
    ['generic', 'with a start in the future', { id: 'a', startsAt: '2026-03-01T12:00:01Z', labels: { team: 'data', job_name: 'weekly-etl' } }],
    ['datadog', 'with an odd date', datadog({ date: 'yesterday', job_name: 'weekly-etl' })],
    ['datadog', 'with a date that was not filled in', datadog({ date: '$DATE', job_name: 'weekly-etl' })],
    ['datadog', 'without a date', datadog({ date: undefined, job_name: 'weekly-etl' })],
    ['datadog', 'with null for a date', datadog({ date: null, job_name: 'weekly-etl' })],
    ['datadog', 'with a date in the future', datadog({ date: NOON + 60_000, job_name: 'weekly-etl' })],
    ['alertmanager', 'with a start in the future', grafana({ application_id: '', job_name: 'weekly-etl' }, { startsAt: '2026-03-01T13:00:00Z' })],
  ])('by %s %s, was submitted before the alert came in, or nothing was killed', async (source, _, body) => {
    await start('{ match: { team: data }, action: kill }');
    stage.simulator.addJob(newer);
    expect((await deliver(source, body)).body.results?.map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(stage.payloads()).toMatchObject([{ request: { target: { submittedBefore: NOON } } }]);
    expect(await stage.outcomes()).toEqual(['not-found']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('by a pick without a date too, and nothing was killed', async () => {
    await start('{ match: { team: data }, cluster: analytics, pick: { queue: weekly, order: longest-running, count: 1 }, action: kill }');
    stage.simulator.addJob(newer);
    await deliver('datadog', datadog({ date: undefined }));
    expect(stage.payloads()).toMatchObject([{ request: { target: { submittedBefore: NOON } } }]);
    expect(await stage.outcomes()).toEqual(['not-found']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([
    ['epoch ms as a number', NOON - 60_000],
    ['epoch s', String(NOON / 1_000 - 60)],
    ['an ISO time', '2026-03-01T11:59:00Z'],
  ])('by Datadog, whose date is %s, was submitted before that', async (_, date) => {
    await start('{ match: { team: data }, action: kill }');
    await deliver('datadog', datadog({ date }));
    expect(stage.payloads()).toMatchObject([{ request: { target: { submittedBefore: NOON - 60_000 } } }]);
    await stage.outcomes();
  });
});
