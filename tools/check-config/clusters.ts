import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import type { MrsConnection } from '../../lib/mrs/connect.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import type { FoundCluster } from '../../lib/mrs/read-answers.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';
import { explainTrouble } from './advice.ts';

const RETRY_FOR_MS = 5_000;
const TIMEOUT_MS = 30_000;
// No job has it: "not found" is the answer of a cluster that lets us look.
const NO_JOB = '00000000-0000-4000-8000-000000000000';
const MOST_SKEW_MS = { fine: 60_000, bearable: 5 * 60_000 }; // Slack takes 5 min, signatures 15

/**
 * Looks at each listed cluster: proof of who we are, whether it is there and runs, whether its jobs can be listed and read, and
 * how far our clock is off. Reads only. Refused credentials end it: more tries would lock the user or the key.
 */
export async function* checkClusters({ credentials, mrsAs }: MrsConnection, clusters: readonly Cluster[]): AsyncGenerator<Finding, void, undefined> {
  const mrs = mrsAs(credentials);
  for (const [index, cluster] of clusters.entries()) {
    try {
      yield* checkCluster(mrs, credentials, cluster);
    } catch (error) {
      if (!(error instanceof UpstreamFailed)) throw error;
      yield bad(cluster.name, explainTrouble(error.trouble, ''));
      const left = clusters.slice(index + 1).map(({ name }) => name);
      if (error.trouble.kind === 'unauthorized') {
        if (left.length > 0) yield warning(left.join(', '), 'not looked at: more refusals would lock the user or the key');
        return;
      }
    }
  }
}

/** Throws UpstreamFailed where there is no project or no proof: then nothing else can be asked of this cluster. */
async function* checkCluster(mrs: Mrs, credentials: MrsConnection['credentials'], cluster: Cluster): AsyncGenerator<Finding, void, undefined> {
  const { name, region } = cluster;
  const budget = { retryForMs: RETRY_FOR_MS, signal: AbortSignal.timeout(TIMEOUT_MS) };
  const { projectId } = await credentials.authorize(cluster, budget.signal);
  yield ok(name, `region ${region}, project ${projectId}`);
  yield* judge(name, 'mrs:cluster:list', 'cluster list', async () => judgeState(cluster, await find(mrs, cluster, budget)));
  let jobId = NO_JOB;
  yield* judge(name, 'mrs:job:list', 'job list', async () => {
    const jobs = await mrs.recentJobs(cluster, budget);
    jobId = jobs[0]?.job_id ?? NO_JOB;
    return ok(name, `jobs can be listed (${jobs.length} on the first page)`);
  });
  yield* judge(name, 'mrs:job:get', 'one job', async () => {
    await mrs.job(cluster, jobId, budget).catch((error: unknown) => {
      const isMissingJob = error instanceof UpstreamFailed && error.trouble.kind === 'not-found' && error.trouble.errorCode !== '12000003';
      if (!isMissingJob) throw error;
    });
    return ok(name, 'a job can be read');
  });
  const skewMs = mrs.clockSkewMs(cluster);
  if (skewMs !== undefined) yield judgeSkew(name, skewMs);
}

/** One finding from one call. Trouble with our proof is thrown on, other trouble is the finding. */
async function* judge(name: string, right: string, what: string, look: () => Promise<Finding>): AsyncGenerator<Finding, void, undefined> {
  try {
    yield await look();
  } catch (error) {
    if (!(error instanceof UpstreamFailed) || error.trouble.kind === 'unauthorized') throw error;
    const text = `${what}: ${explainTrouble(error.trouble, right)}`;
    // Kills go without it: only this check and the list of clusters in Slack ask for it.
    yield right === 'mrs:cluster:list' && error.trouble.kind === 'forbidden' ? warning(name, text) : bad(name, text);
  }
}

async function find(mrs: Mrs, cluster: Cluster, budget: CallBudget): Promise<FoundCluster | undefined> {
  for await (const found of mrs.clusters(cluster, budget)) if (found.id === cluster.id) return found;
  return undefined;
}

function judgeState({ name, id }: Cluster, found: FoundCluster | undefined): Finding {
  if (found === undefined) return bad(name, `the project has no cluster ${id}; see id, project and region in the policy`);
  if (found.state !== 'running') return bad(name, `${found.name} is ${found.state}; its jobs can be read and killed only while it is running`);
  return ok(name, `found as ${found.name}, running`);
}

function judgeSkew(name: string, skewMs: number): Finding {
  const offSec = Math.round(skewMs / 1_000);
  const text = `our clock is ${Math.abs(offSec)} s ${offSec > 0 ? 'behind' : 'ahead of'} MRS's`;
  if (Math.abs(skewMs) <= MOST_SKEW_MS.fine) return ok(name, text);
  return Math.abs(skewMs) <= MOST_SKEW_MS.bearable ? warning(name, `${text}; set it right`) : bad(name, `${text}; set it right: signatures, tokens and ages of jobs depend on it`);
}
