import { Cron } from 'croner';

// croner would take a single date too.
const FIVE_FIELDS = /^\S+(?: +\S+){4}$/;

/**
 * Why `text` is no schedule, to be said behind the setting's name; undefined where it is one: the five fields of cron, or a
 * nickname such as `@daily`. https://man7.org/linux/man-pages/man5/crontab.5.html
 */
export function whyNoCron(text: string): string | undefined {
  if (/^(?:rate|cron|at)\(/.test(text)) return "is written in EventBridge's way; here it is cron's five fields in UTC, such as 0 * * * * for each full hour";
  if (!FIVE_FIELDS.test(text) && !/^@[a-z]+$/.test(text)) return "has to be cron's five fields (minute, hour, day, month, weekday) in UTC, such as 0 * * * * for each full hour";
  try {
    return nextTime(text, 'UTC', 0) === undefined ? 'names a day that never comes' : undefined;
  } catch (error) {
    const field = /value for (\w+)/.exec((error as Error).message)?.[1]; // its words repeat the value
    return `is no schedule of cron${field === undefined ? '' : `: look at its ${field}`}`;
  }
}

/** The first moment (epoch ms) after `after` at which that schedule is due by the clocks of a zone; undefined where there is none. Throws where it is no schedule. */
export function nextTime(schedule: string, zone: string, after: number): number | undefined {
  return new Cron(schedule, { timezone: zone, mode: '5-part' }).nextRun(new Date(after))?.getTime();
}
