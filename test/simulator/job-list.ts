import type { SimulatedJob } from './jobs.ts';
import { mrsError } from './mrs-error.ts';
import type { Answer } from './routing.ts';

const EXACT_FILTERS = ['job_id', 'user', 'job_type', 'job_state', 'job_result', 'queue'] as const;
const OWN_FIELDS: ReadonlySet<string> = new Set(['cluster_id', 'endsItself', 'ignoresKill', 'logCopyMs'] satisfies (keyof SimulatedJob)[]);

/**
 * The page of `jobs` a list call asks for, with all numbers as strings and `New` for NEW, as some clusters print them.
 * `offset` is a page number from 1. https://support.huaweicloud.com/api-mrs/ShowJobExeListNew.html
 */
export function listJobs(jobs: SimulatedJob[], query: Record<string, string>): Answer {
  const limit = Number(query['limit'] ?? 10);
  const page = Number(query['offset'] ?? 1);
  if (![limit, page].every((number) => Number.isInteger(number) && number >= 1)) {
    return mrsError(400, 'MRS.0002', 'The parameter is invalid.');
  }
  const oldestFirst = jobs
    .filter((job) => fitsQuery(job, query))
    .toSorted((a, b) => a.submitted_time - b.submitted_time);
  const sorted = query['sort_by'] === 'asc' ? oldestFirst : oldestFirst.toReversed();
  const rows = sorted.slice((page - 1) * limit, page * limit);
  return { status: 202, body: { total_record: String(sorted.length), job_list: rows.map(toListRow) } };
}

/** A job as MRS shows it: without what only the simulator knows. */
export function toMrsFields(job: SimulatedJob): object {
  return Object.fromEntries(Object.entries(job).filter(([name, value]) => !OWN_FIELDS.has(name) && value !== undefined));
}

function toListRow(job: SimulatedJob): object {
  const row = Object.entries({ ...toMrsFields(job), job_state: job.job_state === 'NEW' ? 'New' : job.job_state });
  return Object.fromEntries(row.map(([name, value]) => [name, String(value)]));
}

function fitsQuery(job: SimulatedJob, query: Record<string, string>): boolean {
  const from = Number(query['submitted_time_begin'] ?? 0);
  const to = Number(query['submitted_time_end'] ?? Infinity);
  return (
    EXACT_FILTERS.every((name) => (query[name] ?? '') === '' || query[name] === job[name]) &&
    // The name need only be contained: callers have to compare names themselves.
    job.job_name.includes(query['job_name'] ?? '') &&
    job.submitted_time >= from &&
    job.submitted_time <= to
  );
}
