import { UpstreamFailed } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { asTyped, createNearNames, type NearNames, replacedIn } from '../core/near-names.ts';
import type { Target } from '../core/request.ts';
import { type JobRef, jobRefText } from '../core/target.ts';
import type { CallBudget } from '../http/retry.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { type FirstPosts, killedBefore, newerRunText } from './first-post.ts';

/** What a target turned out to be. From `one` on, only cluster and MRS job id count. */
export type Looked =
  | { found: 'unlisted'; cluster: string }
  /** `askedAt` (epoch ms): when, where that was before this look. */
  | { found: 'one'; cluster: Cluster; job: Job; askedAt?: number }
  | { found: 'none'; reason: string }
  | { found: 'several'; jobs: Job[]; reason: string };

/**
 * A request is about what ran at that moment (`at`, epoch ms; `what` was then, for people: `the alert began`); an alert is about no
 * re-run of what was killed within the hour either. `readPosts` throws LedgerFailed.
 */
export type News = { at: number; what: string; now: number; readPosts: (clusterId: string, jobName: string) => Promise<FirstPosts> };
type Found = { cluster: Cluster; job: Job };

/**
 * Finds the job that is meant, in the cluster that the target names, else in all that are `listed`. A cluster that cannot be
 * read throws UpstreamFailed: then nobody may say "exactly one". Of jobs found by name only those count that `news` can be about.
 * Throws LedgerFailed where that cannot be told.
 */
export async function look(mrs: Mrs, listed: readonly Cluster[], target: Target, budget: CallBudget, news?: News): Promise<Looked> {
  const named = target.cluster === undefined ? undefined : findCluster(listed, target.cluster);
  if (target.cluster !== undefined && named === undefined) return { found: 'unlisted', cluster: target.cluster };
  const clusters = named === undefined ? listed : [named];
  const near = createNearNames(jobRefText(target.job));
  const found: Found[] = (
    await Promise.all(
      clusters.map(async (cluster) =>
        (await findJobs(mrs, cluster, target.job, budget, { near, isNamedCluster: clusters.length === 1 })).map((job) => ({ cluster, job })),
      ),
    )
  ).flat();
  const { meant, newer } = target.job.by === 'name' && news ? await leaveOutNewer(found, news) : { meant: found, newer: undefined };

  const [first] = meant;
  if (first === undefined) return { found: 'none', reason: newer ?? whyNone(target.job, clusters, near) };
  if (meant.length > 1) {
    const advice = target.job.by === 'mrs-id' ? 'name the cluster too' : 'name one of them by its MRS id';
    const reason = `${meant.length} jobs match ${jobRefText(target.job)}; ${advice}`;
    return { found: 'several', jobs: meant.map(({ job }) => job), reason };
  }
  return { found: 'one', ...first };
}

/** Leaves out what was submitted after the news, or is the re-run of a job that somebody killed; says which of them it was. */
async function leaveOutNewer(found: readonly Found[], { at, what, now, readPosts }: News): Promise<{ meant: Found[]; newer: string | undefined }> {
  const meant: Found[] = [];
  let newer: string | undefined;
  for (const one of found) {
    const { job, cluster } = one;
    // 0: unknown, so perhaps newer
    if (job.submitted_time <= 0 || job.submitted_time >= at) {
      newer ??= `a newer run exists: ${job.job_name} in cluster ${cluster.name} ${job.submitted_time <= 0 ? 'may have been' : 'was'} submitted after ${what}`;
      continue;
    }
    const killedAt = killedBefore(await readPosts(cluster.id, job.job_name), job);
    if (killedAt === undefined) meant.push(one);
    else newer = newerRunText(job.job_name, killedAt, now);
  }
  return { meant, newer };
}

async function findJobs(mrs: Mrs, cluster: Cluster, ref: JobRef, budget: CallBudget, { near, isNamedCluster }: { near: NearNames; isNamedCluster: boolean }): Promise<Job[]> {
  switch (ref.by) {
    case 'mrs-id':
      return findById(mrs, cluster, ref.id, budget, isNamedCluster);
    case 'yarn-id':
      return findByYarnId(mrs, cluster, ref.id, budget);
    case 'name':
      return findActive(mrs, cluster, budget, ({ job_name: name }) => {
        near.see(name);
        return name === ref.name;
      });
  }
}

async function findById(mrs: Mrs, cluster: Cluster, jobId: string, budget: CallBudget, isNamedCluster: boolean): Promise<Job[]> {
  try {
    return [await mrs.job(cluster, jobId, budget)];
  } catch (error) {
    if (!(error instanceof UpstreamFailed) || error.trouble.kind !== 'not-found') throw error;
    // A listed cluster that MRS does not know was not searched: only where it was named itself is the job surely not there.
    if (error.trouble.errorCode === '12000003' && !isNamedCluster) throw error;
    return [];
  }
}

/** MRS cannot be asked for a YARN id: the active jobs are read, then one page of the newest, where a job that just ended stands. */
async function findByYarnId(mrs: Mrs, cluster: Cluster, yarnId: string, budget: CallBudget): Promise<Job[]> {
  const hasYarnId = (job: Job): boolean => job.app_id === yarnId || job.launcher_id === yarnId;
  for await (const page of mrs.activeJobs(cluster, budget)) {
    const found = page.filter(hasYarnId);
    if (found.length > 0) return found; // YARN gives an id once: what follows has no other, and is not read
  }
  return (await mrs.recentJobs(cluster, budget)).filter(hasYarnId);
}

async function findActive(mrs: Mrs, cluster: Cluster, budget: CallBudget, isMeant: (job: Job) => boolean): Promise<Job[]> {
  const jobs: Job[] = [];
  for await (const page of mrs.activeJobs(cluster, budget)) jobs.push(...page.filter(isMeant));
  return jobs;
}

function whyNone(ref: JobRef, clusters: readonly Cluster[], near: NearNames): string {
  const where = clusters.length === 1 ? `cluster ${clusters[0]?.name}` : 'any listed cluster';
  switch (ref.by) {
    case 'mrs-id':
      return `MRS knows no job ${ref.id} in ${where}`;
    case 'yarn-id':
      return `MRS knows no job of ${ref.id} in ${where}; to kill it in YARN itself: yarn application -kill ${ref.id}`;
    case 'name':
      return `no job named ${ref.name} is running or waiting in ${where}${otherNames(ref.name, near.nearest())}`;
  }
}

/** What may have been meant instead of a name: what was typed before a phone or Slack changed it, and names that are near. */
function otherNames(name: string, near: readonly string[]): string {
  const replaced = replacedIn(name);
  const typed = replaced.length === 0 ? '' : `; the name has ${replaced.join(' and ')} in it, which a phone or Slack may have put there: if you typed ${asTyped(name)}, write it in back-ticks`;
  return near.length === 0 ? typed : `${typed}; did you mean ${near.join(' or ')}?`;
}
