import { afterEach, describe, expect, it } from '@jest/globals';
import { saysRecovery } from '../../lib/alerts/smn-recovery.ts';
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

  it.each([
    ['a line', `Alarm ID: ALM-18020\nAlarm Status: Cleared\nAppId: ${APP}`],
    ['a line that says when', `${text}\nClear Time: 2026-03-01 11:59:00 GMT+08:00`],
    ['a line in words of one', `Cleared: Yes\n${text}`],
    ['a line in Chinese', `告警ID：ALM-18020\n告警状态：已清除\n应用ID：${APP}`],
    ['a line of its own status in Chinese', `ALM-18020 ${APP}\n清除状态： 已清除。`],
    ['a question in Chinese', `ALM-18020 ${APP}\n是否清除：是`],
    ['the time in Chinese', `ALM-18020 ${APP}\n清除时间：2026年3月1日 11:59:00`],
    ['one of several in a line', `ALM-18020;AppId=${APP};Alarm Status=Cleared`],
    ['one of several with commas', `AlarmId=ALM-18020, AppId=${APP}, AlarmStatus=Cleared`],
    ['a word', `${text} alarm_status="Cleared"`],
    ['a column', `Alarm ID\tAlarm Status\tAppId\nALM-18020\tCleared\t${APP}`],
    ['a table', `| Alarm ID | ALM-18020 ${APP} |\n| Alarm Status | Cleared (by admin) |`],
    ['a line of recovery in Chinese', `ALM-18020 ${APP}\n告警状态: 已恢复正常`],
    ['a line with a notice’s word', `ALM-18020 ${APP}\nAlarm Status: Clear`],
    ['a line that says how', `ALM-18020 ${APP}\nAlarm Status: Cleared automatically`],
    ['a line in a few words more', `ALM-18020 ${APP}\nAlarm Status: Has been cleared`],
    ['a line that says Restored', `ALM-18020 ${APP}\nAlarm State: Restored`],
    ['a line that says Recovery', `ALM-18020 ${APP}\nRecovery Status: Recovery`],
    ['a line that says Recovered', `ALM-18020 ${APP}\nAlarm Status = ✅ Recovered`],
    ['a line whose value a time follows', `ALM-18020 ${APP}\nAlarm Status: Cleared, 2026-03-01 11:59:00 GMT+08:00`],
    ['a line whose value is followed by when', `ALM-18020 ${APP}\nCleared: Yes, at 2026-03-01 11:59`],
    ['a line in Chinese whose value a time follows', `ALM-18020 ${APP}\n告警状态：已清除 2026年3月1日 11:59:00`],
    ['a line of an answer that quotes it', `> 1. Alarm Status: Cleared\n> 2. AppId: ${APP} ALM-18020`],
    ['cells of HTML', `<table><tr><td>Alarm ID</td><td>ALM-18020</td></tr>\n<tr><td>Alarm Status</td><td>Cleared</td></tr><tr><td>AppId</td><td>${APP}</td></tr></table>`],
    ['a head of HTML', `<table><tr><th>Alarm ID</th><th>Alarm&nbsp;Status</th><th>AppId</th></tr><tr><td>ALM-18020</td><td>\n<b>Cleared</b> \n</td><td>${APP}</td></tr></table>`],
    ['a line of HTML', `<p><b>Alarm Status</b>:&nbsp;Cleared<br/>ALM-18020 AppId: ${APP}</p>`],
    ['a table of Markdown', `| Alarm ID | Alarm Status | AppId |\n|---|:---:|---|\n| ALM-18020 | Cleared | ${APP} |`],
    ['a table that names what it has twice', `Alarm Status\tCleared\tAlarm\nCleared\tYes\tALM-18020 ${APP}`],
    ['a column of any name that says what is said of alarms alone', `ALM-18020 ${APP}\nStatus: Cleared`],
    ['a column of any name in Chinese', `ALM-18020 ${APP}\n状态：已恢复`],
    ['where another says that it stands', `ALM-18020 ${APP}\nAlarm Status: Alarm\nClear Time: 2026-03-01 11:59:00`],
    ['the title of the text', `告警恢复通知：ALM-18020 ${APP}`],
    ['the bracketed title of the text', `【告警恢复】ALM-18020 ${APP}`],
    ['a field of JSON', JSON.stringify({ alarmId: 'ALM-18020', alarmStatus: 'Cleared', appId: APP })],
  ])('kills nothing where a field of its own says that it is over: %s', async (_, content) => {
    await start('{ source: smn, match: { alarm_name: ALM-18020 }, action: kill }');
    stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    expect(only(await publish(content))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    nothingHappened(stage);
  });

  it.each([
    ['an attribute of the alarm', `Alarm ID: ALM-18020\nAuto Cleared: Yes\nStatus: Active\nAppId: ${APP}`],
    ['an attribute in a column', `Alarm ID\tAutomatically Cleared\tStatus\nALM-18020\tYes\tActive\n${APP}`],
    ['an attribute in Chinese', `告警ID：ALM-18020\n告警清除方式：自动\n可自动清除：是\n告警状态：未清除\n应用ID：${APP}`],
    ['a field that says no', `${text}\nCleared: No\nAlarm Status: Not Cleared\n清除状态：未清除`],
    ['a time that is not filled in', `${text}\nClear Time: -\nCleared At: 1970-01-01 00:00:00\n清除时间：--`],
    ['the time of something else', `${text}\nClear Time: -; Occurred: 2026-03-01 11:59:00`],
    ['a sentence', `The alarm was cleared yesterday, status: cleared, and is back: ${text}`],
    ['a sentence in Chinese', `告警清除后再次出现 ${text}`],
    ['a clear time that is not filled in', `${text}\nClear Time: -`],
    ['an attribute as a word', `${text} Auto Cleared=Yes`],
    ['an attribute in a table', `| Alarm ID | Auto Cleared | Severity |\n|---|---|---|\n| ALM-18020 | Yes | Minor |\n${APP}`],
    ['what the rule says of its end', `${text}\n告警规则：持续30分钟触发，自动清除\n恢复策略：自动清除`],
    ['a sentence in a field', `${text}\nAlarm Status: will be cleared when the task ends\nCleared: when the task ends`],
    ['what has not come', `${text}\nAlarm Status: Not Resolved\n告警状态：未恢复`],
    ['the name of its job', `${text}\nJob Name: recovered-etl\nJob: Recovered\nQueue: restored`],
    ['a status of nobody knows what', `${text}\nStatus: OK`],
    ['a state of nobody knows what', `${text}\nState: Normal\n状态：正常\nCurrent Status: Recovered`],
    ['a column of nobody knows what', `Cluster\tStatus\tAppId\nanalytics\tNormal\t${APP}\nALM-18020`],
    ['its own status, whatever another column says', `${text}\nAlarm Status: Alarm\nStatus: Cleared`],
    ['its own answer, whatever another column says', `${text}\n是否清除: 否\n状态：已恢复`],
    ['its own status in Chinese, whatever another column says', `${text}\n告警状态: 告警\nStatus: Resolved`],
    ['its own status in a table', `Alarm Status | Alarm\nCleared | No\nAppId | ${APP}\nAlarm ID | ALM-18020`],
    ['its own status under a head', `Alarm ID\tAlarm Status\tCleared\tAppId\nALM-18020\tAlarm\tNo\t${APP}`],
    ['its own status under a head of HTML', `<table><tr><th>Alarm Status</th><th>Cleared</th></tr><tr><td>Alarm</td><td>No</td></tr></table>ALM-18020 ${APP}`],
    ['a log that quotes another alarm', `${text}\nlast lines: [OK] step 1, 【告警恢复】 of yesterday`],
    ['the state of something else', `${text}\nNode Status: OK\nJob State: recovered`],
  ])('kills the job where it is firing: %s is no recovery', async (_, content) => {
    await start('{ source: smn, match: { alarm_name: ALM-18020 }, action: kill }');
    const job = stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    expect(only(await publish(content))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});

describe('a text', () => {
  it.each([
    ['that speaks of two jobs', `${APP} waits for application_1564622673393_0008`, 'SMN'],
    ['that speaks of a container of one and the id of the other', `container_e17_1564622673393_0007_01_000001 waits for application_1564622673393_0008`, 'SMN'],
    ['that speaks of a task of one and the id of the other', `attempt_1564622673393_0007_m_000001_0 waits for application_1564622673393_0008`, 'SMN'],
    ['that lists all jobs', `Total number of applications:2\n${APP}  etl-a  SPARK  RUNNING\napplication_1564622673393_0008  etl-b  SPARK  RUNNING`, 'watchdog'],
    ['whose subject speaks of another job', `${APP} is stuck`, 'application_1564622673393_0008 is stuck'],
    ['that is long, and speaks of the second job at its end', `${APP} ${'x'.repeat(100_000)} application_1564622673393_0008`, 'SMN'],
    ['that is long, and would be cut within the number of a second job', `${'x'.repeat(1_972)}application_1564622673393_00071 ${APP}`, 'SMN'],
    ['that names tasks of people, which are no ids', 'task_etl of job_etl_daily hangs, task_20260301_01 too', 'SMN'],
    ['that is long, and would be cut within the number of a task', `${'x'.repeat(1_975)} task_1564622673393_00071_m_000001 ${APP}`, 'SMN'],
    ['that speaks of none', 'disk is full', 'SMN'],
  ])('%s is refused, and nothing was killed', async (_, content, subject) => {
    await start('{ source: smn, match: { message: "*" }, action: kill }');
    for (const app_id of [APP, 'application_1564622673393_0008', 'application_1564622673393_00071']) stage.simulator.addJob({ app_id });
    expect(only(await publish(content, undefined, subject))).toEqual({ status: 202, outcome: 'refused', rule: 'target', count: 1 });
    nothingHappened(stage);
  });

  it.each([
    ['twice and in a link', `${APP} makes no progress, see https://rm.example:26001/proxy/${APP}/ (${APP})`],
    ['and its containers', `${APP} holds container_e17_1564622673393_0007_01_000001 and container_e17_1564622673393_0007_01_000002`],
    ['as its attempt', 'appattempt_1564622673393_0007_000001 hangs'],
    ['as its MapReduce job', 'job_1564622673393_0007 hangs'],
    ['as a task of its', 'task_1564622673393_0007_m_000001 hangs, attempt_1564622673393_0007_m_000001_0 too'],
    ['as its DAG', 'dag_1564622673393_0007_1 hangs in vertex_1564622673393_0007_1_00'],
  ])('that speaks of one job %s kills it', async (_, content) => {
    await start('{ source: smn, match: { message: "*" }, action: kill }');
    const job = stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    expect(only(await publish(content))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('of a template of Cloud Eye is a recovery where the subject says so', async () => {
    await start('{ source: smn, match: { message: "*" }, action: kill }');
    stage.simulator.addJob({ app_id: APP, submitted_time: NOON - HOUR_MS });
    for (const subject of ['[Critical Ok]From Cloud Eye: …', '[华为云][紧急告警恢复]云监控通知：…', '【已恢复】云监控通知', '[Major Resolved] …', 'Re: [Critical Ok]…', 'FW: Fwd: [Critical Ok]…', '回复：[Critical Ok]…', '转发：【告警恢复】云监控', '告警恢复通知', '告警恢复通知 - ALM-18020', '[告警恢复通知] etl', '【已自动恢复】etl', '[Critical Recovery] etl', '[RESOLVED:1] etl', '[Restored] etl', '【恢复正常】etl']) {
      expect(only(await publish(`${APP} is fine`, undefined, subject))).toEqual({ status: 202, outcome: 'ignored', count: 1 });
    }
    nothingHappened(stage);
    for (const subject of ['[Critical Alarm]From Cloud Eye: … is not Ok', '[Not Resolved] …', '【未恢复】…', 'Cleared? [Ok]', '[recovered-etl] is stuck', '[Disaster Recovery] is stuck', '【自动恢复】etl', '告警恢复通知策略', 'Re: [Critical Alarm]…']) {
      expect(only(await publish(`${APP} is stuck`, undefined, subject))).toEqual({ status: 202, outcome: 'accepted', count: 1 });
      await stage.outcomes();
    }
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});

describe('a text of any length', () => {
  it.each([
    ['blanks', ' '],
    ['tags that never end', '<td '],
    ['cells', '| '],
    ['pairs', 'Cleared: '],
    ['brackets', '[Ok '],
  ])('is read at once: %s', (_, piece) => {
    const text = piece.repeat(250_000 / piece.length);
    const start = performance.now();
    expect([saysRecovery(text, text), saysRecovery(`${text}\nAlarm Status: Cleared`, '')]).toEqual([false, true]);
    expect(performance.now() - start).toBeLessThan(2_000);
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
