import * as z from 'zod/mini';
import { readBody } from '../http/read-body.ts';
import { loose, looseTexts, looseTime, NO_TIME } from './loose.ts';
import { byBearer } from './bearer.ts';
import type { AlertSource } from './source.ts';

const status = z.enum(['firing', 'resolved']);
/** Nothing where nothing is said. */
const startsAt = z.nullish(z.union([looseTime, z.pipe(z.literal(''), z.transform(() => undefined))], NO_TIME));

export const GenericAlert = z.looseObject({
    id: loose(z.string().check(z.minLength(1), z.maxLength(256)), 'expected a text of 1 to 256 characters').check(z.describe('A repeat with the same id, and the same `startsAt` where it is given, is a `duplicate`.')),
    status: z.nullish(status).check(z.describe('`firing` if left out.')),
    startsAt: startsAt.check(z.describe('A job that is found by its name must have been submitted before.')),
    labels: looseTexts,
    annotations: looseTexts,
  }).register(z.globalRegistry, { title: 'GenericAlert', description: 'For anything that can send JSON. Numbers, true and false are taken as texts, empty labels as none.' });

/** Anything that can POST JSON: `{id, status?, startsAt?, labels, annotations?}`, bearer token, `id` and `startsAt` as delivery key. */
export const generic: AlertSource = {
  ...byBearer('generic'),
  about: {
    title: { en: 'Any alert sender', zh: '其他任何告警来源' },
    deliveryKey: "the alert's `id`, with `startsAt` where it is given",
    namesJob: 'by any label: `mrs_job_id`, `application_id`, `job_name` …',
    otherwise: '`pick`',
  },
  body: GenericAlert,
  parse(body) {
    const { id, status, startsAt, labels, annotations } = readBody(GenericAlert, body); // by name: unknown fields pass, and end here
    const key = startsAt === undefined || startsAt === null ? id : `${id} ${startsAt}`;
    return { alerts: [{ id, deliveryKey: key, occurrence: key, status: status ?? 'firing', startsAt: startsAt ?? undefined, labels, annotations }], truncated: 0 };
  },
};
