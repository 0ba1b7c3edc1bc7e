import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import { matchesGlob } from '../core/glob.ts';
import type { CallBudget } from '../http/retry.ts';
import { look } from '../kill/look.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { jobCard, linesMessage, type Message, plainMessage } from './cards.ts';
import { previewCleanup, type PreviewParts } from './cleanup-list.ts';
import { listHistory } from './history.ts';
import { listKept } from './kept.ts';
import { pauseWords, readPause } from './pause-words.ts';
import { explainJob } from './why.ts';
import type { LaterTask } from './later.ts';
import { code, foreign, jobAge, jobLine } from './text.ts';
import { unlistedText } from './unlisted.ts';

type ReadCommand = Extract<LaterTask, { slackTask: 'read' }>['command'];

/** What reading needs. */
export type ReadParts = PreviewParts;

const AS_A_PERSON: CallBudget = { rank: 'person', retryForMs: 10_000 };

/** The answer to a command that only reads. Trouble with MRS is an answer too. */
export async function readFor(parts: ReadParts, command: ReadCommand): Promise<Message> {
  try {
    return await read(parts, command);
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return plainMessage(foreign(describeTrouble(error.trouble)));
  }
}

async function read(parts: ReadParts, command: ReadCommand): Promise<Message> {
  const now = new Date(parts.clock.wall());
  const { mrs } = parts;
  const cluster = 'cluster' in command ? command.cluster : undefined;
  const clusters = cluster === undefined ? parts.clusters : [findCluster(parts.clusters, cluster)].filter((found) => found !== undefined);
  if (clusters.length === 0) return unlisted(cluster ?? '', parts.clusters);
  switch (command.command) {
    case 'jobs':
      return listJobs(mrs, clusters, command.glob, now);
    case 'status': {
      const looked = await look(mrs, clusters, { job: command.job }, AS_A_PERSON);
      switch (looked.found) {
        case 'one':
          return jobCard(looked.job, now);
        case 'several':
          return linesMessage(foreign(looked.reason), looked.jobs.map(jobLine));
        case 'none':
          return plainMessage(foreign(looked.reason));
        case 'unlisted':
          return unlisted(looked.cluster, parts.clusters);
      }
    }
    case 'history':
      return listHistory(parts, command.of);
    case 'why':
      return explainJob(parts, command.job, command.cluster);
    case 'kept':
      return listKept(parts);
    case 'clusters':
      return listClusters(parts, clusters);
    case 'cleanup':
      return previewCleanup(parts);
  }
}

function unlisted(cluster: string, listed: readonly Cluster[]): Message {
  return plainMessage(`${unlistedText(cluster, listed)}.`);
}

async function listJobs(mrs: Mrs, clusters: readonly Cluster[], glob: string | undefined, now: Date): Promise<Message> {
  const lists = await Promise.all(clusters.map(async (cluster) => (await Array.fromAsync(mrs.activeJobs(cluster, AS_A_PERSON))).flat()));
  const jobs = lists.flat().filter(({ job_name: name }) => glob === undefined || matchesGlob(glob, name));
  const lines = jobs.map((job) => `${jobLine(job)}: ${code(job.job_state)}, ${jobAge(job, now)}, user ${code(job.user)}, queue ${code(job.queue)}`);
  return linesMessage(`${jobs.length} ${jobs.length === 1 ? 'job is' : 'jobs are'} running or waiting`, lines);
}

async function listClusters(parts: ReadParts, clusters: readonly Cluster[]): Promise<Message> {
  const { mrs } = parts;
  const paused = pauseWords(await readPause(parts));
  const lines: string[] = paused === undefined ? [] : [paused];
  for (const cluster of clusters) {
    let state = 'not found by MRS';
    for await (const found of mrs.clusters(cluster, AS_A_PERSON)) if (found.id === cluster.id) state = found.state;
    lines.push(`${code(cluster.name)} (${code(cluster.id)}), ${code(cluster.region)}: ${foreign(state)}`);
  }
  return linesMessage(`${clusters.length} ${clusters.length === 1 ? 'cluster is' : 'clusters are'} listed in policy.yml`, lines);
}
