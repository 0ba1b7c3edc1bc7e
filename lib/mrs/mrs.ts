import { UpstreamFailed } from '../core/errors.ts';
import { ACTIVE_STATES, isOver, type Job } from '../core/job.ts';
import type { CallBudget } from '../http/retry.ts';
import type { IsWanted, MrsCall } from './call.ts';
import type { Cluster } from './cluster.ts';
import { type FoundCluster, type JobPage, readClusterPage, readJob, readJobPage } from './read-answers.ts';

/** The calls we make to MRS. All throw UpstreamFailed; reads are repeated within their budget, a kill never is. */
export type Mrs = {
  /** One job, by MRS id. https://support.huaweicloud.com/intl/en-us/api-mrs/ShowSingleJobExe.html */
  job(cluster: Cluster, jobId: string, budget: CallBudget): Promise<Job>;
  /**
   * All jobs that are not over, each once, page by page; who leaves early spares the pages that were not read.
   * https://support.huaweicloud.com/intl/en-us/api-mrs/ShowJobExeListNew.html
   */
  activeJobs(cluster: Cluster, budget: CallBudget): AsyncGenerator<Job[], void, undefined>;
  /** The newest jobs, over or not: one page. */
  recentJobs(cluster: Cluster, budget: CallBudget): Promise<Job[]>;
  /** The clusters that exist in the project of `cluster`. https://docs.otc.t-systems.com/mapreduce-service/api-ref/ */
  clusters(cluster: Cluster, budget: CallBudget): AsyncGenerator<FoundCluster, void, undefined>;
  /**
   * One POST, once; accepted when it returns true. False, with nothing sent, where `isWanted` says no at the last moment.
   * https://support.huaweicloud.com/intl/en-us/api-mrs/StopJob.html
   */
  kill(cluster: Cluster, jobId: string, signal?: AbortSignal, isWanted?: IsWanted): Promise<boolean>;
  /** How far MRS's clock was ahead of ours at its last answer; undefined where that is not known. */
  clockSkewMs(cluster: Cluster): number | undefined;
};

const PAGE_SIZE = 100;
const MOST_PAGES = 200;
/** Of one list; the limit of all calls holds besides. */
const PAGES_IN_FLIGHT = 4;
// Jobs that end while we turn the pages move others to pages already turned; so often we go back for them.
const MOST_WALKS = 3;

