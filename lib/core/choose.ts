import { isOver, type Job } from './job.ts';
import { type JobPick } from './job-pick.ts';
import { matchesSelector, type Selector } from './selector.ts';

/**
 * How a job stands that fits a pick: free to be chosen; it takes up a place of `count` as it is (it dies by our hand, or this rule
 * asks about it); or it is left out, and the next in order is meant.
 */
export type Standing = 'free' | 'takes-place' | { leftOut: string };

/** Who was chosen, how many take up a place of `count` as they are, and how many were left out for what. */
export type Choosing = { jobs: Job[]; takesPlace: number; leftOut: Record<string, number> };

const STREAMS: ReadonlySet<string> = new Set(['flink', 'sparkstreaming', '']);

/**
 * Chooses among the jobs that are not over and fit, in the pick's order. Streams run for ever by intention, and what has not started
 * holds nothing: both are meant only where the pick says so itself. `standingOf` is asked in order, until all places are taken; of
 * the newest all are asked at once, since what was submitted after a dying job would come before it, and must not die in its stead.
 */
export async function chooseJobs(pick: JobPick, jobs: readonly Job[], now: Date, standingOf: (job: Job) => Standing | Promise<Standing>): Promise<Choosing> {
  const { order, count, cooldownMs: _cooldown, ...selector } = pick;
  const choosing: Choosing = { jobs: [], takesPlace: 0, leftOut: {} };
  const leaveOut = (why: string): void => void (choosing.leftOut[why] = (choosing.leftOut[why] ?? 0) + 1);
  const candidates: Job[] = [];
  for (const job of jobs) {
    if (isOver(job)) continue;
    const isUndated = hasUnknownStart(job) && (selector.olderThanMs !== undefined || order === 'longest-running');
    if (!matchesSelector(isUndated ? withoutAge(selector) : selector, job, now)) continue;
    if (isUndated) leaveOut('without a start time from MRS');
    else if (isStream(job) && selector.type?.toLowerCase() !== job.job_type.toLowerCase()) leaveOut(job.job_type === '' ? 'without a type from MRS' : 'streaming');
    else if (!hasStarted(job) && selector.pendingLongerThanMs === undefined) leaveOut('not started yet');
    else candidates.push(job);
  }
  const asked = order === 'newest' ? new Map(await Promise.all(candidates.map(async (job) => [job, await standingOf(job)] as const))) : undefined;
  choosing.takesPlace = [...(asked?.values() ?? [])].filter((standing) => standing === 'takes-place').length;
  for (const job of candidates.toSorted(ORDERS[order])) {
    if (choosing.jobs.length + choosing.takesPlace >= count) break;
    const standing = asked?.get(job) ?? (await standingOf(job));
    if (typeof standing === 'object') leaveOut(standing.leftOut);
    else if (standing === 'free') choosing.jobs.push(job);
    else if (asked === undefined) choosing.takesPlace++;
  }
  return choosing;
}

/** How what a pick says of those that it left out begins. */
export const LEFT_OUT = 'left out: ';

/** `left out: 2 streaming, 1 kept`, or nothing. */
export function leftOutText({ leftOut }: Pick<Choosing, 'leftOut'>): string {
  const words = Object.entries(leftOut).map(([why, number]) => `${number} ${why}`);
  return words.length === 0 ? '' : LEFT_OUT + words.join(', ');
}

const ORDERS: Record<JobPick['order'], (a: Job, b: Job) => number> = {
  'longest-running': (a, b) => (a.started_time || Infinity) - (b.started_time || Infinity) || a.submitted_time - b.submitted_time,
  newest: (a, b) => b.submitted_time - a.submitted_time,
};

function isStream({ job_type }: Job): boolean {
  return STREAMS.has(job_type.toLowerCase());
}

function hasStarted({ started_time, job_state }: Job): boolean {
  return started_time > 0 || job_state === 'RUNNING';
}

/** It runs, and MRS does not say since when. */
function hasUnknownStart({ started_time, job_state }: Job): boolean {
  return started_time <= 0 && job_state === 'RUNNING';
}

/** What is left may be nothing, and fits nothing then: such a pick is by age alone, so that the job may be meant. */
function withoutAge({ olderThanMs: _age, ...selector }: Selector): Selector {
  return Object.values(selector).some((value) => value !== undefined) ? selector : { state: '*' };
}
