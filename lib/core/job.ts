/**
 * A job as MRS describes it, in MRS's own words, with the name of its cluster in our policy.
 * `arguments` and `properties` are missing on purpose: they may hold access keys and never leave lib/mrs.
 * Times are epoch milliseconds, 0 while not reached. Texts are '' where MRS said nothing.
 * https://support.huaweicloud.com/intl/en-us/api-mrs/ShowSingleJobExe.html
 */
export type Job = {
  cluster: string;
  job_id: string;
  job_name: string;
  job_type: string;
  user: string;
  queue: string;
  /** YARN's states, upper case: NEW, NEW_SAVING, SUBMITTED, ACCEPTED, RUNNING, FINISHED, FAILED, KILLED. */
  job_state: string;
  /** UNDEFINED while in progress, then SUCCEEDED, FAILED or KILLED. */
  job_result: string;
  job_progress: number;
  submitted_time: number;
  started_time: number;
  finished_time: number;
  elapsed_time: number;
  /** YARN application of the job itself; '' until it has started. */
  app_id: string;
  /** YARN application of the launcher. */
  launcher_id: string;
  tracking_url: string;
};

/** The states in which MRS still works on a job, as its list call can filter by them. */
export const ACTIVE_STATES = ['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING'] as const;

const OVER_STATES: ReadonlySet<string> = new Set(['FINISHED', 'FAILED', 'KILLED']);
const FINAL_RESULTS: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'KILLED']);

/**
 * Whether nothing is left to kill. A final result counts before the state does: MRS keeps a killed job RUNNING
 * for minutes while it copies the logs. An unknown state is not over: such a job is followed, never forgotten.
 */
export function isOver(job: Job): boolean {
  return OVER_STATES.has(job.job_state) || FINAL_RESULTS.has(job.job_result);
}

/** Whether MRS says in so many words that the job has not started. */
export function isWaiting(job: Job): boolean {
  return job.job_state !== 'RUNNING' && ACTIVE_STATES.some((state) => state === job.job_state);
}

/** Whether somebody's kill ended the job; `finished-first` is the other way to be over. */
export function wasKilled(job: Job): boolean {
  return job.job_state === 'KILLED' || job.job_result === 'KILLED';
}

/** Milliseconds since the job started to run; undefined while it waits. */
export function runningForMs(job: Job, now: Date): number | undefined {
  return job.started_time > 0 ? now.getTime() - job.started_time : undefined;
}

/** Milliseconds since the job was submitted, while it has not started; undefined once it runs or when unknown. */
export function pendingForMs(job: Job, now: Date): number | undefined {
  if (job.started_time > 0 || job.submitted_time <= 0 || job.job_state === 'RUNNING') return undefined;
  return now.getTime() - job.submitted_time;
}

/** The job in a sentence beside which its id stands anyway: its name, or its id where it has none. */
export function jobName({ job_name: name, job_id: id }: Pick<Job, 'job_name' | 'job_id'>): string {
  return name === '' ? id : name;
}

/** The job in a sentence that stands alone: its name where it has one, its id always. */
export function jobLabel(job: Pick<Job, 'job_name' | 'job_id'>): string {
  return job.job_name === '' ? job.job_id : `${job.job_name} (${job.job_id})`;
}
