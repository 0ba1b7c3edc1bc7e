import type { Alert } from '../../lib/alerts/alert.ts';
import { nameOf } from '../../lib/alerts/alert-facts.ts';
import { type AlertResult, judgeAlert } from '../../lib/alerts/judge-alert.ts';
import { chooseJobs, leftOutText } from '../../lib/core/choose.ts';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import { isPick, type KillRequest, type PickRequest, targetText } from '../../lib/core/request.ts';
import { look } from '../../lib/kill/look.ts';
import { type Cluster, findCluster } from '../../lib/mrs/cluster.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { type Answer, findAlertRuleNamed, judge, type JudgeParts, ruleOf } from './judge.ts';
import type { JobFlags } from './options.ts';
import { idsOf, NO_ID, readDescribedJob } from './read-job.ts';

/** What an alert leads to: as its sender would be answered, and what would become of the described job. */
export type AlertAnswer = {
  alert: string;
  source: string;
  result: AlertResult;
  policyRule?: Answer['policyRule'];
  /** What it means, in words: a job, or those that its rule picks. */
  means?: string;
  picks?: true;
  /** Why it does not mean the described job. */
  notMeant?: string;
  job?: Job;
  answer?: Answer;
};

/** Judges an alert as the door does, at `parts.now`; `flags`: the job that is asked about, where one is. Throws InvalidRequest. */
export async function explainAlert(parts: JudgeParts & { clusters: readonly Cluster[] }, source: string, alert: Alert, flags: JobFlags | undefined): Promise<AlertAnswer> {
  const { policy, clusters, now } = parts;
  const { result: judged, wish } = judgeAlert({ policy, clusters, createId: () => '', wallAt: now.getTime() }, source, alert, now.getTime());
  const { kill_id: _none, ...result } = judged;
  const rule = findAlertRuleNamed(parts, result.policy_rule);
  const known: AlertAnswer = { alert: nameOf(alert), source, result, ...(rule && { policyRule: ruleOf(rule) }) };
  if (wish === undefined) return known;
  const { request } = wish;
  const where = isPick(request) || request.target.cluster === undefined ? '' : ` in ${request.target.cluster}`;
  const meant: AlertAnswer = { ...known, means: `${targetText(request.target)}${where}`, ...(isPick(request) && { picks: true }) };
  if (flags === undefined) return meant;
  const job = withItsNames(readDescribedJob(flags, clusters, request.target.cluster).at(now.getTime()), request);
  const notMeant = isPick(request) ? await whyNotPicked(request, job, clusters, now) : await whyNotMeant(request, job, clusters, now);
  return { ...meant, job, ...(notMeant === undefined ? { answer: judge(parts, 'alerts', job, rule, isPick(request)) } : { notMeant }) };
}

/** What nobody said of the job, and the alert says. */
function withItsNames(job: Job, request: KillRequest | PickRequest): Job {
  if (isPick(request)) return job;
  const names = Object.entries(idsOf(request.target.job)).filter(([field]) => ['', NO_ID].includes(String(job[field as keyof Job])));
  return { ...job, ...Object.fromEntries(names) };
}

/** Looks it up as a run does, in an MRS that has this job only. */
async function whyNotMeant({ target }: KillRequest, job: Job, clusters: readonly Cluster[], now: Date): Promise<string | undefined> {
  const mrs = onlyWith(job);
  const looked = await look(mrs, clusters, target, { retryForMs: 0 });
  if (looked.found !== 'one') return `it means ${targetText(target)}${target.cluster === undefined ? '' : ` in ${target.cluster}`}, and the described job is another`;
  if (target.submittedBefore === undefined || job.submitted_time <= 0) return undefined;
  const again = await look(mrs, clusters, target, { retryForMs: 0 }, { at: target.submittedBefore, what: 'the alert began', now: now.getTime(), readPosts: async () => [] });
  return again.found === 'none' ? again.reason : undefined;
}

async function whyNotPicked({ target: { cluster, pick, submittedBefore = Infinity } }: PickRequest, job: Job, clusters: readonly Cluster[], now: Date): Promise<string | undefined> {
  if (findCluster(clusters, cluster)?.name !== job.cluster) return `it picks in ${cluster}, and the described job is in ${job.cluster}`;
  const choosing = await chooseJobs(pick, [job], now, () => (job.submitted_time > 0 && job.submitted_time >= submittedBefore ? { leftOut: 'that began after the alert' } : 'free'));
  return choosing.jobs.length > 0 ? undefined : leftOutText(choosing) || 'the described job does not fit the pick';
}

type Reads = Pick<Mrs, 'job' | 'activeJobs' | 'recentJobs'>;

function onlyWith(job: Job): Mrs {
  const jobsOf = ({ name }: Cluster): Job[] => (name === job.cluster ? [job] : []);
  const reads: Reads = {
    async job(cluster, id) {
      const found = jobsOf(cluster).find(({ job_id: own }) => own === id);
      if (found === undefined) throw new UpstreamFailed({ service: 'MRS', kind: 'not-found', message: 'no such job' });
      return found;
    },
    async *activeJobs(cluster) {
      yield jobsOf(cluster);
    },
    recentJobs: async (cluster) => jobsOf(cluster),
  };
  return reads as Mrs; // a look reads, and nothing else
}
