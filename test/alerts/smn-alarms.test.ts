import { afterEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { notification, TOPIC } from '../simulator/smn-client.ts';
import { deliver } from './smn-delivery.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const APP = 'application_1564622673393_0007';
const PICK = 'pick: { queue: adhoc, order: longest-running, count: 1 }, action: kill';

let stage: AlertStage;
afterEach(() => stage.close());
const start = async (...rules: string[]): Promise<void> => {
  stage = await startAlertStage(policyOf(rules.map((rule) => `  - ${rule}`).join('\n')), { SMN_TOPICS: TOPIC });
};

let ids = 0;
const publish = (content: unknown, messageId = `m${++ids}`, subject = 'SMN'): Promise<Reply> => deliver(stage, notification(content, NOON, { message_id: messageId, subject }));
const only = ({ status, body }: Reply): unknown => ({ status, ...body.results?.map(({ outcome, rule }) => ({ outcome, ...(rule !== undefined && { rule }) }))[0], count: body.results?.length });

const targets = (): unknown[] => stage.payloads().flatMap((payload) => ('request' in payload && payload.request ? [payload.request.target] : []));

/** Cloud Eye's alarm on a cluster, in the form of topics. */
const cloudEye = (over: object = {}, variable: object = {}): object => ({
  message_type: 'alarm',
  alarm_name: 'yarn-memory-high',
  alarm_status: 'alarm',
  time: NOON - 60_000,
  namespace: 'SYS.MRS',
  metric_name: 'yarn_memory_usage',
  dimension: `cluster_id:${ANALYTICS_ID}`,
  template_variable: { IsAlarm: true, AlarmLevel: 'Critical', ResourceId: ANALYTICS_ID, ...variable },
  ...over,
});
/** The same in the form of notification groups. */
const groupAlarm = (over: object = {}): object => ({
  version: 'v1',
  data: { AlarmRuleName: 'yarn-memory-high', Namespace: 'MapReduce', IsAlarm: true, AlarmLevel: 'Critical', ResourceId: ANALYTICS_ID, AlarmTime: '2026/03/01 19:59:00 GMT+08:00', ...over },
});

describe("Cloud Eye's alarm on a cluster", () => {
  it('kills the job that its rule picks, once for all repeats', async () => {
    await start(`{ source: smn, match: { alarm_name: "yarn-memory-*", namespace: SYS.MRS, level: Critical }, ${PICK} }`);
    const [longest] = [3, 2, 1].map((hours) => stage.simulator.addJob({ queue: 'adhoc', submitted_time: NOON - hours * HOUR_MS, started_time: NOON - hours * HOUR_MS }));
    for (const outcome of ['accepted', 'duplicate', 'duplicate']) expect(only(await publish(cloudEye(), 'repeated'))).toEqual({ status: 202, outcome, count: 1 });
    expect(await stage.outcomes()).toEqual(['picked', 'killed']);
    expect(stage.simulator.killed()).toEqual([longest?.job_id]);
    expect(targets()[0]).toMatchObject({ cluster: ANALYTICS_ID, submittedBefore: NOON - 60_000 });
  });

  it('of a notification group needs a cluster in its rule, since it names none', async () => {
    await start(`{ source: smn, match: { alarm_name: "yarn-memory-*", level: Critical }, cluster: analytics, ${PICK} }`, `{ source: smn, match: { level: "*" }, ${PICK} }`);
    const job = stage.simulator.addJob({ queue: 'adhoc', submitted_time: NOON - HOUR_MS });
    expect(only(await publish(groupAlarm({ AlarmRuleName: 'other' })))).toEqual({ status: 202, outcome: 'refused', rule: 'target', count: 1 });
    expect(only(await publish(groupAlarm()))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    expect(await stage.outcomes()).toEqual(['picked', 'killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('names no job: without a pick in the rule it is refused, and nothing was killed', async () => {
    await start('{ source: smn, match: { alarm_name: "*" }, action: kill }');
    stage.simulator.addJob({ job_name: 'yarn-memory-high' });
    for (const content of [cloudEye(), groupAlarm()]) expect(only(await publish(content))).toEqual({ status: 202, outcome: 'refused', rule: 'target', count: 1 });
    nothingHappened(stage);
  });

  it.each<[string, object]>([
    ['a status of ok', cloudEye({ alarm_status: 'ok' }, { IsAlarm: false })],
    ['a status of ok alone', cloudEye({ alarm_status: 'ok' })],
    ['a status of insufficient data', cloudEye({ alarm_status: 'insufficient_data' })],
    ['IsAlarm false alone', cloudEye({}, { IsAlarm: false })],
    ['IsAlarm missing', cloudEye({}, { IsAlarm: undefined })],
    ['IsAlarm null', cloudEye({}, { IsAlarm: null })],
    ['IsAlarm false, in a group', groupAlarm({ IsAlarm: false })],
    ['IsAlarm missing, in a group', groupAlarm({ IsAlarm: undefined })],
    ['IsAlarm as a text, in a group', groupAlarm({ IsAlarm: 'true' })],
  ])('that recovers kills nothing, whatever the rules say: %s', async (_, content) => {
    await start(`{ match: { alarm_name: "*" }, cluster: analytics, ${PICK} }`);
    stage.simulator.addJob({ queue: 'adhoc', submitted_time: NOON - HOUR_MS });
    expect(only(await publish(content))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    nothingHappened(stage);
  });

  it('without a time speaks of jobs from before it was sent: one that began since is left alone', async () => {
    await start(`{ source: smn, match: { alarm_name: "*" }, cluster: analytics, ${PICK} }`);
    for (const content of [cloudEye({ time: undefined }), groupAlarm({ AlarmTime: 'now' })]) await publish(content);
    expect(targets()).toEqual([NOON, NOON].map((submittedBefore) => expect.objectContaining({ submittedBefore })));
    stage.simulator.addJob({ queue: 'adhoc', submitted_time: NOON + 1, started_time: NOON + 1 });
    expect(await stage.outcomes()).toEqual(['not-found', 'not-found']);
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe("MRS's alarm ALM-18020", () => {
  const text = `ALM-18020 Yarn Task Execution Timeout. Source=analytics;ServiceName=Yarn;RoleName=ResourceManager;ApplicationName=${APP}`;

  it.each([
    ['as plain text', text, 'MRS alarm'],
    ['as JSON of a form that we do not know', JSON.stringify({ alarmId: 'ALM-18020', location: { ApplicationName: APP } }), 'SMN'],
    ['with its number in the subject', `ApplicationName=${APP}`, '[MRS] ALM-18020'],
  ])('kills the job of its YARN application, %s', async (_, content, subject) => {
    await start('{ source: smn, match: { alarm_name: ALM-18020, message: "*ApplicationName*" }, action: kill }');
    const job = stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    stage.simulator.addJob({ app_id: 'application_1564622673393_0008', submitted_time: NOON - HOUR_MS });
    expect(only(await publish(content, undefined, subject))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each(['The alarm was cleared: ', 'Cleared. ', '告警恢复 ', '已清除 '])('kills nothing where it was cleared: %j', async (words) => {
    await start('{ source: smn, match: { alarm_name: ALM-18020 }, action: kill }');
    stage.simulator.addJob({ app_id: APP });
    expect(only(await publish(words + text))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    expect(only(await publish(text, undefined, words))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    nothingHappened(stage);
  });
});

describe('a text', () => {
  it.each([
    ['that speaks of two jobs', `${APP} waits for application_1564622673393_0008`, 'SMN'],
    ['whose subject speaks of another job', `${APP} is stuck`, 'application_1564622673393_0008 is stuck'],
    ['that is long, and speaks of the second job at its end', `${APP} ${'x'.repeat(100_000)} application_1564622673393_0008`, 'SMN'],
    ['that is long, and would be cut within the number of a second job', `${'x'.repeat(1_972)}application_1564622673393_00071 ${APP}`, 'SMN'],
    ['that speaks of none', 'disk is full', 'SMN'],
  ])('%s is refused, and nothing was killed', async (_, content, subject) => {
    await start('{ source: smn, match: { message: "*" }, action: kill }');
    for (const app_id of [APP, 'application_1564622673393_0008', 'application_1564622673393_00071']) stage.simulator.addJob({ app_id });
    expect(only(await publish(content, undefined, subject))).toEqual({ status: 202, outcome: 'refused', rule: 'target', count: 1 });
    nothingHappened(stage);
  });

  it('of a template of Cloud Eye is a recovery where the subject says so', async () => {
    await start('{ source: smn, match: { message: "*" }, action: kill }');
    stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    for (const subject of ['[Critical Ok]From Cloud Eye: …', '[华为云][紧急告警恢复]云监控通知：…', '[Major Resolved] …']) {
      expect(only(await publish(`${APP} is fine`, undefined, subject))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    }
    nothingHappened(stage);
    expect(only(await publish(`${APP} is stuck`, undefined, '[Critical Alarm]From Cloud Eye: …'))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    await stage.outcomes();
  });
});

describe('{"labels": …} as a message', () => {
  it('is judged as the source generic does, with the id that SMN gave it', async () => {
    await start('{ source: smn, match: { alertname: MrsJobStuck }, action: kill }');
    const job = stage.simulator.addJob({ job_name: 'etl-daily', submitted_time: NOON - HOUR_MS });
    const content = { id: 'the-same', labels: { alertname: 'MrsJobStuck', job_name: 'etl-daily' }, startsAt: '2026-03-01T11:30:00Z' };
    expect(only(await publish(content, 'm-a'))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    expect(only(await publish(content, 'm-a'))).toEqual({ status: 202, outcome: 'duplicate', count: 1 });
    expect(only(await publish({ ...content, status: 'resolved' }, 'm-b'))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('leaves alone a job of that name that began after it was sent, where it tells no start', async () => {
    await start('{ source: smn, match: { alertname: MrsJobStuck }, action: kill }');
    stage.simulator.addJob({ job_name: 'etl-daily', submitted_time: NOON + 1 });
    await publish({ labels: { alertname: 'MrsJobStuck', job_name: 'etl-daily' } });
    expect(await stage.outcomes()).toEqual(['not-found']);
    expect(stage.simulator.killed()).toEqual([]);
  });
});
