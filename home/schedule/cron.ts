import { Cron } from 'croner';

// croner would take a single date, and a nickname such as @daily, too.
const FIVE_FIELDS = /^\S+(?:\s+\S+){4}$/;

/** Whether a text is five fields of cron that name a time which comes some day. https://man7.org/linux/man-pages/man5/crontab.5.html */
export function isCron(text: string): boolean {
  if (!FIVE_FIELDS.test(text)) return false;
  try {
    return nextTime(text, 'UTC', 0) !== undefined;
  } catch {
    return false;
  }
}

/** The first moment (epoch ms) after `after` at which that schedule is due by the clocks of a zone; undefined where there is none. Throws where it is no schedule. */
export function nextTime(schedule: string, zone: string, after: number): number | undefined {
  return new Cron(schedule, { timezone: zone, mode: '5-part' }).nextRun(new Date(after))?.getTime();
}