/** MRS's v2 job API and v1.1 cluster list, in terms of our Job and Cluster. */
export function createMrs(call: MrsCall): Mrs {
  const listPage = (cluster: Cluster, query: Record<string, string>, page: number, budget: CallBudget): Promise<JobPage> => {
    // `offset` is a page number from 1, whatever its name says; 0 is refused with MRS.0002.
    const search = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), offset: String(page) });
    const parse = (body: Record<string, unknown>) => readJobPage(body, cluster.name);
    return call.read(cluster, { version: 'v2', path: `${jobsPath(cluster)}?${search}`, parse, missing: 'readable job_list' }, budget);
  };

  /** A page is asked for while those before it are read, once the first has said how many there are. */
  async function* walkPages(cluster: Cluster, query: Record<string, string>, budget: CallBudget): AsyncGenerator<JobPage, void, undefined> {
    const left = new AbortController();
    const signal = budget.signal ? AbortSignal.any([budget.signal, left.signal]) : left.signal;
    const ahead: Promise<JobPage>[] = [];
    let [asked, expected, read] = [0, 1, 0];
    const ask = (): void => {
      const page = listPage(cluster, query, ++asked, { ...budget, signal });
      page.catch(() => undefined); // it is said when its turn comes, which may never be
      ahead.push(page);
    };
    try {
      for (let page = 1; page <= MOST_PAGES; page++) {
        while (asked < page || (asked < expected && ahead.length < PAGES_IN_FLIGHT)) ask();
        const list = await (ahead.shift() as Promise<JobPage>);
        yield list;
        read += list.jobs.length;
        if (list.jobs.length === 0 && list.total !== undefined && read < list.total) throw listCutOff(read, list.total);
        // A server may cap `limit`, so a short page is the last one only where no total says otherwise.
        if (list.jobs.length === 0 || (list.total === undefined ? list.jobs.length < PAGE_SIZE : read >= list.total)) return;
        if (page === 1) expected = Math.min(MOST_PAGES, Math.ceil((list.total ?? 0) / list.jobs.length));
      }
      throw listTooLong();
    } finally {
      left.abort();
    }
  }

  /** Every job of a filtered list, once each, those included that slipped to an earlier page meanwhile. */
  async function* listJobs(cluster: Cluster, query: Record<string, string>, budget: CallBudget): AsyncGenerator<Job[], void, undefined> {
    const seen = new Set<string>();
    for (let walk = 1; walk <= MOST_WALKS; walk++) {
      const totals: number[] = [];
      for await (const { jobs, total } of walkPages(cluster, query, budget)) {
        if (total !== undefined) totals.push(total);
        yield unseen(jobs, seen);
      }
      const shrank = totals.some((total, page) => page > 0 && total < (totals[page - 1] ?? 0));
      if (!shrank) return;
    }
  }

  /** By result; where that filter is refused, state by state. */
  async function* listUnfinished(cluster: Cluster, budget: CallBudget): AsyncGenerator<Job[], void, undefined> {
    try {
      yield* listJobs(cluster, { job_result: 'UNDEFINED', sort_by: 'asc' }, budget);
    } catch (error) {
      if (!isFilterRefused(error)) throw error;
      for (const state of ACTIVE_STATES) yield* listJobs(cluster, { job_state: state, sort_by: 'asc' }, budget);
    }
  }

  return {
    job(cluster, jobId, budget) {
      const parse = (body: Record<string, unknown>): Job | undefined => {
        const job = readJob(body['job_detail'], cluster.name);
        // What is decided on one job must never kill another.
        return job?.job_id.toLowerCase() === jobId.toLowerCase() ? job : undefined;
      };
      return call.read(cluster, { version: 'v2', path: jobPath(cluster, jobId), parse, missing: 'job_detail of that job' }, budget);
    },

    async *activeJobs(cluster, budget) {
      const seen = new Set<string>(); // a job that changes its state meanwhile stands in two lists
      for await (const jobs of listUnfinished(cluster, budget)) yield unseen(jobs, seen).filter((job) => !isOver(job));
    },

    async recentJobs(cluster, budget) {
      return (await listPage(cluster, { sort_by: 'desc' }, 1, budget)).jobs;
    },

    async *clusters(cluster, budget) {
      let read = 0;
      for (let page = 1; page <= MOST_PAGES; page++) {
        const path = `/cluster_infos?clusterState=existing&pageSize=${PAGE_SIZE}&currentPage=${page}`;
        const list = await call.read(cluster, { version: 'v1.1', path, parse: readClusterPage, missing: 'clusters' }, budget);
        yield* list.clusters;
        read += list.clusters.length;
        if (list.clusters.length === 0 || read >= list.total) return;
      }
    },

    kill: (cluster, jobId, signal, isWanted) => call.post(cluster, `${jobPath(cluster, jobId)}/kill`, signal, isWanted),

    clockSkewMs: (cluster) => call.clockSkewMs(cluster),
  };
}

/** Those that were not seen before, which are now. */
function unseen(jobs: readonly Job[], seen: Set<string>): Job[] {
  return jobs.filter(({ job_id: id }) => !seen.has(id) && seen.add(id) !== undefined);
}

function jobsPath(cluster: Cluster): string {
  return `/clusters/${encodeURIComponent(cluster.id)}/job-executions`;
}

function jobPath(cluster: Cluster, jobId: string): string {
  return `${jobsPath(cluster)}/${encodeURIComponent(jobId)}`;
}

/** MRS.0002 and the older 12000002 and 12000009 all say "invalid parameter", with status 400. */
function isFilterRefused(error: unknown): boolean {
  return error instanceof UpstreamFailed && error.trouble.kind === 'rejected' && error.trouble.status === 400;
}

function listCutOff(read: number, total: number): UpstreamFailed {
  return new UpstreamFailed({ service: 'MRS', kind: 'unavailable', message: `the job list ended after ${read} of ${total} jobs` });
}

function listTooLong(): UpstreamFailed {
  return new UpstreamFailed({
    service: 'MRS',
    kind: 'rejected',
    message: `the job list has more than ${MOST_PAGES * PAGE_SIZE} entries; it was not read to its end`,
  });
}
