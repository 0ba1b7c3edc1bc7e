import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Alert } from '../../lib/alerts/alert.ts';
import { readAlarms } from '../../lib/alerts/cloudwatch.ts';
import { AlarmsNotStarted } from '../../lib/alerts/alarms.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { START_MS, type WorkflowStage, startWorkflowStage } from '../stage/workflow.ts';
import { runs } from '../support/full-size.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/cloudwatch');
const NAMES = globSync('*.json', { cwd: FOLDER }).filter((file) => !file.endsWith('.expected.json')).map((file) => basename(file, '.json')).toSorted();
type Event = Record<string, unknown>;
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const fixture = (name: string): Event => readJson(name) as Event;

const YARN_ID = 'application_1564622673393_0077';
const RULES = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
alerts:
  - { source: cloudwatch, match: { alarm_name: "yarn-memory-*" }, cluster: analytics, pick: { queue: adhoc, order: longest-running, count: 1 }, action: kill }
  - { source: generic, match: { alarm_name: OfAnotherSource }, action: kill }
  - { match: { alarm_name: YarnMemory }, action: kill }
  - { match: { triggering_alarms: "*YarnMemory*" }, cluster: analytics, job: job_name, action: kill }
`;

describe('an alarm of CloudWatch', () => {
  it.each(NAMES.map((name) => [name]))('is read: %s', (name) => {
    const expected = readJson(`${name}.expected`) as { alerts: Alert[]; problems: string[] };
    const alarms = readAlarms(fixture(name)) ?? [];
    expect(alarms.filter(({ unreadable }) => unreadable === undefined)).toEqual(expected.alerts);
    expect(alarms.flatMap(({ unreadable }) => unreadable ?? [])).toEqual(expected.problems.map((field) => expect.stringMatching(`^${field.replaceAll('.', '\\.')}: .`)));
  });

  it('is read out of any JSON, or is none, and labels are texts of their own', () => {
    const events = NAMES.map((name) => readJson(name) as fc.JsonValue);
    const seen = { alarms: 0, none: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), fc.oneof(fc.jsonValue(), fc.constantFrom<fc.JsonValue>(null, '', 'ALARM', {}, [])), (event, path, value) => {
        const reading = readAlarms(replaced(event, path, value));
        if (reading === undefined) return void seen.none++;
        seen.alarms++;
        for (const { id, deliveryKey, labels, annotations } of reading) {
          expect([typeof id, typeof deliveryKey]).toEqual(['string', 'string']);
          for (const texts of [labels, annotations]) {
            expect(Object.getPrototypeOf(texts)).toBe(Object.prototype);
            expect(Object.values(texts).every((text) => typeof text === 'string')).toBe(true);
          }
        }
      }),
      { numRuns: runs(1_000) },
    );
    expect(Math.min(seen.alarms, seen.none)).toBeGreaterThan(runs(10));
  });
});

describe('an event with an alarm', () => {
  const environment = { ...process.env };
  let stage: WorkflowStage;
  let job: { job_id: string; app_id?: string };

  beforeEach(async () => {
    stage = await startWorkflowStage({ policy: RULES });
    job = stage.simulator.addJob({ job_name: 'nightly-etl', queue: 'adhoc', app_id: YARN_ID, submitted_time: START_MS - 7_200_000 });
  });
  afterEach(async () => {
    await stage.close();
    process.env = { ...environment };
  });

  const handle = (event: unknown): Promise<void> => stage.event(event);
  /** What the last event came to, as the log has it. */
  const outcomes = (): string[] => {
    const line = stage.lines.findLast(({ message, source }) => message === 'alerts received' && source === 'cloudwatch') as { results?: { outcome: string; rule?: string }[] } | undefined;
    return (line?.results ?? []).map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`));
  };
  function expectNothing(): void {
    expect(stage.lambda.of('start')).toEqual([]);
    expect(stage.simulator.requests).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  }

  const dimensions = { ApplicationId: YARN_ID };
  const change = { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-11-22T11:58:30.123+0000' };
  const configuration = { metrics: [{ id: 'm1', metricStat: { metric: { namespace: 'Yarn', name: 'AllocatedMB', dimensions }, period: 60, stat: 'Maximum' } }] };
  const invocation = (over: Event = {}): Event => ({
    source: 'aws.cloudwatch',
    alarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:YarnMemory',
    accountId: '123456789012',
    time: '2026-11-22T11:58:30.123+0000',
    region: 'eu-west-1',
    alarmData: { alarmName: 'YarnMemory', state: change, previousState: { value: 'OK' }, configuration, ...over },
  });
  const busEvent = (over: Event = {}): Event => ({
    version: '0',
    id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    time: '2026-11-22T11:58:30Z',
    region: 'eu-west-1',
    resources: ['arn:aws:cloudwatch:eu-west-1:123456789012:alarm:YarnMemory'],
    detail: { alarmName: 'YarnMemory', state: change, previousState: { value: 'OK' }, configuration, ...over },
  });
  const message = (over: Event = {}): Event => ({
    AlarmName: 'YarnMemory',
    AWSAccountId: '123456789012',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-11-22T11:58:30.123+0000',
    Region: 'EU (Ireland)',
    AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:YarnMemory',
    OldStateValue: 'OK',
    Trigger: { MetricName: 'AllocatedMB', Namespace: 'Yarn', Dimensions: [{ name: 'ApplicationId', value: YARN_ID }] },
    ...over,
  });
  const notification = (...messages: unknown[]): Event => ({
    Records: messages.map((one, index) => ({
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      Sns: { Type: 'Notification', MessageId: `95df01b4-ee98-5cb9-9903-4c221d41eb5${index}`, Message: typeof one === 'string' ? one : JSON.stringify(one) },
    })),
  });

  it.each([
    ['its own action', () => invocation()],
    ['a topic of SNS', () => notification(message())],
    ['EventBridge', () => busEvent()],
  ])('by %s kills the job that it names, once, however often it is sent', async (_, event) => {
    for (const expected of ['accepted', 'duplicate', 'duplicate']) {
      await handle(event());
      expect(outcomes()).toEqual([expected]);
      await stage.backend.idle();
    }
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
    const [asked] = stage.lines.filter(({ level }) => level === 'audit');
    expect(asked).toMatchObject({ requested_by: 'cloudwatch alert YarnMemory' });
  });

  it('that comes by two ways kills once: the second finds the job over', async () => {
    for (const event of [invocation(), busEvent(), notification(message())]) {
      await handle(event);
      expect(outcomes()).toEqual(['accepted']);
      await stage.backend.idle();
    }
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.ends().map(({ outcome }) => outcome)).toEqual(['killed', 'already-over', 'already-over']);
  });

  it('that goes off again later is another delivery', async () => {
    const later = { ...invocation(), time: '2026-11-22T12:58:30.123+0000' };
    await handle(invocation());
    await stage.backend.idle();
    await handle(later);
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.lambda.of('start')).toHaveLength(2);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('of a composite alarm finds its rule by its children and its job in its description', async () => {
    const reasonData = JSON.stringify({ triggeringAlarms: [{ arn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:YarnMemory', state: { value: 'ALARM' } }] });
    await handle(busEvent({ alarmName: 'Main', state: { ...change, reasonData }, configuration: { alarmRule: 'ALARM(YarnMemory)', description: 'stops the job (job_name=nightly-etl).' } }));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('that names no job kills the one that its rule picks', async () => {
    stage.simulator.addJob({ job_name: 'younger', queue: 'adhoc', submitted_time: START_MS - 3_600_000 });
    stage.simulator.addJob({ job_name: 'elsewhere', queue: 'gold', submitted_time: START_MS - 90_000_000 });
    await handle(invocation({ alarmName: 'yarn-memory-high', configuration: {} }));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('does not kill a job by name that was submitted after it went off', async () => {
    stage.simulator.addJob({ job_name: 'newer', submitted_time: START_MS - 10_000 });
    await handle(invocation({ configuration: { description: 'job_name=newer' } }));
    await stage.backend.idle();
    expect(stage.ends()).toMatchObject([{ outcome: 'not-found' }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['OK, from ALARM', invocation({ state: { ...change, value: 'OK' }, previousState: change })],
    ['INSUFFICIENT_DATA', busEvent({ state: { ...change, value: 'INSUFFICIENT_DATA' } })],
    ['a state of a later day', busEvent({ state: { ...change, value: 'MAYBE' } })],
    ['ALARM, from ALARM', invocation({ previousState: change })],
    ['ALARM, from ALARM, by EventBridge', busEvent({ previousState: change })],
    ['ALARM, from ALARM, by SNS', notification(message({ OldStateValue: 'ALARM' }))],
    ['OK, by SNS', notification(message({ NewStateValue: 'OK', OldStateValue: 'ALARM' }))],
    ['ALARM whose actions are suppressed', busEvent({ state: { ...change, actionsSuppressedBy: 'WaitPeriod' } })],
    ['ALARM whose actions are muted', busEvent({ muteDetail: { mutedByArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm-mute-rule:night' } })],
  ])('is ignored where it says %s, and nothing was killed', async (_, event) => {
    await handle(event);
    expect(outcomes()).toEqual(['ignored']);
    expectNothing();
  });

  it('goes off when it has waited for its suppressor: the state before was ALARM too', async () => {
    await handle(invocation({ previousState: { ...change, actionsSuppressedBy: 'WaitPeriod' } }));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('without a state before is new: a series of a metrics query has none', async () => {
    await handle({ ...busEvent({ previousState: undefined, configuration: {}, alarmContributor: { id: '1', attributes: dimensions } }), 'detail-type': 'CloudWatch Alarm Contributor State Change' });
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each([
    ['no rule fits', 'NoRuleForThis', dimensions, 'refused alerts'],
    ['only a rule for another source fits', 'OfAnotherSource', dimensions, 'refused alerts'],
    ['it names no job', 'YarnMemory', { Queue: 'adhoc' }, 'refused target'],
    ['its metrics name two jobs', 'YarnMemory', { ApplicationId: YARN_ID, Other: 'application_1564622673393_0099' }, 'accepted'],
  ])('where %s (%s): %j gives %s', async (_, alarmName, own, expected) => {
    await handle(invocation({ alarmName, configuration: { metrics: [{ metricStat: { metric: { dimensions: own } } }] } }));
    expect(outcomes()).toEqual([expected]);
    await stage.backend.idle();
    if (expected === 'accepted') expect(stage.simulator.killed()).toEqual([job.job_id]);
    else expectNothing();
  });

  it('whose metrics give one dimension two values names no job by it, and nothing was killed', async () => {
    const metrics = [YARN_ID, 'application_1564622673393_0099'].map((ApplicationId) => ({ metricStat: { metric: { dimensions: { ApplicationId } } } }));
    await handle(invocation({ configuration: { metrics } }));
    expect(outcomes()).toEqual(['refused target']);
    expectNothing();
  });

  it('that cannot be started throws, so that AWS sends it again, and the repeat starts only what is missing', async () => {
    const other = stage.simulator.addJob({ job_name: 'other', app_id: 'application_1564622673393_0099', submitted_time: START_MS - 7_200_000 });
    const event = notification(message(), message({ Trigger: { Dimensions: [{ name: 'ApplicationId', value: 'application_1564622673393_0099' }] } }));
    let starts = 0;
    stage.lambda.script = ({ on }) => (on === 'start' && ++starts > 1 ? { status: 500, type: 'ServiceException' } : undefined);
    await expect(handle(event)).rejects.toThrow(new AlarmsNotStarted('some kills could not be started; the event has to come again'));
    expect(outcomes().toSorted()).toEqual(['accepted', 'failed']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toHaveLength(1);

    stage.lambda.script = () => undefined;
    await handle(event);
    expect(outcomes().toSorted()).toEqual(['accepted', 'duplicate']);
    await stage.backend.idle();
    expect(stage.simulator.killed().toSorted()).toEqual([job.job_id, other.job_id].toSorted());
    expect(stage.simulator.kills()).toHaveLength(2);
  });

  it('that cannot be read is refused with its field and not asked for again; the others of the delivery are started', async () => {
    await handle(notification({ ...message(), AWSAccountId: 7 }, message()));
    expect(outcomes()).toEqual(['refused unreadable', 'accepted']);
    expect(stage.lines).toContainEqual(expect.objectContaining({ level: 'audit', outcome: 'refused', rule: 'unreadable', end_reason: expect.stringMatching(/^unreadable: AWSAccountId: /) }));
    await stage.backend.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['direct', { ...invocation(), alarmArn: undefined }],
    ['of EventBridge', { ...busEvent(), id: undefined }],
    ['with a time of no calendar', invocation({ state: { ...change, timestamp: '2026-13-45T00:00:00.000+0000' } })],
  ])('that cannot be read, alone (%s), is refused, and nothing was killed', async (_, event) => {
    await handle(event);
    expect(outcomes()).toEqual(['refused unreadable']);
    expect(stage.lines).toContainEqual(expect.objectContaining({ level: 'audit', rule: 'unreadable', end_reason: expect.stringMatching(/^unreadable: [a-zA-Z.]+: ./) }));
    expectNothing();
  });

  const NONE = 'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].';
  const noValues = JSON.stringify({ version: '1.0', recentDatapoints: [], threshold: 5, evaluatedDatapoints: [{ timestamp: '2026-11-22T11:57:00.000+0000' }] });
  const values = JSON.stringify({ version: '1.0', recentDatapoints: [97, 98.2], threshold: 90, evaluatedDatapoints: [{ timestamp: '2026-11-22T11:57:00.000+0000', value: 98.2 }] });

  it.each<[string, unknown]>([
    ['its own action', invocation({ state: { ...change, reason: NONE } })],
    ['SNS', notification(message({ NewStateReason: NONE, Trigger: { TreatMissingData: 'breaching', Dimensions: [{ name: 'ApplicationId', value: YARN_ID }] } }))],
    ['SNS, in other words', notification(message({ NewStateReason: 'Threshold Crossed: 1 missing datapoint was treated as [Breaching].' }))],
    ['EventBridge', busEvent({ state: { ...change, reason: NONE } })],
    ['its own action, by what was measured', invocation({ state: { ...change, reasonData: noValues } })],
    ['EventBridge, by what was measured', busEvent({ state: { ...change, reasonData: noValues } })],
  ])('that goes off because data is missing, by %s, is ignored, and nothing was killed', async (_, event) => {
    await handle(event);
    expect(outcomes()).toEqual(['ignored no-data']);
    expectNothing();
  });

  it('that goes off because data is missing kills where the rule says so', async () => {
    stage.deploy(RULES.replace('alarm_name: YarnMemory }', 'alarm_name: YarnMemory }, noData: true'));
    await handle(notification(message({ NewStateReason: NONE })));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each<[string, unknown]>([
    ['SNS', notification(message({ NewStateReason: 'Threshold Crossed: 3 out of the last 3 datapoints [97.0, 98.2, 96.4] were greater than the threshold (90.0).', Trigger: { TreatMissingData: 'breaching', Dimensions: [{ name: 'ApplicationId', value: YARN_ID }] } }))],
    ['SNS, where some are missing', notification(message({ NewStateReason: 'Threshold Crossed: 1 datapoint [97.0 (22/11/26 11:57:00)] was greater than the threshold (90.0) and 2 missing datapoints were treated as [Breaching].' }))],
    ['its own action', invocation({ state: { ...change, reasonData: values } })],
    ['EventBridge', busEvent({ state: { ...change, reasonData: values } })],
    ['EventBridge, whose data is of another form', busEvent({ state: { ...change, reasonData: '{"version":"1.0"}' } })],
  ])('that takes missing data for breaching goes off by what was measured: %s', async (_, event) => {
    await handle(event);
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each([
    ['in double quotes', 'Stops the nightly load (cluster=analytics, job_name="etl, daily (new)").'],
    ['in single quotes', "job_name='etl, daily (new)'; cluster=analytics."],
    ['in the quotes of a word processor', 'Stops job_name=“etl, daily (new)”, cluster=“analytics”'],
  ])('reads a value %s whole', async (_, description) => {
    const quoted = stage.simulator.addJob({ job_name: 'etl, daily (new)', submitted_time: START_MS - 7_200_000 });
    await handle(notification(message({ AlarmDescription: description, Trigger: { Dimensions: [] } })));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([quoted.job_id]);
  });

  it.each(['job_name="etl', "job_name='etl daily", 'job_name="etl"daily', 'job_name=""', 'note="job_name=etl"', 'https://x.example/?job_name=etl'])('names no job by half a value, or by one within another: %s, and nothing was killed', async (description) => {
    stage.simulator.addJob({ job_name: 'etl', submitted_time: START_MS - 7_200_000 });
    await handle(notification(message({ AlarmDescription: description, Trigger: { Dimensions: [] } })));
    expect(outcomes()).toEqual(['refused target']);
    expectNothing();
  });

  it('without a time kills no job by name that was submitted after it came in', async () => {
    stage.simulator.addJob({ job_name: 'newer', submitted_time: START_MS + 1 });
    await handle(invocation({ state: { ...change, timestamp: undefined }, configuration: { description: 'job_name=newer' } }));
    await stage.backend.idle();
    expect(stage.ends()).toMatchObject([{ outcome: 'not-found' }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('of a metric by mathematics has its dimensions within the metrics, and no description', async () => {
    const Trigger = { TreatMissingData: '- TreatMissingData:                    missing', Metrics: [{ Id: 'm1', MetricStat: { Metric: { Dimensions: [{ name: 'ApplicationId', value: YARN_ID }] } } }, { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' }] };
    await handle(notification(message({ AlarmDescription: null, Trigger })));
    expect(outcomes()).toEqual(['accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each<[string, unknown]>([
    ['words in a topic', notification('just words')],
    ['JSON in a topic that is no alarm', notification({ AlarmName: 'half' }, 'null', '[]')],
    ['a record of S3', { Records: [{ eventSource: 'aws:s3', s3: {} }] }],
    ['no record at all', { Records: [] }],
    ['a change of an alarm’s configuration', { ...busEvent(), 'detail-type': 'CloudWatch Alarm Configuration Change' }],
    ['an alarm of somebody else', { ...busEvent(), source: 'me' }],
    ['an invocation by somebody else', { ...invocation(), source: 'me' }],
    ['a scheduled event', { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }],
  ])('is not %s: that is logged and passed over, and nothing was killed', async (_, event) => {
    await handle(event);
    expect(stage.lines.length).toBeGreaterThan(0);
    for (const line of stage.lines) expect(line).toMatchObject({ level: 'warn', message: expect.stringMatching(/unknown event/), event: expect.any(String) });
    expectNothing();
  });
});

/** A copy of the event with the value at some place of it. */
function replaced(event: fc.JsonValue, path: number[], value: fc.JsonValue): fc.JsonValue {
  const whole = { event: structuredClone(event) } as Record<string, fc.JsonValue>;
  let place = whole;
  let key = 'event';
  for (const step of path) {
    const next = place[key];
    if (typeof next !== 'object' || next === null || Object.keys(next).length === 0) break;
    place = next as Record<string, fc.JsonValue>;
    key = Object.keys(place)[step % Object.keys(place).length] ?? '';
  }
  place[key] = value;
  return whole['event'] ?? null;
}
