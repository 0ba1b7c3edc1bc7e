import * as z from 'zod/mini';
import { InvalidRequest } from '../core/errors.ts';
import { parseJson } from '../http/json.ts';
import { readBody } from '../http/read-body.ts';
import { timestamp } from '../http/timestamp.ts';
import { type Alert, unreadableAlert } from './alert.ts';
import { type Alarm, toAlert } from './cloudwatch-alarm.ts';
import { isWithoutData } from './cloudwatch-data.ts';

const text = z.string().check(z.minLength(1), z.maxLength(2_048));
// ISO 8601 allows `+0000`, which zod's own does not.
const awsTime = z.pipe(z.pipe(z.string(), z.transform((time) => time.replace(/([+-]\d\d)(\d\d)/, '$1:$2'))), timestamp);

const State = z.looseObject({
  value: text,
  reason: z.nullish(z.string()),
  reasonData: z.nullish(z.string()),
  timestamp: z.nullish(awsTime),
  actionsSuppressedBy: z.nullish(z.string()),
});
const Dimensions = z.nullish(z.record(z.string(), z.string()));
const Change = z.looseObject({
  alarmName: text,
  state: State,
  previousState: z.nullish(State),
  configuration: z.nullish(z.looseObject({
      description: z.nullish(z.string()),
      metrics: z.nullish(z.array(z.looseObject({ metricStat: z.nullish(z.looseObject({ metric: z.looseObject({ dimensions: Dimensions }) })) }))),
    })),
  alarmContributor: z.nullish(z.looseObject({ attributes: Dimensions })),
  muteDetail: z.optional(z.unknown()),
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
const Invocation = z.looseObject({ alarmArn: text, accountId: text, time: text, region: text, alarmData: Change });
const isInvocation = accepts(z.looseObject({ source: z.literal('aws.cloudwatch'), alarmData: z.looseObject({}) }));

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const BusEvent = z.looseObject({ id: text, account: text, region: text, detail: Change });
const isBusEvent = accepts(
  z.looseObject({
    source: z.literal('aws.cloudwatch'),
    'detail-type': z.enum(['CloudWatch Alarm State Change', 'CloudWatch Alarm Contributor State Change']),
  }),
);

const Pairs = z.nullish(z.array(z.looseObject({ name: z.string(), value: z.string() })));
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
const Notification = z.looseObject({
  AlarmName: text,
  AlarmDescription: z.nullish(z.string()),
  AlarmArn: z.nullish(z.string()),
  AWSAccountId: text,
  Region: text,
  NewStateValue: text,
  NewStateReason: z.nullish(z.string()),
  OldStateValue: z.nullish(z.string()),
  StateChangeTime: z.nullish(awsTime),
  Trigger: z.nullish(z.looseObject({
      Dimensions: Pairs,
      Metrics: z.nullish(z.array(z.looseObject({ MetricStat: z.nullish(z.looseObject({ Metric: z.looseObject({ Dimensions: Pairs }) })) }))),
    })),
  TriggeringChildren: z.nullish(z.array(z.looseObject({ Arn: z.string(), State: z.nullish(z.looseObject({ Value: z.string() })) }))),
});
const isNotification = accepts(z.looseObject({ AlarmName: z.string(), NewStateValue: z.string() }));
const Records = z.looseObject({
  Records: z.array(z.looseObject({ EventSource: z.literal('aws:sns'), Sns: z.looseObject({ MessageId: text, Message: z.string() }) })).check(z.minLength(1)),
});

/**
 * Reads the alarms of an event that invoked us: an alarm's own action, notifications of an SNS topic, or an event of
 * EventBridge. Undefined where it is nothing of the kind. Only what goes into ALARM fires; one that cannot be read is
 * `unreadable`, and the others of the event are as they are.
 */
export function readAlarms(event: unknown): Alert[] | undefined {
  if (isInvocation(event)) return [readOr(event, 'alarm', () => readInvocation(event))];
  if (isBusEvent(event)) return [readOr(event, 'alarm', () => readBusEvent(event))];
  const records = Records.safeParse(event);
  if (!records.success) return undefined;
  const messages = records.data.Records.map(({ Sns }) => ({ id: Sns.MessageId, message: parseJson(Sns.Message) }));
  const alarms = messages.filter(({ message }) => isNotification(message));
  return alarms.length === 0 ? undefined : alarms.map(({ id, message }) => readOr(message, id, () => readNotification(message, id)));
}

function readOr(alarm: unknown, id: string, read: () => Alert): Alert {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return unreadableAlert(id, alarm, error.message);
  }
}

function readInvocation(event: unknown): Alert {
  const { alarmArn, accountId: account, time, region, alarmData } = readBody(Invocation, event);
  return toAlert(readChange(alarmData, region, account), `${alarmArn} ${time}`);
}

function readBusEvent(event: unknown): Alert {
  const { id, account, region, detail } = readBody(BusEvent, event);
  return toAlert(readChange(detail, region, account), id);
}

function readChange({ alarmName: name, state, previousState: before, configuration, alarmContributor, muteDetail }: z.infer<typeof Change>, region: string, account: string): Alarm {
  const dimensions = [alarmContributor?.attributes, ...(configuration?.metrics ?? []).map(({ metricStat }) => metricStat?.metric.dimensions)];
  // An alarm that only waited for its suppressor goes off with ALARM as its state before.
  const wasOff = before?.value !== 'ALARM' || isSuppressed(before);
  return {
    name,
    region,
    account,
    isNew: state.value === 'ALARM' && wasOff && !isSuppressed(state) && (muteDetail === undefined || muteDetail === null),
    isWithoutData: isWithoutData(state.reason ?? '', state.reasonData ?? ''),
    since: state.timestamp ?? undefined,
    reason: state.reason ?? '',
    description: configuration?.description ?? '',
    dimensions: dimensions.flatMap((map) => Object.entries(map ?? {})),
    children: childrenIn(state.reasonData ?? ''),
  };
}

function isSuppressed({ actionsSuppressedBy }: z.infer<typeof State>): boolean {
  return actionsSuppressedBy !== undefined && actionsSuppressedBy !== null && actionsSuppressedBy !== '';
}

const ReasonData = z.looseObject({ triggeringAlarms: z.array(z.looseObject({ arn: z.string(), state: z.nullish(z.looseObject({ value: z.string() })) })) });

function childrenIn(reasonData: string): string[] {
  const read = ReasonData.safeParse(parseJson(reasonData));
  const inAlarm = read.success ? read.data.triggeringAlarms.filter(({ state }) => (state?.value ?? 'ALARM') === 'ALARM') : [];
  return inAlarm.map(({ arn }) => nameIn(arn));
}

function readNotification(message: unknown, messageId: string): Alert {
  const alarm = readBody(Notification, message);
  const metrics = [alarm.Trigger?.Dimensions, ...(alarm.Trigger?.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Metric.Dimensions)];
  const children = (alarm.TriggeringChildren ?? []).filter(({ State: state }) => (state?.Value ?? 'ALARM') === 'ALARM');
  return toAlert(
    {
      name: alarm.AlarmName,
      region: regionIn(alarm.AlarmArn ?? '') ?? alarm.Region,
      account: alarm.AWSAccountId,
      isNew: alarm.NewStateValue === 'ALARM' && alarm.OldStateValue !== 'ALARM',
      isWithoutData: isWithoutData(alarm.NewStateReason ?? '', ''),
      since: alarm.StateChangeTime ?? undefined,
      reason: alarm.NewStateReason ?? '',
      description: alarm.AlarmDescription ?? '',
      dimensions: metrics.flatMap((pairs) => (pairs ?? []).map(({ name, value }) => [name, value] as const)),
      children: children.map(({ Arn }) => nameIn(Arn)),
    },
    messageId,
  );
}

/** The message's own `Region` is for people: `EU (Ireland)`. The other two shapes say `eu-west-1`. */
function regionIn(arn: string): string | undefined {
  return /^arn:aws[a-z-]*:cloudwatch:([a-z]{2}(?:-[a-z]+)+-\d+):/.exec(arn)?.[1];
}

function nameIn(arn: string): string {
  return arn.split(':').slice(6).join(':') || arn;
}

function accepts(schema: z.ZodMiniType): (value: unknown) => boolean {
  return (value) => schema.safeParse(value).success;
}
