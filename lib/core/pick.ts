import { isOver, type Job } from './job.ts';
import { type JobPick, matchesSelector } from './selector.ts';

/**
 * The jobs that a pick means: of those that are not over, fit the selector and are `killable`, the first `count` in its order.
 * Jobs that have not started come last in `longest-running`.
 */
export function pickJobs(pick: JobPick, jobs: readonly Job[], now: Date, killable: (job: Job) => boolean): Job[] {
  const { order, count, ...selector } = pick;
  const fitting = jobs.filter((job) => !isOver(job) && matchesSelector(selector, job, now) && killable(job));
  return fitting.toSorted(ORDERS[order]).slice(0, count);
}

const ORDERS: Record<JobPick['order'], (a: Job, b: Job) => number> = {
  'longest-running': (a, b) => (a.started_time || Infinity) - (b.started_time || Infinity) || a.submitted_time - b.submitted_time,
  newest: (a, b) => b.submitted_time - a.submitted_time,
};
