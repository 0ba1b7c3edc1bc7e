import * as z from 'zod/mini';
import { readBody } from '../http/read-body.ts';
import { type AlertStatus, findLink, soleValues } from './alert.ts';
import { given, loose, looseText, looseTime } from './loose.ts';
import { byBearer } from './bearer.ts';
import type { AlertSource } from './source.ts';

const LINK = 'https://docs.datadoghq.com/integrations/webhooks/';
const FILLED_IN = /^\s*[^$\s]/;

// A variable that Datadog cannot fill in arrives empty or as its own name: two alerts with such a key would be one.
const key = loose(
  z.string().check(z.trim(), z.maxLength(256), z.regex(FILLED_IN, 'is empty, or a variable that Datadog did not fill in; check the payload of the webhook')),
  'expected a text; check the payload of the webhook',
);
const text = z.nullish(looseText);

// The template of docs/triggers/datadog.md, which has to be pasted, whose quotes people leave out. Users add fields of their own, such as
// "mrs_job_id": "$TAGS[mrs_job_id]".
const Body = z.looseObject({
    alert_cycle_key: key.check(z.describe('Neither empty nor a variable that was not filled in.')),
    transition: key.check(z.describe('One that ends in `Recovered` is resolved, `No Data` and `Re-No Data` are no data.')),
    source: text,
    alert_id: text,
    aggreg_key: text,
    event_id: text,
    date: text.check(z.describe('Epoch ms or s, or an ISO time.')),
    title: text.check(z.describe('With `[TEST]` in front it is a test of the monitor.')),
    link: text,
    tags: z.union([text, z.array(text)]).check(z.describe('`name:value,name:value`, each a label.')),
    cluster: text,
    job_name: text,
  }).register(z.globalRegistry, { title: 'DatadogAlert', description: `A Datadog webhook with the payload of docs/triggers/datadog.md. Every further text is a label. ${LINK}` });

/**
 * Datadog's webhooks with the payload of docs/triggers/datadog.md: bearer token in a custom header (it cannot sign); `alert_cycle_key` and
 * `transition` as delivery key; labels are the payload's texts, then the tags. https://docs.datadoghq.com/integrations/webhooks/
 */
export const datadog: AlertSource = {
  ...byBearer('datadog'),
  about: {
    title: 'Datadog',
    link: LINK,
    deliveryKey: '`alert_cycle_key` and `transition`',
    namesJob: "by a tag of the monitor's group (`app_name`; no application id in the stock YARN check), or a field you add to the payload",
    otherwise: '`pick` with `cluster:`',
  },
  body: Body,
  parse(body) {
    const payload = readBody(Body, body);
    const { alert_cycle_key: cycle, transition, title, date, tags, link } = payload;
    return {
      alerts: [
        {
          id: cycle,
          deliveryKey: `${cycle} ${transition}`,
          occurrence: cycle,
          status: isTest(payload) ? 'test' : readTransition(transition),
          startsAt: looseTime.safeParse(date).data, // an odd one is none
          labels: { ...soleValues([tags].flat().flatMap((tag) => splitTags(tag ?? ''))), ...given(payload, isFilledIn) },
          annotations: given({ summary: title }, isFilledIn),
          link: findLink([link]),
        },
      ],
      truncated: 0,
    };
  },
};

function isFilledIn(value: string): boolean {
  return FILLED_IN.test(value);
}

/** The button "Test Notifications" of a monitor puts it in front of the event's title, which a template of one's own may call otherwise. */
function isTest(payload: Record<string, unknown>): boolean {
  return Object.entries(payload).some(([name, value]) => /title$/i.test(name) && typeof value === 'string' && /^\s*\[test\]/i.test(value));
}

/** `Recovered` and `No Data Recovered`; `No Data` and `Re-No Data`; all others, `Triggered`, `Re-Triggered`, `Renotify`, `Warn`, fire. */
function readTransition(transition: string): AlertStatus {
  if (/\b(?:recovered|resolved)$/i.test(transition)) return 'resolved';
  return /\bno[ _-]?data$/i.test(transition) ? 'no-data' : 'firing';
}

/** `yarn_cluster:analytics,app_name:etl`; a value may have colons, and a tag without any is no label. */
function splitTags(tags: string): [string, string][] {
  if (!isFilledIn(tags)) return [];
  const pairs = tags.split(',').flatMap((tag) => [...tag.matchAll(/^\s*([^:]+):(.*?)\s*$/gs)]);
  return pairs.map(([, name = '', value = '']): [string, string] => [name, value]).filter(([, value]) => isFilledIn(value));
}
