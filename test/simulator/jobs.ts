import { randomUUID } from 'node:crypto';

export type JobResult = 'SUCCEEDED' | 'FAILED' | 'KILLED';

/**
 * A job by the names MRS gives its fields, plus its cluster and three ways to misbehave. Times are epoch ms, 0 while not reached.
 * https://support.huaweicloud.com/intl/en-us/api-mrs/ShowSingleJobExe.html
 */
export type SimulatedJob = {
  cluster_id: string;
  job_id: string;
  user: string;
  job_name: string;
  job_type: string;
  job_state: string;
  job_result: string;
  job_progress: number;
  submitted_time: number;
  started_time: number;
  finished_time: number;
  elapsed_time: number;
  queue: string;
  arguments: string;
  properties: string;
  launcher_id: string;
  /** Absent until the job has started. */
  app_id?: string;
  tracking_url?: string;
  /** Ends without a kill, so long after it was added. */
  endsItself?: { afterMs: number; result: JobResult };
  /** Accepts every kill and runs on. */
  ignoresKill?: true;
  /** After a kill: so long still RUNNING with result KILLED, while the logs are copied. */
  logCopyMs?: number;
};

/** A job and what happened to it; its state is derived from the clock by refreshJob. */
export type JobRecord = { job: SimulatedJob; addedAt: number; killAcceptedAt?: number; endedByHand?: true };

const OVER_STATE: Record<JobResult, string> = { SUCCEEDED: 'FINISHED', FAILED: 'FAILED', KILLED: 'KILLED' };
const PENDING_STATES: ReadonlySet<string> = new Set(['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED']);
const RESULT_OF_STATE: Record<string, string> = { FINISHED: 'SUCCEEDED', FAILED: 'FAILED', KILLED: 'KILLED' };

/** A whole job out of the given fields: a running SparkSubmit job of a minute ago unless they say otherwise. `number` makes it unique. */
export function makeJob(fields: Partial<SimulatedJob> & { cluster_id: string }, number: number, now: number): SimulatedJob {
  const job_state = fields.job_state ?? 'RUNNING';
  const job_result = fields.job_result ?? RESULT_OF_STATE[job_state] ?? 'UNDEFINED';
  const pending = PENDING_STATES.has(job_state);
  const over = Object.hasOwn(RESULT_OF_STATE, job_state);
  const submitted_time = fields.submitted_time ?? now - 60_000;
  const started_time = fields.started_time ?? (pending ? 0 : Math.min(submitted_time + 17_000, now));
  const job_type = fields.job_type ?? 'SparkSubmit';
  const app_id = yarnId(2 * number);
  return {
    job_id: randomUUID(),
    user: 'etl-bot',
    job_name: `job-${number}`,
    job_progress: over ? 100 : 0,
    finished_time: over ? now : 0,
    elapsed_time: started_time > 0 ? now - started_time : 0,
    queue: 'default',
    arguments: '[--class, com.example.Etl, obs://example/etl.jar, --db-password, fake-argument-secret]',
    properties: '{fs.obs.access.key=FAKEACCESSKEY, fs.obs.secret.key=fake-property-secret}',
    launcher_id: yarnId(2 * number - 1),
    ...(pending ? {} : { app_id }),
    ...(pending || job_type !== 'SparkSubmit' ? {} : { tracking_url: `https://192.0.2.10:20026/Yarn/ResourceManager/45/proxy/${app_id}/` }),
    ...fields,
    job_type,
    job_state,
    job_result,
    submitted_time,
    started_time,
  };
}

/** Whether MRS would refuse to kill it: it ended, or a kill of it took effect and only its logs are still copied. */
export function isJobOver({ job_state, job_result }: SimulatedJob): boolean {
  return Object.hasOwn(RESULT_OF_STATE, job_state) || Object.hasOwn(OVER_STATE, job_result);
}

/** Brings the job of `record` up to `now`. */
export function refreshJob(record: JobRecord, killDelayMs: number, now: number): SimulatedJob {
  const { job } = record;
  if (Object.hasOwn(RESULT_OF_STATE, job.job_state)) return job;
  const ending = findEnding(record, killDelayMs);
  if (ending !== undefined && now >= ending.at) {
    job.job_result = ending.result;
    if (now >= ending.shownAt) finish(job, ending.result, ending.shownAt);
  }
  if (job.finished_time === 0 && job.started_time > 0) job.elapsed_time = now - job.started_time;
  return job;
}

/** Ends the job of `record` at `now`, whatever was under way. */
export function endJobByHand(record: JobRecord, result: JobResult, now: number): void {
  record.endedByHand = true;
  finish(record.job, result, now);
}

/** Whether a kill request ended the job or is about to. */
export function isKilledByRequest(record: JobRecord, killDelayMs: number): boolean {
  return record.endedByHand !== true && findEnding(record, killDelayMs)?.by === 'kill';
}

type Ending = { by: 'kill' | 'itself'; at: number; result: JobResult; /** from when on the state says so too */ shownAt: number };

function findEnding({ job, addedAt, killAcceptedAt }: JobRecord, killDelayMs: number): Ending | undefined {
  const itself = job.endsItself && addedAt + job.endsItself.afterMs;
  const kill = killAcceptedAt === undefined || job.ignoresKill ? undefined : killAcceptedAt + killDelayMs;
  if (job.endsItself && itself !== undefined && (kill === undefined || itself <= kill)) {
    return { by: 'itself', at: itself, result: job.endsItself.result, shownAt: itself };
  }
  return kill === undefined ? undefined : { by: 'kill', at: kill, result: 'KILLED', shownAt: kill + (job.logCopyMs ?? 0) };
}

function finish(job: SimulatedJob, result: JobResult, at: number): void {
  job.job_state = OVER_STATE[result];
  job.job_result = result;
  job.finished_time = at;
  job.elapsed_time = job.started_time > 0 ? at - job.started_time : 0;
  if (result === 'SUCCEEDED') job.job_progress = 100;
}

function yarnId(number: number): string {
  return `application_1564622673393_${String(number).padStart(4, '0')}`;
}
