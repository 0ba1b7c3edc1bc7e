import { describe, expect, it } from '@jest/globals';
import type { Alert } from '../../lib/alerts/alert.ts';
import { readAlarms } from '../../lib/alerts/cloudwatch.ts';

type Event = Record<string, unknown>;
const ARN = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:';
const STATE = { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-03-01T11:58:30.123+0000' };

const invocation = (over: Event = {}): Event => ({
  source: 'aws.cloudwatch', alarmArn: `${ARN}YarnMemory`, accountId: '123456789012', time: '2026-03-01T11:58:30.123+0000', region: 'eu-west-1',
  alarmData: { alarmName: 'YarnMemory', state: STATE, previousState: { value: 'OK' }, ...over },
});
const busEvent = (over: Event = {}, type = 'CloudWatch Alarm State Change'): Event => ({
  id: 'c4c1c1c9', 'detail-type': type, source: 'aws.cloudwatch', account: '123456789012', region: 'eu-west-1',
  detail: { alarmName: 'YarnMemory', state: STATE, previousState: { value: 'OK' }, ...over },
});
const message = (over: Event = {}): Event => ({ AlarmName: 'YarnMemory', AWSAccountId: '123456789012', NewStateValue: 'ALARM', NewStateReason: 'Threshold Crossed', StateChangeTime: '2026-03-01T11:58:30.123+0000', Region: 'EU (Ireland)', AlarmArn: `${ARN}YarnMemory`, OldStateValue: 'OK', ...over });
const sns = (over: Event = {}): Event => ({ Records: [{ EventSource: 'aws:sns', Sns: { MessageId: '95df01b4', Message: JSON.stringify(message(over)) } }] });

/** The only alarm of an event. */
function read(event: unknown): Alert {
  const [alarm, ...others] = readAlarms(event) ?? [];
  if (alarm === undefined || others.length > 0) throw new Error('expected one alarm');
  return alarm;
}

describe('an alarm of CloudWatch, in whichever shape it came', () => {
  it.each([['its own action', invocation(), `${ARN}YarnMemory 2026-03-01T11:58:30.123+0000`], ['EventBridge', busEvent(), 'c4c1c1c9'], ['a series, by EventBridge', busEvent({}, 'CloudWatch Alarm Contributor State Change'), 'c4c1c1c9'], ['SNS', sns(), '95df01b4']])('of %s is one alert', (_, event, deliveryKey) => {
    expect(read(event)).toEqual({
      id: 'YarnMemory', deliveryKey, status: 'firing', startsAt: Date.parse('2026-03-01T11:58:30.123Z'),
      labels: { alarm_name: 'YarnMemory', region: 'eu-west-1', account: '123456789012' }, annotations: { summary: 'Threshold Crossed' },
    });
  });

  it.each<[string, Event]>([
    ['its own action', invocation({ state: { value: 'ALARM' }, configuration: null })],
    ['its own action, with nulls', invocation({ state: { value: 'ALARM', reason: null, reasonData: null, timestamp: null, actionsSuppressedBy: null }, previousState: null, alarmContributor: null, muteDetail: null, configuration: { description: null, metrics: null } })],
    ['its own action, with metrics that have none', invocation({ state: { value: 'ALARM', actionsSuppressedBy: '' }, configuration: { metrics: [{}, { metricStat: null }, { metricStat: { metric: {} } }, { metricStat: { metric: { dimensions: null } } }] } })],
    ['EventBridge', busEvent({ state: { value: 'ALARM' } })],
    ['SNS', sns({ NewStateReason: undefined, StateChangeTime: undefined })],
    ['SNS, with nulls', sns({ AlarmDescription: null, NewStateReason: null, OldStateValue: null, StateChangeTime: null, Trigger: null, TriggeringChildren: null })],
    ['SNS, with metrics that have none', sns({ NewStateReason: null, StateChangeTime: null, Trigger: { Dimensions: null, Metrics: [{}, { MetricStat: null }, { MetricStat: { Metric: {} } }] } })],
  ])('of %s that tells no more than it has to is one too', (_, event) => {
    expect(read(event)).toMatchObject({ status: 'firing', startsAt: undefined, labels: { alarm_name: 'YarnMemory' }, annotations: {} });
    expect(Object.keys({ ...read(event).labels, ...read(event).annotations }).toSorted()).toEqual(['account', 'alarm_name', 'region']);
  });

  it.each<[Event, string]>([
    [invocation({ configuration: { description: 7 } }), 'alarmData.configuration.description: '],
    [invocation({ configuration: { metrics: {} } }), 'alarmData.configuration.metrics: '],
    [invocation({ configuration: { metrics: [7] } }), 'alarmData.configuration.metrics.0: '],
    [invocation({ configuration: { metrics: [{ metricStat: 7 }] } }), 'alarmData.configuration.metrics.0.metricStat: '],
    [invocation({ configuration: { metrics: [{ metricStat: { metric: 7 } }] } }), 'alarmData.configuration.metrics.0.metricStat.metric: '],
    [invocation({ configuration: { metrics: [{ metricStat: { metric: { dimensions: [] } } }] } }), 'alarmData.configuration.metrics.0.metricStat.metric.dimensions: '],
    [invocation({ alarmContributor: { attributes: [] } }), 'alarmData.alarmContributor.attributes: '],
    [invocation({ state: { ...STATE, actionsSuppressedBy: 7 } }), 'alarmData.state.actionsSuppressedBy: '],
    [invocation({ alarmName: 'x'.repeat(2_049) }), 'alarmData.alarmName: '],
    [invocation({ alarmName: '' }), 'alarmData.alarmName: '],
    [invocation({ state: { ...STATE, timestamp: '2026-03-01T11:58:30+00000' } }), 'alarmData.state.timestamp: '],
    [{ ...busEvent(), region: undefined }, 'region: '],
    [sns({ Trigger: { Dimensions: [{ name: 7, value: 'x' }] } }), 'Trigger.Dimensions.0.name: '],
    [sns({ Trigger: { Dimensions: [{ name: 'x' }] } }), 'Trigger.Dimensions.0.value: '],
    [sns({ Trigger: { Metrics: [{ MetricStat: 7 }] } }), 'Trigger.Metrics.0.MetricStat: '],
    [sns({ Trigger: { Metrics: [{ MetricStat: { Metric: 7 } }] } }), 'Trigger.Metrics.0.MetricStat.Metric: '],
    [sns({ Trigger: { Metrics: [{ MetricStat: { Metric: { Dimensions: {} } } }] } }), 'Trigger.Metrics.0.MetricStat.Metric.Dimensions: '],
    [sns({ Trigger: { Metrics: {} } }), 'Trigger.Metrics: '],
    [sns({ TriggeringChildren: [{ Arn: 7 }] }), 'TriggeringChildren.0.Arn: '],
    [sns({ TriggeringChildren: [{ Arn: ARN, State: { Value: 7 } }] }), 'TriggeringChildren.0.State.Value: '],
  ])('that cannot be read names the field: %j', (event, field) => {
    const { id, unreadable, labels } = read(event);
    expect([id, unreadable, labels]).toEqual([event['Records'] === undefined ? 'alarm' : '95df01b4', expect.stringContaining(field), {}]);
  });

  it.each<[Event, string]>([
    [invocation({ muteDetail: {} }), 'resolved'],
    [invocation({ state: { ...STATE, actionsSuppressedBy: 'Alarm' } }), 'resolved'],
    [invocation({ previousState: { value: 'ALARM', actionsSuppressedBy: '' } }), 'resolved'],
    [invocation({ previousState: { value: 'ALARM', actionsSuppressedBy: 'Alarm' } }), 'firing'],
    [invocation({ previousState: { value: 'INSUFFICIENT_DATA' } }), 'firing'],
    [invocation({ state: { ...STATE, value: 'OK' } }), 'resolved'],
    [sns({ OldStateValue: 'INSUFFICIENT_DATA' }), 'firing'],
    [sns({ OldStateValue: 'ALARM' }), 'resolved'],
    [sns({ NewStateValue: 'OK' }), 'resolved'],
  ])('%j is in the state %s', (event, status) => {
    expect(read(event).status).toBe(status);
  });

  it.each<[string, string, string | undefined]>([
    ['its own action', 'reasonData', 'One,Two:x,no-arn'],
    ['SNS', 'TriggeringChildren', 'One,Two:x,no-arn'],
  ])('of %s names those that made it go off', (_, field, expected) => {
    const arns = [[`${ARN}One`, 'ALARM'], [`${ARN}Two:x`, undefined], [`${ARN}Three`, 'OK'], ['no-arn', 'ALARM']];
    const event = field === 'reasonData'
      ? busEvent({ state: { ...STATE, reasonData: JSON.stringify({ triggeringAlarms: arns.map(([arn, value]) => ({ arn, ...(value !== undefined && { state: { value } }) })) }) } })
      : sns({ TriggeringChildren: arns.map(([Arn, Value]) => ({ Arn, ...(Value !== undefined && { State: { Value } }) })) });
    expect(read(event).labels['triggering_alarms']).toBe(expected);
  });

  it.each(['', '{', '{"triggeringAlarms":[{"arn":7}]}', '{"triggeringAlarms":[{"arn":"a","state":{"value":7}},{"arn":"b"}]}', '{"triggeringAlarms":[]}', '{"triggeringAlarms":[{"arn":"a","state":{"value":"OK"}}]}'])('names none of them where its data is %j', (reasonData) => {
    const { status, labels } = read(busEvent({ state: { ...STATE, reasonData } }));
    expect([status, labels['triggering_alarms']]).toEqual(['firing', undefined]);
  });

  it.each([
    [`${ARN}x`, 'eu-west-1'],
    ['arn:aws-cn:cloudwatch:cn-north-1:1:alarm:x', 'cn-north-1'],
    ['arn:aws-us-gov:cloudwatch:us-gov-west-1:1:alarm:x', 'us-gov-west-1'],
    ['arn:aws:cloudwatch:ap-southeast-12:1:alarm:x', 'ap-southeast-12'],
    [`x${ARN}x`, 'EU (Ireland)'],
    ['arn:aws:logs:eu-west-1:1:alarm:x', 'EU (Ireland)'],
    ['arn:aws:cloudwatch:eu-west-x:1:alarm:x', 'EU (Ireland)'],
    ['arn:aws:cloudwatch:europe-west-1:1:alarm:x', 'EU (Ireland)'],
    [null, 'EU (Ireland)'],
  ])('of SNS with the ARN %s is of the region %s', (AlarmArn, region) => {
    expect(read(sns({ AlarmArn })).labels['region']).toBe(region);
  });

  it('has its dimensions and the words of its description for labels, of which its own name and the dimensions win', () => {
    const names = { ApplicationId: 'application_id', ClusterId: 'cluster_id', JobId: 'job_id', JobName: 'job_name' };
    const dimensions = Object.fromEntries(Object.keys(names).map((name) => [name, `the ${name}`]));
    const description = 'queue=adhoc, job_name=other alarm_name=x region=y account=z JobId=w';
    const expected = { queue: 'adhoc', ...dimensions, ...Object.fromEntries(Object.entries(names).map(([name, label]) => [label, `the ${name}`])), alarm_name: 'YarnMemory', region: 'eu-west-1', account: '123456789012' };
    const pairs = Object.entries(dimensions).map(([name, value]) => ({ name, value }));
    for (const event of [
      invocation({ configuration: { description, metrics: [{ metricStat: { metric: { dimensions } } }] } }),
      busEvent({ alarmContributor: { attributes: dimensions }, configuration: { description } }),
      sns({ AlarmDescription: description, Trigger: { Dimensions: pairs } }),
      sns({ AlarmDescription: description, Trigger: { Metrics: pairs.map((pair) => ({ MetricStat: { Metric: { Dimensions: [pair] } } })) } }),
    ]) expect(read(event)).toMatchObject({ labels: expected, annotations: { summary: 'Threshold Crossed', description } });
    expect(read(busEvent({ configuration: { description: 'job_name=etl triggering_alarms=x' } })).labels).toMatchObject({ job_name: 'etl', triggering_alarms: 'x' });
    expect(read(invocation({ alarmContributor: { attributes: { toString: 'x' } } })).labels).toMatchObject({ toString: 'x' });
  });
});

describe('an alarm without data', () => {
  const data = (recentDatapoints: unknown, evaluatedDatapoints?: unknown): string => JSON.stringify({ recentDatapoints, evaluatedDatapoints });

  it.each([
    ['no datapoint was received', ''],
    ['No datapoints were received for 3 periods', data([97])],
    ['1 missing datapoint was treated as [Breaching].', ''],
    ['3 missing data points', ''],
    ['because of missing data', ''],
    ['datapoints []', data([])],
    ['', data([])],
    ['', data([null, '97'])],
    ['', data([], [{}, { value: '97' }, { value: null }])],
    ['', data([], null)],
  ])('says so: %j with the data %s', (reason, reasonData) => {
    expect(read(busEvent({ state: { ...STATE, reason, reasonData } })).status).toBe('no-data');
    if (reasonData === '') expect(read(sns({ NewStateReason: reason })).status).toBe('no-data');
  });

  it.each([
    ['no datapoints received', ''],
    ['no datapoints were receivedX', ''],
    ['casino datapoints were received', ''],
    ['1 datapoint [97.0 (01/03/26 11:58:00)] and 2 missing datapoints', ''],
    ['2 datapoints [NaN, 1] and 2 missing datapoints', data([])],
    ['dismissing data', ''],
    ['missing datasets', ''],
    ['missing data', data([97])],
    ['missing data', data([], [{}, { value: 97 }])],
    ['', data('97')],
    ['', '{'],
    ['', ''],
  ])('is none that says otherwise: %j with the data %s', (reason, reasonData) => {
    expect(read(busEvent({ state: { ...STATE, reason, reasonData } })).status).toBe('firing');
  });
});

describe('an event is no alarm', () => {
  const { Records: [record = {}] = [] } = sns() as { Records?: Event[] };
  it.each<[string, unknown]>([
    ['of another source', { ...invocation(), source: 'aws.events' }],
    ['of another source, by EventBridge', { ...busEvent(), source: 'aws.events' }],
    ['without its data', { ...invocation(), alarmData: 'x' }],
    ['of another type', busEvent({}, 'CloudWatch Alarm Configuration Change')],
    ['of another service', { Records: [{ ...record, EventSource: 'aws:s3' }] }],
    ['without records', { Records: [] }],
    ['whose message has no id', { Records: [{ EventSource: 'aws:sns', Sns: { Message: JSON.stringify(message()) } }] }],
    ['without a name', sns({ AlarmName: undefined })],
    ['without a state', sns({ NewStateValue: undefined })],
    ['of nothing', null],
  ])('where it is %s', (_, event) => {
    expect(readAlarms(event)).toBeUndefined();
  });
});
