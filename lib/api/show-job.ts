import type { Job } from '../core/job.ts';
import type { HttpReply, HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import { authenticate } from './authenticate.ts';
import { findJob } from './find-job.ts';
import { readIds } from './read-request.ts';

/** GET of one job: MRS's own fields without `arguments` and `properties`, numbers as numbers, states in upper case. */
export async function showJob(api: Killswitch, request: HttpRequest, params: Record<string, string>): Promise<HttpReply> {
  const caller = authenticate(request.headers, api.settings);
  const found = await findJob(api, request, caller, readIds(params));
  if ('status' in found) return found;
  const { cluster: _ours, ...bean } = found.job;
  // MRS leaves out what it has not got, `app_id` of a job that has not started for one.
  return { status: 200, body: { job_detail: Object.fromEntries(Object.entries(bean).filter(([, value]) => value !== '')) } };
}

/** The part of a job that the answer to a kill carries. */
export function summarizeJob(job: Job): Record<string, unknown> {
  const { cluster, job_id, job_name, job_type, user, queue, job_state, job_result, app_id, launcher_id, submitted_time, started_time } = job;
  return { cluster, job_id, job_name, job_type, user, queue, job_state, job_result, app_id, launcher_id, submitted_time, started_time };
}
