import { InvalidRequest } from '../../lib/core/errors.ts';
import { ACTIVE_STATES, type Job } from '../../lib/core/job.ts';
import { type JobRef, parseJobId } from '../../lib/core/target.ts';
import { fieldsOf } from '../../lib/http/json.ts';
import { type Cluster, findCluster } from '../../lib/mrs/cluster.ts';
import { readJob } from '../../lib/mrs/read-answers.ts';
import type { JobFlags } from './options.ts';
import { readJsonFile } from './read-file.ts';

/** Stands in texts where nobody gave the id. */
export const NO_ID = '<job id>';
const STATES = [...ACTIVE_STATES, 'FINISHED', 'FAILED', 'KILLED'];

/** A job as it was described; its ages count from the moment that is asked about (epoch ms). */
export type DescribedJob = { at(nowMs: number): Job };

/**
 * Reads what the command line says of a job; `otherwise`: its cluster where that is not said. A cluster that is not listed stays as it
 * was typed: the answer is about that. Throws InvalidRequest.
 */
export function readDescribedJob({ file, cluster: given, fields: { id, ...fields }, runningForMs, waitingForMs }: JobFlags, clusters: readonly Cluster[], otherwise?: string): DescribedJob {
  const state = fields.job_state;
  if (state !== undefined && !STATES.includes(state)) throw new InvalidRequest(`--state: has to be ${STATES.join(', ')}`);
  const ref = id === undefined ? undefined : parseJobId(id);
  if (id !== undefined && ref === undefined) throw new InvalidRequest("--id: has to be the job's id in MRS (a UUID) or in YARN (application_…)");
  const [only] = clusters;
  const typed = given ?? otherwise;
  if (typed === undefined && (only === undefined || clusters.length > 1)) throw new InvalidRequest(`--cluster: say which one; policy.yml lists ${clusters.map(({ name }) => name).join(', ')}`);
  const cluster = typed === undefined ? (only?.name ?? '') : (findCluster(clusters, typed)?.name ?? typed);

  const described = { ...(file === undefined ? bare(cluster, waitingForMs) : fromFile(file, cluster)), ...fields, ...(ref && idsOf(ref)) };
  return {
    at: (nowMs) => ({
      ...described,
      ...(runningForMs !== undefined && { started_time: nowMs - runningForMs, submitted_time: nowMs - runningForMs }),
      ...(waitingForMs !== undefined && { started_time: 0, submitted_time: nowMs - waitingForMs }),
    }),
  };
}

function bare(cluster: string, waitingForMs: number | undefined): Job {
  return {
    cluster, job_id: NO_ID, job_name: '', job_type: '', user: '', queue: '', job_state: waitingForMs === undefined ? 'RUNNING' : 'ACCEPTED', job_result: 'UNDEFINED', job_progress: 0,
    submitted_time: 0, started_time: 0, finished_time: 0, elapsed_time: 0, app_id: '', launcher_id: '', tracking_url: '',
  };
}

/** As MRS answers when it is asked for one job, or as it stands in its list. https://support.huaweicloud.com/intl/en-us/api-mrs/ShowSingleJobExe.html */
function fromFile(file: string, cluster: string): Job {
  const json = readJsonFile('--job', file);
  const job = readJob(fieldsOf(json)?.['job_detail'] ?? json, cluster);
  if (job === undefined) throw new InvalidRequest(`--job: ${file} has no job_id; give the job as MRS's API shows it, {"job_id": …} or {"job_detail": {…}}`);
  return job;
}

/** The fields of a job that a reference speaks of. */
export function idsOf(ref: JobRef): Partial<Job> {
  switch (ref.by) {
    case 'mrs-id':
      return { job_id: ref.id };
    case 'yarn-id':
      return { app_id: ref.id };
    case 'name':
      return { job_name: ref.name };
  }
}

/** What nobody said of the job, by the flags that would. */
export function leftOut({ job_name, user, queue, job_type, started_time, submitted_time, job_state }: Job): string[] {
  const age = job_state === 'RUNNING' ? started_time : submitted_time;
  const values = { '--name': job_name, '--user': user, '--queue': queue, '--type': job_type, [job_state === 'RUNNING' ? '--running-for' : '--waiting-for']: age > 0 ? 'given' : '' };
  return Object.entries(values).flatMap(([flag, value]) => (value === '' ? [flag] : []));
}
