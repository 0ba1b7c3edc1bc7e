import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unwrapEvent } from '../../functions/aws/unwrap-event.ts';
import { AlarmsNotStarted } from '../../lib/alerts/alarms.ts';
import type { KillPayload } from '../../lib/start/engine.ts';
import { aRequest } from '../core/a-job.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { countsIn } from '../stage/counted.ts';
import { KILL_FUNCTION, type Stage, startStage, WARN_FUNCTION } from '../stage/stage.ts';
import { START_MS } from '../stage/workflow.ts';

type Fields = Record<string, unknown>;

const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
alerts: [{ match: { alarm_name: "stuck-*" }, cluster: analytics, action: kill }]
`;
const QUEUE = 'arn:aws:sqs:eu-west-1:123456789012:alarms';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:alarms';
const ALARM = 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:stuck-etl';

const json = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const records = (...all: unknown[]): Fields => ({ Records: all });
/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const inQueue = (body: unknown, messageId = 'queued-1'): Fields => ({
  messageId, receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCg', body: json(body), attributes: { ApproximateReceiveCount: '1' }, messageAttributes: {},
  md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3', eventSource: 'aws:sqs', eventSourceARN: QUEUE, awsRegion: 'eu-west-1',
});
/** What SNS puts around a message on its way into a queue. */
const envelope = (message: unknown, id = 'published-1'): Fields => ({
  Type: 'Notification', MessageId: id, TopicArn: TOPIC, Subject: 'ALARM', Message: json(message), Timestamp: '2026-11-22T11:59:00.000Z', SignatureVersion: '1',
});
const ofTopic = (message: unknown, id = 'published-1'): Fields => ({ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: `${TOPIC}:0b8b1b7e`, Sns: envelope(message, id) });

let stage: Stage;
let jobId: string;
beforeEach(async () => {
  stage = await startStage({ policy: POLICY }, START_MS);
  jobId = stage.simulator.addJob({ submitted_time: START_MS - 7_200_000 }).job_id;
});
afterEach(() => stage.close());

const notification = (over: Fields = {}): Fields => ({
  AlarmName: 'stuck-etl', AlarmDescription: `mrs_job_id=${jobId}`, AWSAccountId: '123456789012', NewStateValue: 'ALARM', NewStateReason: 'Threshold Crossed',
  StateChangeTime: '2026-11-22T11:58:30.123+0000', Region: 'EU (Ireland)', AlarmArn: ALARM, OldStateValue: 'OK', Trigger: { MetricName: 'AllocatedMB', Namespace: 'Yarn', Dimensions: [] }, ...over,
});
const busEvent = (over: Fields = {}): Fields => ({
  version: '0', id: 'bus-1', 'detail-type': 'CloudWatch Alarm State Change', source: 'aws.cloudwatch', account: '123456789012', time: '2026-11-22T11:58:30Z', region: 'eu-west-1', resources: [ALARM],
  detail: { alarmName: 'stuck-etl', state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-11-22T11:58:30.123+0000' }, previousState: { value: 'OK' }, configuration: { description: `mrs_job_id=${jobId}`, metrics: [] } },
  ...over,
});
const invocation = (): Fields => ({
  source: 'aws.cloudwatch', alarmArn: ALARM, accountId: '123456789012', time: '2026-11-22T11:58:30.123+0000', region: 'eu-west-1',
  alarmData: { alarmName: 'stuck-etl', state: { value: 'ALARM', reason: 'Threshold Crossed' }, previousState: { value: 'OK' }, configuration: { description: `mrs_job_id=${jobId}` } },
});
const piped = (detail: unknown): Fields => ({ version: '0', id: 'pipe-1', 'detail-type': 'Event from aws:sqs', source: 'Pipe alarms', account: '123456789012', time: '2026-11-22T11:58:30Z', region: 'eu-west-1', resources: [], detail });

const outcomes = (): string[] => {
  const line = stage.log().findLast(({ message }) => message === 'alerts received') as { results?: { outcome: string }[] } | undefined;
  return (line?.results ?? []).map(({ outcome }) => outcome);
};
const warnings = () => stage.log().filter(({ message }) => /unknown event/.test(message));
const unusable = () => countsIn(stage.lines).filter(({ metric }) => metric === 'UnusableEvent').map(({ dimensions }) => dimensions);

describe('an alarm of CloudWatch that comes wrapped', () => {
  it.each<[string, () => unknown]>([
    ['by SNS into a queue', () => records(inQueue(envelope(notification())))],
    ['by SNS with raw delivery into a queue', () => records(inQueue(notification()))],
    ['by EventBridge through SNS', () => records(ofTopic(busEvent()))],
    ['by EventBridge into a queue', () => records(inQueue(busEvent()))],
    ['by EventBridge through SNS into a queue', () => records(inQueue(envelope(busEvent())))],
    ['by a topic and a queue of another account, wrapped anew', () => records(ofTopic(envelope(notification())))],
    ['by a function that forwards its own event into a queue', () => records(inQueue(records(ofTopic(notification()))))],
    ['by a function that forwards the alarm that invoked it', () => records(inQueue(invocation()))],
    ['by a pipe out of a queue', () => [inQueue(envelope(notification()))]],
    ['by a pipe onto a bus', () => piped(inQueue(envelope(notification())))],
    ['by a pipe of one record', () => inQueue(notification())],
  ])('%s kills the job that it names, once, however often it is sent', async (_, event) => {
    for (const expected of ['accepted', 'duplicate', 'duplicate']) {
      await stage.event(event());
      expect(outcomes()).toEqual([expected]);
      await stage.backend.idle();
    }
    expect(stage.simulator.killed()).toEqual([jobId]);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect([warnings(), unusable()]).toEqual([[], []]);
  });

  it('comes by its topic and by a queue behind it: one message, one kill', async () => {
    await stage.event(records(ofTopic(notification())));
    await stage.event(records(inQueue(envelope(notification()))));
    expect(outcomes()).toEqual(['duplicate']);
    await stage.backend.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('is ignored where it says OK, and nothing was killed', async () => {
    await stage.event(records(inQueue(envelope(notification({ NewStateValue: 'OK', OldStateValue: 'ALARM' })))));
    expect(outcomes()).toEqual(['ignored']);
    expect([stage.lambda.calls, stage.simulator.killed()]).toEqual([[], []]);
  });
});

describe('a batch', () => {
  it('loses nothing to a record that nobody can use, or that cannot be read', async () => {
    const other = stage.simulator.addJob({ submitted_time: START_MS - 7_200_000 }).job_id;
    const third = stage.simulator.addJob({ submitted_time: START_MS - 7_200_000 }).job_id;
    await stage.event(records(
      inQueue('just words', 'q-1'),
      inQueue(envelope(notification(), 'p-1'), 'q-2'),
      inQueue(notification({ AWSAccountId: 7 }), 'q-3'),
      null,
      inQueue(notification({ AlarmDescription: `mrs_job_id=${other}` }), 'q-4'),
      { ...inQueue(''), body: 7 },
      inQueue({ ...busEvent({ id: 'bus-2' }), detail: { ...(busEvent()['detail'] as Fields), configuration: { description: `mrs_job_id=${third}` } } }, 'q-5'),
    ));
    expect(outcomes()).toEqual(['accepted', 'refused', 'accepted', 'accepted']);
    await stage.backend.idle();
    expect(stage.simulator.killed().toSorted()).toEqual([jobId, other, third].toSorted());
    expect(warnings().map(({ event, from }) => [event, from])).toEqual([['message: string', [QUEUE]], ['null', []], ['message: number', [QUEUE]]]);
    expect(stage.log()).toContainEqual(expect.objectContaining({ level: 'audit', outcome: 'refused', rule: 'unreadable', end_reason: expect.stringMatching(/AWSAccountId/) }));
    expect(unusable()).toEqual([{ carrier: 'sqs' }, { carrier: 'direct' }, { carrier: 'sqs' }]);
  });

  it('of which some could not be started throws, so that AWS sends it again; the repeat starts only what is missing', async () => {
    const other = stage.simulator.addJob({ submitted_time: START_MS - 7_200_000 }).job_id;
    const batch = records(inQueue(notification(), 'q-1'), inQueue('just words', 'q-2'), inQueue(notification({ AlarmDescription: `mrs_job_id=${other}` }), 'q-3'));
    let starts = 0;
    stage.lambda.script = ({ on }) => (on === 'start' && ++starts > 1 ? { status: 500, type: 'ServiceException' } : undefined);
    await expect(stage.event(batch)).rejects.toThrow(AlarmsNotStarted);
    stage.lambda.script = () => undefined;
    await stage.event(batch);
    expect(outcomes().toSorted()).toEqual(['accepted', 'duplicate']);
    await stage.backend.idle();
    expect(stage.simulator.killed().toSorted()).toEqual([jobId, other].toSorted());
    expect(stage.simulator.kills()).toHaveLength(2);
  });

  it('is one delivery for the limits: over perDelivery nothing of it was killed', async () => {
    stage.deploy(POLICY.replace('alerts:', 'limits: { perDelivery: 2 }\nalerts:'));
    const jobs = [jobId, ...[1, 2].map(() => stage.simulator.addJob().job_id)];
    await stage.event(records(...jobs.map((id, index) => inQueue(notification({ AlarmDescription: `mrs_job_id=${id}` }), `q-${index}`))));
    expect(outcomes()).toEqual(['refused', 'refused', 'refused']);
    await stage.backend.idle();
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('an execution that ended badly', () => {
  const ended = () => stage.log().filter(({ message }) => message === 'kill request ended');
  /** The execution of one alarm, which was stopped: what EventBridge says of it, and how often Lambda was called till then. */
  async function startAndStop(): Promise<{ event: StatusEvent; calls: number }> {
    const release = stage.hold();
    await stage.event(records(ofTopic(notification())));
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    release();
    return { event: stage.statusEvents.at(-1) as StatusEvent, calls: stage.lambda.calls.length };
  }
  /** A pipe's event within a pipe's event, so deep that nobody looks any further: the last of them poses as EventBridge's. */
  const deepIn = (event: object): unknown => {
    let one = piped({ ...event, eventSource: 'aws:sqs' });
    for (let more = 1; more <= 4; more++) one = piped(inQueue(one));
    return inQueue(one);
  };

  it.each<[string, (event: StatusEvent) => unknown, string]>([
    ['a topic', (event) => records(ofTopic(event)), 'sns'],
    ['a queue', (event) => records(inQueue(event)), 'sqs'],
    ['a topic and a queue', (event) => records(inQueue(envelope(event))), 'sns'],
    ['a pipe onto a bus', (event) => piped(inQueue(event)), 'sqs'],
    ['a batch', (event) => records(event), 'eventbridge'],
    ['more wraps than anybody needs', deepIn, 'eventbridge'],
  ])('is not believed to have where %s says so: whoever may write there could say it', async (_, wrap, carrier) => {
    const { event, calls } = await startAndStop();
    await stage.event(wrap(event));
    await stage.backend.idle();
    expect([ended(), stage.lambda.calls.length]).toEqual([[], calls]);
    expect(warnings()).toMatchObject([{ level: 'warn', event: expect.stringContaining('aws.lambda Durable Execution Status Change') }]);
    expect(unusable()).toEqual([{ carrier }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([
    ['another function', 'mrs-killswitch-test-kill:', 'mrs-killswitch-prod-kill:'],
    ['one whose name ends like ours', 'mrs-killswitch-test-kill:', 'other-mrs-killswitch-test-kill:'],
    ['one whose name begins like ours', 'mrs-killswitch-test-kill:', 'mrs-killswitch-test-kill-2:'],
    ['no function', ':function:', ':layer:'],
  ])('is none of ours where it was one of %s', async (_, from, to) => {
    const { event, calls } = await startAndStop();
    await stage.event({ ...event, detail: { ...event.detail, durableExecutionArn: event.detail.durableExecutionArn.replace(from, to) } });
    await stage.backend.idle();
    expect([ended(), stage.lambda.calls.length, warnings().length, unusable()]).toEqual([[], calls, 1, [{ carrier: 'eventbridge' }]]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([
    ['its name', KILL_FUNCTION],
    ['its ARN', `arn:aws:lambda:us-east-1:123456789012:function:${KILL_FUNCTION}`],
  ])('is closed where EventBridge says so, the function being set by %s', async (_, killFunction) => {
    stage.env['KILL_FUNCTION'] = killFunction;
    stage.deploy(POLICY);
    const { event } = await startAndStop();
    await stage.event(event);
    await stage.backend.idle();
    expect(ended()).toMatchObject([{ outcome: 'failed', code: 'STOPPED' }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([['the function that warns is ours too', WARN_FUNCTION, 1], ['but not where none is set', '', 0]])('of a warning: %s, and nothing was killed', async (_, warnFunction, count) => {
    stage.env['WARN_FUNCTION'] = warnFunction;
    stage.deploy(POLICY);
    const release = stage.hold();
    const request = aRequest({ trigger: 'alerts', target: { cluster: 'analytics', job: { by: 'mrs-id', id: jobId } }, receivedAt: START_MS, warns: true });
    const payload: KillPayload = { kind: 'warn', request, name: 'alerts-live-1', start: 1, attempt: 'attempt-1' };
    stage.backend.stop(stage.backend.start(WARN_FUNCTION, 'alerts-live-1', JSON.stringify(payload)).arn);
    release();
    await stage.event(stage.statusEvents.at(-1));
    await stage.backend.idle();
    expect(ended()).toMatchObject(Array.from({ length: count }, () => ({ outcome: 'failed', code: 'STOPPED' })));
    expect(unusable()).toHaveLength(1 - count);
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('an event that nobody can use', () => {
  it.each<[string, unknown, string | RegExp, string[], string]>([
    ['a record of S3', records({ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'landing', arn: 'arn:aws:s3:::landing' }, object: { key: 'x.csv' } } }), 'aws:s3 ObjectCreated:Put', ['arn:aws:s3:::landing'], 'direct'],
    ['S3 through SNS', records(ofTopic(records({ eventSource: 'aws:s3', s3: { bucket: { name: 'landing' } } }))), 'aws:s3', [TOPIC, 'landing'], 'sns'],
    ['S3 through SNS and SQS', records(inQueue(envelope(records({ eventSource: 'aws:s3', s3: { bucket: { name: 'landing' } } })))), 'aws:s3', [QUEUE, TOPIC, 'landing'], 'sns'],
    ['S3’s test of a topic', records(ofTopic({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'landing' })), 'message: fields Service, Event, Bucket', [TOPIC], 'sns'],
    ['a record of DynamoDB', records({ eventSource: 'aws:dynamodb', eventName: 'INSERT', eventSourceARN: 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/1' }), 'aws:dynamodb INSERT', ['arn:aws:dynamodb:eu-west-1:1:table/t/stream/1'], 'direct'],
    ['an event of EC2', { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', account: '123456789012', resources: ['arn:aws:ec2:eu-west-1:1:instance/i-1'], detail: {} }, 'aws.ec2 EC2 Instance State-change Notification', ['arn:aws:ec2:eu-west-1:1:instance/i-1'], 'eventbridge'],
    ['a scheduled event in a queue', records(inQueue({ source: 'aws.events', 'detail-type': 'Scheduled Event', account: '123456789012', resources: [], detail: {} })), 'aws.events Scheduled Event', [QUEUE, '123456789012'], 'sqs'],
    ['words in a queue', records(inQueue('just words')), 'message: string', [QUEUE], 'sqs'],
    ['words in a topic', records(ofTopic('just words')), 'message: string', [TOPIC], 'sns'],
    ['an alert of another kind in a topic', records(ofTopic({ labels: { alertname: 'Stuck' } })), 'message: fields labels', [TOPIC], 'sns'],
    ['the console’s test event', { key1: 'value1', key2: 'value2' }, 'fields key1, key2', [], 'direct'],
    ['a request of API Gateway', { version: '2.0', routeKey: '$default', rawPath: '/' }, 'fields version, routeKey, rawPath', [], 'direct'],
    ['a very long name', { source: 's'.repeat(10_000), 'detail-type': 'x', detail: {} }, /^s{200}…$/, [], 'eventbridge'],
    ['nothing', null, 'null', [], 'direct'],
    ['a text', 'text', 'string', [], 'direct'],
    ['no record at all', { Records: [] }, 'fields Records', [], 'direct'],
  ])('is a warning that says what it was and where from: %s, and nothing was killed', async (_, event, what, from, carrier) => {
    await stage.event(event);
    expect(warnings().map((line) => [line.level, line['event'], line['from']])).toEqual([['warn', typeof what === 'string' ? what : expect.stringMatching(what), from]]);
    expect(unusable()).toEqual([{ carrier }]);
    expect([stage.lambda.calls, stage.simulator.requests, stage.simulator.killed()]).toEqual([[], [], []]);
  });

  it('may be nested as deep as it likes', () => {
    const deep = 20_000;
    const texts = ['['.repeat(deep) + ']'.repeat(deep), '{"Records":['.repeat(deep) + ']}'.repeat(deep), '{"source":"a","detail-type":"b","detail":'.repeat(deep) + '0' + '}'.repeat(deep)];
    for (const text of texts) {
      expect(unwrapEvent(JSON.parse(text))).toHaveLength(1);
      expect(unwrapEvent(records(inQueue(text)))).toHaveLength(1);
    }
  });
});
