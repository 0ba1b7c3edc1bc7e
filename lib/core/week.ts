const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** A moment of each week by the clocks of a zone; `day` is the first three letters of its English name. */
export type WeeklyTime = { day: string; hour: number; minute: number; zone: string };

/** Reads `mon 09:00 Europe/Berlin`, as the policy's check lets it pass. */
export function readWeeklyTime(written: string): WeeklyTime {
  const [day = '', time = '', zone = ''] = written.split(' ');
  const [hour, minute] = time.split(':');
  return { day, hour: Number(hour), minute: Number(minute), zone };
}

/** The week of a moment (epoch ms) in a zone, by ISO 8601: `2026-W53`. It begins on Monday, and belongs to the year of its Thursday. */
export function isoWeek(at: number, zone: string): string {
  const local = new Date(localMs(at, zone));
  const sinceMonday = (local.getUTCDay() + 6) % 7;
  const thursday = Math.floor(local.getTime() / DAY_MS) * DAY_MS + (3 - sinceMonday) * DAY_MS;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / WEEK_MS);
  return `${year}-W${String(week).padStart(2, '0')}`;
}

/** The moment (epoch ms) at which the clocks of a zone showed the same time a week before: 167 or 169 hours where they were changed between. */
export function aWeekBefore(at: number, zone: string): number {
  const guess = at - WEEK_MS;
  return guess + (localMs(at, zone) - at) - (localMs(guess, zone) - guess);
}

/** What the clocks of a zone show, as if it were UTC. */
function localMs(at: number, zone: string): number {
  const written = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(written.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) + (((at % 1_000) + 1_000) % 1_000);
}
