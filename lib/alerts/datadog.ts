import * as z from 'zod';
import { readBody } from '../read-body.ts';
import { hasAlertToken, verifyBearer } from './bearer.ts';
import { soleValues } from './sole-values.ts';
import type { AlertSource } from './source.ts';

// A variable that Datadog cannot fill in arrives empty or as its own name: two alerts with such a key would be one.
const key = z
  .string()
  .trim()
  .max(256)
  .refine(isFilledIn, 'is empty, or a variable that Datadog did not fill in; check the payload of the webhook');
const text = z.string().optional();

// The template that the README has to be pasted. Users add fields of their own, such as "mrs_job_id": "$TAGS[mrs_job_id]".
const Body = z.looseObject({
  alert_cycle_key: key,
  transition: key,
  source: text,
  alert_id: text,
  aggreg_key: text,
  event_id: text,
  date: text,
  title: text,
  link: text,
  tags: text,
  cluster: text,
  job_name: text,
});

/**
 * Datadog's webhooks with the payload of the README: bearer token in a custom header (it cannot sign); `alert_cycle_key` and
 * `transition` as delivery key; labels are the payload's texts, then the tags. https://docs.datadoghq.com/integrations/webhooks/
 */
export const datadog: AlertSource = {
  isOn: (settings) => hasAlertToken(settings, 'datadog'),
  verify: (delivery, settings) => verifyBearer(delivery, settings, 'datadog'),
  parse(body) {
    const payload = readBody(Body, body);
    const { alert_cycle_key: cycle, transition, title = '', date = '', tags = '' } = payload;
    return {
      alerts: [
        {
          id: cycle,
          deliveryKey: `${cycle} ${transition}`,
          status: /\brecovered$/i.test(transition) ? 'resolved' : 'firing',
          startsAt: readDate(date),
          labels: { ...soleValues(splitTags(tags)), ...filledIn(payload) },
          annotations: isFilledIn(title) ? { summary: title } : {},
        },
      ],
      truncated: 0,
    };
  },
};

function isFilledIn(value: string): boolean {
  return value.trim() !== '' && !value.trimStart().startsWith('$');
}

/** What has a value: a label that is not there never fits a rule, not even `*`. */
function filledIn(payload: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isFilledIn(entry[1])));
}

/** `yarn_cluster:analytics,app_name:etl`; a value may have colons, and a tag without any is no label. */
function splitTags(tags: string): [string, string][] {
  if (!isFilledIn(tags)) return [];
  return tags.split(',').flatMap((tag): [string, string][] => {
    const [, name, value] = /^\s*([^:]+):(.*?)\s*$/s.exec(tag) ?? [];
    return name === undefined || value === undefined || !isFilledIn(value) ? [] : [[name, value]];
  });
}

/** Epoch ms, as `$DATE` is, or seconds, as `$DATE_POSIX`; undefined for anything else. */
function readDate(date: string): number | undefined {
  if (/^\d{13}$/.test(date)) return Number(date);
  return /^\d{10}$/.test(date) ? Number(date) * 1_000 : undefined;
}
