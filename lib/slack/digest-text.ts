import type { Named, WeeklyDigest } from '../core/digest.ts';
import { code, dayAndTime } from './text.ts';

const LONGEST_NAME = 60;

/** The weekly digest for people: what did not happen is left out. */
export function digestText({ from, until, killed, sent, warned, kept, endedThemselves, wouldKill, refused, users, queues }: WeeklyDigest): string {
  return [
    `*The week* from ${dayAndTime(from)} to ${dayAndTime(until)}`,
    ...(killed > 0 ? [`• ${jobs(killed)} killed`] : []),
    ...(sent > 0 ? [`• ${sent === 1 ? '1 kill was sent, and its end was not seen' : `${sent} kills were sent, and their ends were not seen`}`] : []),
    ...(warned > 0 ? [`• ${jobs(warned)} warned`] : []),
    ...(kept > 0 ? [`• ${jobs(kept)} kept`] : []),
    ...(endedThemselves > 0 ? [`• ${jobs(endedThemselves)} ended by ${endedThemselves === 1 ? 'itself' : 'themselves'}`] : []),
    ...(wouldKill > 0 ? [`• ${jobs(wouldKill)} would have been killed (dry run)`] : []),
    ...(refused.length > 0 ? [`• refused: ${listed(refused)}`] : []),
    ...(users.length > 0 ? [`Most killed, by user: ${listed(users)}`] : []),
    ...(queues.length > 0 ? [`Most killed, by queue: ${listed(queues)}`] : []),
  ].join('\n');
}

function jobs(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}

function listed(named: readonly Named[]): string {
  return named.map(({ name, jobs: count }) => `${code(name, LONGEST_NAME)} ${count}`).join(', ');
}
