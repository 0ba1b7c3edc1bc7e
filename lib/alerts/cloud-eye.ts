import * as z from 'zod/mini';
import { readBody } from '../http/read-body.ts';
import { type Alert, soleValues } from './alert.ts';
import { given, looseText } from './loose.ts';

/** What a message tells of its alert; what it does not tell, its envelope does. */
export type Told = Pick<Alert, 'status' | 'startsAt' | 'labels' | 'annotations'> & { id?: string | undefined };

const text = z.nullish(looseText);
const variables = {
  MetricName: text,
  AlarmLevel: text,
  AlarmRuleName: text,
  ResourceId: text,
  ResourceName: text,
  IsAlarm: z.optional(z.unknown()),
};

/** The form of topics: names as the API has them, and what the templates of people are filled with. */
const Alarm = z.looseObject({
  message: z.looseObject({
    alarm_name: text,
    alarm_status: z.string(),
    time: z.union([z.nullish(z.int().check(z.gte(0), z.lte(8.64e15))), z.pipe(z.unknown(), z.transform(() => undefined))]), // epoch ms
    namespace: text,
    metric_name: text,
    dimension: text,
    default_content: text,
    template_variable: z.nullish(z.looseObject(variables)),
  }),
});
const isAlarm = z.looseObject({ message_type: z.literal('alarm') });

/** The form of notification groups: names as the console shows them, in the language of the account. */
const GroupAlarm = z.looseObject({
  message: z.looseObject({ data: z.looseObject({ ...variables, Namespace: text, RegionId: text, AlarmTime: text }) }),
});
const isGroupAlarm = z.looseObject({ version: z.string(), data: z.looseObject({}) });

/**
 * What Cloud Eye tells in either of its two forms; undefined where `message` is neither. It fires only where it says so: a
 * recovery looks the same but for `IsAlarm`, which is false or missing, and a status of `ok`.
 */
export function readCloudEye(message: unknown): Told | undefined {
  if (isAlarm.safeParse(message).success) return readAlarm(message);
  return isGroupAlarm.safeParse(message).success ? readGroupAlarm(message) : undefined;
}

function readAlarm(message: unknown): Told {
  const { message: alarm } = readBody(Alarm, { message });
  const { alarm_status: status, template_variable: variable, dimension } = alarm;
  const fires = /^alarm$/i.test(status) && (variable === undefined || variable === null || variable.IsAlarm === true);
  const labels = {
    alarm_name: alarm.alarm_name,
    alarm_status: status,
    namespace: alarm.namespace,
    metric_name: alarm.metric_name,
    level: variable?.AlarmLevel,
    resource_id: variable?.ResourceId,
    resource_name: variable?.ResourceName,
  };
  return {
    id: alarm.alarm_name || undefined,
    status: fires ? 'firing' : 'resolved',
    startsAt: alarm.time ?? undefined,
    labels: { ...soleValues(dimensionsIn(dimension ?? '')), ...given(labels) },
    annotations: given({ description: alarm.default_content }),
  };
}

function readGroupAlarm(message: unknown): Told {
  const { data } = readBody(GroupAlarm, { message }).message;
  const fires = data.IsAlarm === true;
  const labels = {
    alarm_name: data.AlarmRuleName,
    alarm_status: fires ? 'alarm' : 'ok',
    namespace: data.Namespace,
    metric_name: data.MetricName,
    level: data.AlarmLevel,
    resource_id: data.ResourceId,
    resource_name: data.ResourceName,
    region: data.RegionId,
  };
  return { id: data.AlarmRuleName || undefined, status: fires ? 'firing' : 'resolved', startsAt: readTime(data.AlarmTime ?? ''), labels: given(labels), annotations: {} };
}

/** `cluster_id:2b46…,node_id:9c1e…` */
function dimensionsIn(dimension: string): [string, string][] {
  const pairs = dimension.split(',').flatMap((part) => [...part.matchAll(/^\s*([^:]+?)\s*:\s*(\S.*?)\s*$/gs)]);
  return pairs.map(([, name = '', value = '']) => [name, value]);
}

/** `2025/06/02 22:56:15 GMT+08:00` as epoch ms; undefined for anything else. */
function readTime(time: string): number | undefined {
  const [, year, month, day, clock, offset] = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d) GMT([+-]\d\d:\d\d)$/.exec(time) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${clock}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}
