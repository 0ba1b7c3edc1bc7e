import type { Job } from '../core/job.ts';

/**
 * Reads one JobQueryBean. Tolerant where MRS is: numbers may be quoted, states may be mixed case (`New`) or have text glued
 * on, fields may be missing or new. Reads only the fields of Job: `arguments` and `properties`, which may hold access keys,
 * end here. Undefined where there is no job id, that is, no job.
 */
export function readJob(bean: unknown, cluster: string): Job | undefined {
  if (typeof bean !== 'object' || bean === null) return undefined;
  const fields = bean as Record<string, unknown>;
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

/** A number that may be quoted; 0 where there is none. */
export function readNumber(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

/** A text, a number as one; '' where there is neither. */
export function readText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The leading word in upper case: `New` → NEW, `FAILED：失败` → FAILED (an old SDK had such values). */
function readWord(value: unknown): string {
  return /^[A-Z_]+/.exec(readText(value).trim().toUpperCase())?.[0] ?? '';
}
