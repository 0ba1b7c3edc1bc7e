import type { Job } from '../core/job.ts';
import { fieldsOf } from '../http/json.ts';

/**
 * Reads one JobQueryBean. Tolerant where MRS is: numbers may be quoted, states may be mixed case (`New`) or have text glued
 * on, fields may be missing or new. Reads only the fields of Job: `arguments` and `properties`, which may hold access keys,
 * end here. Undefined where there is no job id, that is, no job.
 */
export function readJob(bean: unknown, cluster: string): Job | undefined {
  const fields = fieldsOf(bean) ?? {};
  const jobId = readText(fields['job_id']);
  if (jobId === '') return undefined;
  return {
    cluster,
    job_id: jobId,
    job_name: readText(fields['job_name']),
    job_type: readText(fields['job_type']),
    user: readText(fields['user']),
    queue: readText(fields['queue']),
    job_state: readWord(fields['job_state']),
    job_result: readWord(fields['job_result']),
    job_progress: readNumber(fields['job_progress']),
    submitted_time: readNumber(fields['submitted_time']),
    started_time: readNumber(fields['started_time']),
    finished_time: readNumber(fields['finished_time']),
    elapsed_time: readNumber(fields['elapsed_time']),
    app_id: readText(fields['app_id']),
    launcher_id: readText(fields['launcher_id']),
    tracking_url: readText(fields['tracking_url']),
  };
}

/** One page of a job list; `total` is how long the whole list is, where MRS says so. */
export type JobPage = { jobs: Job[]; total: number | undefined };

/**
 * A page of the v2 job list; undefined where it cannot be read as a whole. An empty list may be left out altogether, where a
 * total says that it is empty.
 */
export function readJobPage(body: Record<string, unknown>, cluster: string): JobPage | undefined {
  const total = /^\d+$/.test(String(body['total_record'])) ? Number(body['total_record']) : undefined;
  const list = body['job_list'] ?? (total === 0 ? [] : undefined);
  if (!Array.isArray(list)) return undefined;
  const jobs = list.map((bean) => readJob(bean, cluster)).filter((job) => job !== undefined);
  // With a job that cannot be read nobody may say "exactly one".
  return jobs.length === list.length ? { jobs, total } : undefined;
}

/** A cluster as MRS lists it. */
export type FoundCluster = { id: string; name: string; state: string };

/** A page of the v1.1 cluster list; undefined where it is none. */
export function readClusterPage(body: Record<string, unknown>): { clusters: FoundCluster[]; total: number } | undefined {
  const list = body['clusters'];
  if (!Array.isArray(list)) return undefined;
  const clusters = list.map(fieldsOf).map((fields) => ({
    id: readText(fields?.['clusterId']),
    name: readText(fields?.['clusterName']),
    state: readText(fields?.['clusterState']),
  }));
  return { clusters, total: readNumber(body['clusterTotal']) };
}

/** A number that may be quoted; 0 where there is none. */
export function readNumber(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

/** A text, a number as one; '' where there is neither. */
function readText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The leading word in upper case: `New` → NEW, `FAILED：失败` → FAILED (an old SDK had such values). */
function readWord(value: unknown): string {
  return /^[A-Z_]+/.exec(readText(value).trim().toUpperCase())?.[0] ?? '';
}
