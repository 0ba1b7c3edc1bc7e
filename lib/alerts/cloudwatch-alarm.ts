import { type Alert, soleValues } from './alert.ts';
import { given } from './loose.ts';
import { readKeyValues } from './key-values.ts';
import type { About } from './source.ts';

/** An alarm of CloudWatch that changed its state, in whichever shape it came. */
export type Alarm = {
  name: string;
  region: string;
  account: string;
  /** Whether it went into ALARM now, and its actions are not suppressed or muted. */
  isNew: boolean;
  /** Whether it went there because no data came, and none was measured. */
  isWithoutData: boolean;
  /** Epoch ms of the change. */
  since?: number | undefined;
  reason: string;
  description: string;
  /** Of all its metrics; a metrics query has the attributes of its series instead. */
  dimensions: readonly (readonly [string, string])[];
  /** Names of the alarms in ALARM that made a composite alarm go off; none for others. */
  children: readonly string[];
};

/** What is said of CloudWatch. It stands here, apart from cloudwatch.ts, so that functions/alerts has no need of its schemas. */
export const cloudwatch: About = {
  title: 'CloudWatch',
  link: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html',
  trust: 'who may invoke the function (`CLOUDWATCH_…` settings)',
  deliveryKey: "SNS `MessageId`, EventBridge `id`, or the alarm's ARN and time",
  namesJob: "by a dimension (`ApplicationId`, `JobId`, `JobName`) or a `key=value` word of the alarm's description",
  otherwise: '`pick` with `cluster:`, by `alarm_name`',
};

/** Dimensions are written in capitals by custom; these name a job or a cluster as our labels do. */
const LABEL_OF_DIMENSION: Record<string, string> = {
  ApplicationId: 'application_id',
  ClusterId: 'cluster_id',
  JobId: 'job_id',
  JobName: 'job_name',
};

/**
 * The alert that an alarm is to us. CloudWatch has no labels: those are its name, region and account, its dimensions, and the
 * `key=value` words of its description, which win over nothing else.
 */
export function toAlert(alarm: Alarm, deliveryKey: string): Alert {
  const { name, region, account, dimensions, children, reason, description } = alarm;
  const measured = soleValues(dimensions);
  const renamed = Object.entries(LABEL_OF_DIMENSION).flatMap(([dimension, label]) => {
    const value = Object.hasOwn(measured, dimension) ? measured[dimension] : undefined;
    return value === undefined ? [] : [[label, value]];
  });
  return {
    id: name,
    deliveryKey,
    status: !alarm.isNew ? 'resolved' : alarm.isWithoutData ? 'no-data' : 'firing',
    startsAt: alarm.since,
    labels: given({
      ...soleValues(readKeyValues(description)),
      ...Object.fromEntries(renamed),
      ...measured,
      alarm_name: name,
      region,
      account,
      ...(children.length > 0 && { triggering_alarms: children.join(',') }),
    }),
    annotations: { ...(reason !== '' && { summary: reason }), ...(description !== '' && { description }) },
  };
}
