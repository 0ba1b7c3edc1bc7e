import * as z from 'zod';
import { hasAlertToken, verifyBearer } from './bearer.ts';
import { readBody, timestamp } from '../read-body.ts';
import type { AlertSource } from './source.ts';

const Body = z.looseObject({
  id: z.string().min(1).max(256),
  status: z.enum(['firing', 'resolved']).default('firing'),
  startsAt: timestamp.optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** Anything that can POST JSON: `{id, status?, startsAt?, labels, annotations?}`, bearer token, `id` as delivery key. */
export const generic: AlertSource = {
  isOn: (settings) => hasAlertToken(settings, 'generic'),
  verify: (delivery, settings) => verifyBearer(delivery, settings, 'generic'),
  parse(body) {
    const { id, status, startsAt, labels, annotations } = readBody(Body, body); // by name: unknown fields pass, and end here
    return { alerts: [{ id, deliveryKey: id, status, startsAt, labels, annotations }], truncated: 0 };
  },
};
