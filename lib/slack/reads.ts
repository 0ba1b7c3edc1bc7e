import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import { matchesGlob } from '../core/glob.ts';
import type { Job } from '../core/job.ts';
import { openExecutions } from '../executions/open.ts';
import { look } from '../kill/look.ts';
import type { Killswitch } from '../load.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { jobCard, type Message } from './cards.ts';
import { previewCleanup } from './cleanup.ts';
import { listHistory } from './history.ts';
import type { LaterTask } from './later.ts';
import { linesMessage, plainMessage } from './lines.ts';
import { code, foreign, jobAge, jobLine } from './text.ts';

type ReadCommand = Extract<LaterTask, { slackTask: 'read' }>['command'];

const READ_FOR_MS = 10_000;

/** The answer to a command that only reads. Trouble with MRS is an answer too. */
export async function readFor(parts: Killswitch, command: ReadCommand): Promise<Message> {
  try {
    return await read(parts, command);
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return plainMessage(foreign(describeTrouble(error.trouble)));
  }
}

async function read(parts: Killswitch, command: ReadCommand): Promise<Message> {
  const now = new Date(parts.clock.now());
  const mrs = parts.mrsAs(parts.credentials);
  const cluster = 'cluster' in command ? command.cluster : undefined;
  const clusters = cluster === undefined ? parts.clusters : [findCluster(parts.clusters, cluster)].filter((found) => found !== undefined);
  if (clusters.length === 0) return plainMessage(`${code(cluster ?? '')} is not listed in policy.yml.`);
  switch (command.command) {
    case 'jobs':
      return listJobs(mrs, clusters, command.glob, now);
    case 'status': {
      const looked = await look(mrs, clusters, { job: command.job }, { retryForMs: READ_FOR_MS });
      if (looked.found === 'one') return jobCard(looked.job, now);
      return looked.found === 'several' ? linesMessage(foreign(looked.reason), looked.jobs.map(jobLine)) : plainMessage(foreign(looked.reason));
    }
    case 'history':
      return listHistory(openExecutions(parts.settings).executions, now);
    case 'clusters':
      return listClusters(mrs, clusters);
    case 'cleanup':
      return previewCleanup(parts);
  }
}

async function listJobs(mrs: Mrs, clusters: readonly Cluster[], glob: string | undefined, now: Date): Promise<Message> {
  const jobs: Job[] = [];
  for (const cluster of clusters) {
    for await (const job of mrs.activeJobs(cluster, { retryForMs: READ_FOR_MS })) {
      if (glob === undefined || matchesGlob(glob, job.job_name)) jobs.push(job);
    }
  }
  const lines = jobs.map((job) => `${jobLine(job)}: ${code(job.job_state)}, ${jobAge(job, now)}, user ${code(job.user)}, queue ${code(job.queue)}`);
  return linesMessage(`${jobs.length} ${jobs.length === 1 ? 'job is' : 'jobs are'} running or waiting`, lines);
}

async function listClusters(mrs: Mrs, clusters: readonly Cluster[]): Promise<Message> {
  const lines: string[] = [];
  for (const cluster of clusters) {
    let state = 'not found by MRS';
    for await (const found of mrs.clusters(cluster, { retryForMs: READ_FOR_MS })) if (found.id === cluster.id) state = found.state;
    lines.push(`${code(cluster.name)} (${code(cluster.id)}), ${code(cluster.region)}: ${foreign(state)}`);
  }
  return linesMessage(`${clusters.length} ${clusters.length === 1 ? 'cluster is' : 'clusters are'} listed in policy.yml`, lines);
}
