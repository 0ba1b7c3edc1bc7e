import * as z from 'zod/mini';
import { SettingsInvalid, Unauthorized } from '../core/errors.ts';
import { soleYarnIdIn } from '../core/target.ts';
import { parseJson } from '../http/json.ts';
import { readBody } from '../http/read-body.ts';
import { timestamp } from '../http/timestamp.ts';
import { matchesHmac, signHmac } from '../settings/secret.ts';
import { findLink } from './alert.ts';
import { given } from './loose.ts';
import type { AlertSource, Delivery } from './source.ts';

const LINK = 'https://developer.pagerduty.com/docs/webhooks-overview';
const HEADER = 'X-PagerDuty-Signature';
const SIGNATURE = HEADER.toLowerCase();
const MOST_AGE_MS = 48 * 3_600_000; // as long as PagerDuty itself tries to deliver
const MOST_AHEAD_MS = 5 * 60_000;
const MOST_SIGNATURES = 10; // one for each secret of a rotation; each costs us a hash of the body

const OccurredAt = z.looseObject({ event: z.looseObject({ occurred_at: timestamp }) });
const Event = z.looseObject({ id: z.string().check(z.minLength(1), z.maxLength(256)), event_type: z.string().check(z.minLength(1)), occurred_at: timestamp });
const Data = z.looseObject({
  title: z.string(),
  service: z.nullish(z.looseObject({ summary: z.nullish(z.string()) })),
  urgency: z.nullish(z.string()),
  incident_key: z.nullish(z.string()),
});
const Body = z.looseObject({ event: Event });
// Other types have data of other shapes, and concern us no further.
const Triggered = z.looseObject({ event: z.looseObject({ data: Data }) });
const TRIGGERED = 'incident.triggered';
/** What the button "Send Test Event" of a webhook sends. */
const PING = 'pagey.ping';
/** Both in one, for the document: read in two steps, a fault has the name of its field. */
const AnyEvent = z.looseObject({ event: z.union([z.extend(Event, { event_type: z.literal(TRIGGERED), data: Data }), z.extend(Event, { event_type: z.string().check(z.regex(/^(?!incident\.triggered$)[\s\S]/)) })]) }).register(z.globalRegistry, { title: 'PagerdutyEvent', description: `A V3 webhook of PagerDuty. Only \`${TRIGGERED}\` fires; its title is searched for a YARN id. ${LINK}` });

/**
 * PagerDuty's V3 webhooks: one of the signatures has to hold, for an event of the last 48 h; `event.id` as delivery key. Only
 * `incident.triggered` fires. Labels: title, service, urgency, incident_key, and the YARN id of the title as application_id.
 * https://developer.pagerduty.com/docs/webhooks-overview
 */
export const pagerduty: AlertSource = {
  about: {
    title: 'PagerDuty',
    link: LINK,
    deliveryKey: '`event.id`',
    namesJob: "only by a YARN id in the incident's title: its webhooks carry no alert details",
    otherwise: '`pick` with `cluster:`, by `service` or `title`',
  },
  trust: `\`${HEADER}\`, any of several, with \`PAGERDUTY_SECRET\` (two while you rotate); \`occurred_at\` at most 48 h old`,
  proofs: [
    {
      header: HEADER,
      says:
        '`v1=` and the HMAC-SHA256 of the raw body by `PAGERDUTY_SECRET`, in lower-case hex; several, separated by commas, while the ' +
        'secret is changed. `event.occurred_at` is at most 48 h old.',
    },
  ],
  settings: ['PAGERDUTY_SECRET'],
  isOn: ({ pagerdutySecrets }) => pagerdutySecrets.length > 0,
  verify(delivery, { pagerdutySecrets }) {
    const fitting = signaturesOf(delivery).filter((signature) => matchesHmac(signature, pagerdutySecrets, [delivery.rawBody]));
    if (pagerdutySecrets.length === 0) throw new Unauthorized('trigger is off: its secret is not set', 'set PAGERDUTY_SECRET');
    if (fitting.length === 0) throw new Unauthorized(delivery.headers[SIGNATURE] === undefined ? 'no signature' : 'wrong signature');
    // The signature covers no time of its own, so that an old delivery could be sent again for ever.
    if (!isRecent(delivery)) throw new Unauthorized('time outside the window');
  },
  sign(rawBody, { settings: { pagerdutySecrets: [secret] } }) {
    if (secret === undefined) throw new SettingsInvalid([{ name: 'PAGERDUTY_SECRET', problem: 'is not set' }]);
    return { headers: { [SIGNATURE]: `v1=${signHmac(secret, [rawBody])}` }, rawBody };
  },
  body: AnyEvent,
  parse(body) {
    const { id, event_type: type, occurred_at: startsAt } = readBody(Body, body).event;
    const seen = { id, deliveryKey: id, startsAt };
    if (type === PING) return { alerts: [{ ...seen, status: 'test', labels: { event_type: type }, annotations: {} }], truncated: 0 };
    if (type !== TRIGGERED) return { alerts: [{ ...seen, status: 'resolved', labels: { event_type: type }, annotations: {} }], truncated: 0 };
    const { title, service, urgency, incident_key: incidentKey, html_url: link } = readBody(Triggered, body).event.data;
    const labels = { event_type: type, title, service: service?.summary, urgency, incident_key: incidentKey, application_id: soleYarnIdIn([title]) };
    return { alerts: [{ ...seen, status: 'firing', labels: given(labels), annotations: { summary: title }, link: findLink([link]) }], truncated: 0 };
  },
};

/** The hex of `v1=…,v1=…`. */
function signaturesOf({ headers }: Delivery): string[] {
  const signatures = (headers[SIGNATURE] ?? '').split(',', MOST_SIGNATURES);
  return signatures.flatMap((signature) => /^\s*v1=(\S+)\s*$/.exec(signature)?.[1] ?? []);
}

/** A body that cannot be read passes here: its signature held, and the reading says which field is wrong. */
function isRecent({ rawBody, receivedAt }: Delivery): boolean {
  const read = OccurredAt.safeParse(parseJson(rawBody));
  if (!read.success) return true;
  const ageMs = receivedAt - read.data.event.occurred_at;
  return ageMs <= MOST_AGE_MS && ageMs >= -MOST_AHEAD_MS;
}
