import * as z from 'zod/mini';
import { parseJson } from '../http/json.ts';

const Data = z.looseObject({
  recentDatapoints: z.array(z.unknown()),
  evaluatedDatapoints: z.nullish(z.array(z.looseObject({}))),
});

/**
 * Whether an alarm is in ALARM because data is missing, which some are told to take for breaching: it says so, and was given no
 * value. `reasonData`: JSON, '' where the event has none. What one datapoint at least led to is an alarm like any other.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function isWithoutData(reason: string, reasonData: string): boolean {
  if (/\bno datapoints? (?:was|were) received\b/i.test(reason)) return true;
  if (/\bdatapoints? \[[^\]]*\d/i.test(reason)) return false; // `1 out of the last 3 datapoints [97.0 (01/03/26 11:58:00)] was greater …`
  const { data } = Data.safeParse(parseJson(reasonData));
  if (data !== undefined) return !data.recentDatapoints.some(isNumber) && !(data.evaluatedDatapoints ?? []).some(({ value }) => isNumber(value));
  return /\bmissing data(?: ?points?)?\b/i.test(reason);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}
