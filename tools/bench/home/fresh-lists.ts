import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listJobs } from '../../../test/simulator/job-list.ts';
import type { Simulator } from '../../../test/simulator/simulator.ts';
import { passOn } from '../list-front.ts';

type List = { total_record: string; job_list: object[] };

/**
 * A server in front of the simulator: a list of jobs is made once for all of its pages, when the first of them is asked for. The
 * simulator sorts all jobs for each page, which at 10,000 of them would be most of what is measured. Everything else goes through.
 */
export function openLists(simulator: Simulator, lateMs: () => number): Server {
  const lists = new Map<string, List>();

  function pageOf({ pathname, searchParams }: URL): List {
    const { offset = '1', limit = '10', ...query } = Object.fromEntries(searchParams);
    const cluster = /\/clusters\/([^/]+)\//.exec(pathname)?.[1] ?? '';
    const key = JSON.stringify([cluster, query]);
    const list = offset === '1' ? makeList(cluster, query) : (lists.get(key) ?? makeList(cluster, query));
    lists.set(key, list);
    const from = (Number(offset) - 1) * Number(limit);
    return { ...list, job_list: list.job_list.slice(from, from + Number(limit)) };
  }

  function makeList(cluster: string, query: Record<string, string>): List {
    const jobs = simulator.jobs().filter(({ cluster_id: id }) => id === cluster);
    return listJobs(jobs, { ...query, limit: '1000000', offset: '1' }).body as List;
  }

  async function answer({ url = '/', method = 'GET', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(url, simulator.url);
    if (method === 'GET' && at.pathname.endsWith('/job-executions')) {
      if (lateMs() > 0) await sleep(lateMs());
      response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(pageOf(at)));
      return;
    }
    const { status, body } = await passOn(at.href, method, headers, Buffer.alloc(0)); // MRS's calls have no body
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  return createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
}
