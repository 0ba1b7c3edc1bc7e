import * as z from 'zod';
import { readBody, timestamp } from '../http/read-body.ts';
import { byBearer } from './bearer.ts';
import type { AlertSource } from './source.ts';

const strings = z.record(z.string(), z.string());
export const GenericAlert = z
  .looseObject({
    id: z.string().min(1).max(256).describe('A repeat with the same id is a `duplicate`.'),
    status: z.enum(['firing', 'resolved']).default('firing'),
    startsAt: timestamp.optional().describe('A job that is found by its name must have been submitted before.'),
    labels: strings,
    annotations: strings.default({}),
  })
  .meta({ title: 'GenericAlert', description: 'For anything that can send JSON.' });

/** Anything that can POST JSON: `{id, status?, startsAt?, labels, annotations?}`, bearer token, `id` as delivery key. */
export const generic: AlertSource = {
  ...byBearer('generic'),
  about: {
    title: { en: 'Any alert sender', zh: '其他任何告警来源' },
    deliveryKey: { en: "the alert's `id`", zh: '告警的 `id`' },
    namesJob: { en: 'by any label: `mrs_job_id`, `application_id`, `job_name` …', zh: '任何标签：`mrs_job_id`、`application_id`、`job_name` …' },
    otherwise: '`pick`',
  },
  body: GenericAlert,
  parse(body) {
    const { id, status, startsAt, labels, annotations } = readBody(GenericAlert, body); // by name: unknown fields pass, and end here
    return { alerts: [{ id, deliveryKey: id, status, startsAt, labels, annotations }], truncated: 0 };
  },
};
