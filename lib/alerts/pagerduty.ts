import * as z from 'zod';
import { Unauthorized } from '../core/errors.ts';
import { readBody, timestamp } from '../read-body.ts';
import { soleYarnIdIn } from './find-target.ts';
import { matchesHmac } from './hmac.ts';
import type { AlertSource, Delivery } from './source.ts';

const MOST_AGE_MS = 48 * 3_600_000; // as long as PagerDuty itself tries to deliver
const MOST_AHEAD_MS = 5 * 60_000;
const MOST_SIGNATURES = 10; // one for each secret of a rotation; each costs us a hash of the body

const OccurredAt = z.looseObject({ event: z.looseObject({ occurred_at: timestamp }) });
const Body = z.looseObject({
  event: z.looseObject({ id: z.string().min(1).max(256), event_type: z.string().min(1), occurred_at: timestamp }),
});
// Other types have data of other shapes, and concern us no further.
const Triggered = z.looseObject({
  event: z.looseObject({
    data: z.looseObject({
      title: z.string(),
      service: z.looseObject({ summary: z.string().nullish() }).nullish(),
      urgency: z.string().nullish(),
      incident_key: z.string().nullish(),
    }),
  }),
});

/**
 * PagerDuty's V3 webhooks: one of the signatures has to hold, for an event of the last 48 h; `event.id` as delivery key. Only
 * `incident.triggered` fires. Labels: title, service, urgency, incident_key, and the YARN id of the title as application_id.
 * https://developer.pagerduty.com/docs/webhooks-overview
 */
export const pagerduty: AlertSource = {
  isOn: ({ pagerdutySecrets }) => pagerdutySecrets.length > 0,
  verify(delivery, { pagerdutySecrets }) {
    const fitting = signaturesOf(delivery).filter((signature) => matchesHmac(signature, pagerdutySecrets, [delivery.rawBody]));
    if (fitting.length === 0) throw new Unauthorized();
    // The signature covers no time of its own, so that an old delivery could be sent again for ever.
    if (!isRecent(delivery)) throw new Unauthorized();
  },
  parse(body) {
    const { id, event_type: type, occurred_at: startsAt } = readBody(Body, body).event;
    const seen = { id, deliveryKey: id, startsAt };
    if (type !== 'incident.triggered') return { alerts: [{ ...seen, status: 'resolved', labels: { event_type: type }, annotations: {} }], truncated: 0 };
    const { title, service, urgency, incident_key: incidentKey } = readBody(Triggered, body).event.data;
    const labels = { event_type: type, title, service: service?.summary, urgency, incident_key: incidentKey, application_id: soleYarnIdIn([title]) };
    return { alerts: [{ ...seen, status: 'firing', labels: given(labels), annotations: { summary: title } }], truncated: 0 };
  },
};

/** The hex of `v1=…,v1=…`. */
function signaturesOf({ headers }: Delivery): string[] {
  const signatures = (headers['x-pagerduty-signature'] ?? '').split(',', MOST_SIGNATURES);
  return signatures.flatMap((signature) => /^\s*v1=(\S+)\s*$/.exec(signature)?.[1] ?? []);
}

/** A body that cannot be read passes here: its signature held, and the reading says which field is wrong. */
function isRecent({ rawBody, receivedAt }: Delivery): boolean {
  const read = OccurredAt.safeParse(parseJson(rawBody));
  if (!read.success) return true;
  const ageMs = receivedAt - read.data.event.occurred_at;
  return ageMs <= MOST_AGE_MS && ageMs >= -MOST_AHEAD_MS;
}

function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
}

function given(labels: Record<string, string | null | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''));
}
