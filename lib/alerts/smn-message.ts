import * as z from 'zod/mini';
import { soleYarnIdIn } from '../core/target.ts';
import { parseJson } from '../http/json.ts';
import { readBody } from '../http/read-body.ts';
import type { Alert } from './alert.ts';
import { readCloudEye, type Told } from './cloud-eye.ts';
import { GenericAlert } from './generic.ts';
import { given } from './loose.ts';
import { saysRecovery } from './smn-recovery.ts';

type Notification = { message: string; message_id: string; subject?: string | null | undefined; timestamp: number };

const hasLabels = z.looseObject({ labels: z.unknown() });
/** As the source `generic` takes it, but for the id, which SMN has given. */
const Own = z.looseObject({ message: z.partial(GenericAlert, { id: true }) });

const LONGEST_ID = 256;
const LONGEST_LABEL = 2_000;
/** Of all ids of YARN's that could name an application, whole or cut. */
const DIGITS_OF_IDS = /(application|appattempt|container)_(?=e?\d)[\de_]*|(?<=(?:job|task|attempt|dag|vertex))_\d{13}_[\d_]*/g;

/**
 * The alert that a notification is, by what its `message` holds: Cloud Eye's alarm, our own `{"labels": …}`, or else any text,
 * such as MRS's alarms, whose form nobody documents. Throws InvalidRequest naming the field.
 */
export function readMessage({ message, message_id: id, subject, timestamp: sentAt }: Notification): Alert {
  const content = parseJson(message);
  const summary = subject ?? '';
  const told = hasLabels.safeParse(content).success ? readOwn(content) : (readCloudEye(content) ?? readText(message, summary));
  return {
    ...told,
    id: (told.id ?? id).slice(0, LONGEST_ID),
    deliveryKey: id,
    // Never without: a job by that name which began after the alarm is not the one that it speaks of.
    startsAt: told.startsAt ?? sentAt,
    annotations: { ...(summary !== '' && { summary }), ...told.annotations },
  };
}

function readOwn(message: unknown): Told {
  const { id, status, startsAt, labels, annotations } = readBody(Own, { message }).message;
  return { id, status: status ?? 'firing', startsAt: startsAt ?? undefined, labels, annotations };
}

function readText(message: string, subject: string): Told {
  const alarm = soleAlarmIn(`${subject}\n${message}`);
  const applicationId = soleYarnIdIn([subject, message]);
  // Cut, it could have one of two ids left, or half of one: a job that nobody means.
  const isWhole = applicationId !== undefined && message.length <= LONGEST_LABEL;
  const shown = isWhole ? message : message.replace(DIGITS_OF_IDS, '$1').slice(0, LONGEST_LABEL);
  return {
    status: saysRecovery(message, subject) ? 'resolved' : 'firing',
    labels: given({ message: shown, alarm_name: alarm, application_id: applicationId }),
    annotations: {},
  };
}

/** `ALM-18020` and the like, as MRS numbers its alarms. https://support.huaweicloud.com/intl/en-us/usermanual-mrs/ALM-18020.html */
function soleAlarmIn(text: string): string | undefined {
  const [alarm, ...others] = new Set(text.match(/\bALM-\d{4,6}(?!\d)/g));
  return others.length === 0 ? alarm : undefined;
}
