import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { SeenJob } from '../core/report.ts';
import { type Closed, type Requested, type RuleId, type Target, targetText } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import type { Clock } from '../core/time.ts';
import { type Asking, dayKey, END_KEPT_MS, type EndEntry, type HistoryWord, jobKey, type JobSeen, ruleKey, ruleWord, RUN_KEPT_MS, runJob } from '../ledger/keys.ts';
import type { PutEntry } from '../ledger/port.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { executionName, type StartId } from './start-id.ts';

/** One word of a run's history: by day; by every id and the name of its job, as far as that is known, and what was asked for; by the rule that asked and the one that refused. */
export function historyEntries(id: StartId, request: Closed, began: number, word: HistoryWord, value: Asking | EndEntry, until: number): PutEntry[] {
  const name = executionName(id);
  const keys = [dayKey(began, name, word), ...jobWords(request.target, value.job).map((known) => jobKey(known, began, name, word)), ...rulesOf(request, value).map((rule) => ruleKey(rule, began, name, word))];
  return keys.map((key) => ({ key, value, until }));
}

/** The job that was found, which is never looked up by its name again, and the start under all that people call this job by. */
export function jobEntries({ id, clusters }: { id: StartId; clusters: readonly Cluster[] }, request: Requested, { began }: { began: number }, job: Job, until: number): PutEntry[] {
  const seen = jobSeen(clusters, job);
  return [{ key: runJob(id.name), value: seen, until }, ...historyEntries(id, request, began, '0', { ...askingOf(request), job: seen }, until)];
}

/** What people may call the job by: as it was asked for, and what is known of it. */
function jobWords(target: unknown, job: JobSeen | undefined): string[] {
  const asked = isJobTarget(target) ? [jobRefText(target.job)] : [];
  const known = job === undefined ? [] : [job.job_id, job.app_id, job.launcher_id, job.job_name];
  return [...new Set([...asked, ...known])].filter((text) => text !== '');
}

function rulesOf({ rule, policyRule }: Closed, value: Asking | EndEntry): RuleId[] {
  const asked: RuleId | undefined = rule ?? (policyRule === undefined ? undefined : { name: policyRule });
  const refused = 'rule' in value && value.rule !== undefined ? { name: value.rule } : undefined;
  const rules = [asked, refused].filter((known) => known !== undefined);
  return rules.filter((one, index) => rules.findIndex((other) => ruleWord(other) === ruleWord(one)) === index);
}

/** Who asked for what and why. */
export function askingOf({ trigger, requestedBy, reason, policyRule, receivedAt, target }: Closed): Asking {
  const asked = askedFor(target);
  return { at: receivedAt, trigger, by: requestedBy, why: reason, ...(policyRule !== undefined && { policyRule }), ...(asked !== undefined && { asked }) };
}

/** What is refused at a door may have any target, or none. */
function askedFor(target: unknown): string | undefined {
  const isPickTarget = typeof target === 'object' && target !== null && 'pick' in target;
  return isPickTarget || isJobTarget(target) ? targetText(target as Target) : undefined;
}

function isJobTarget(target: unknown): target is Target {
  return typeof target === 'object' && target !== null && typeof (target as { job?: unknown }).job === 'object';
}

/** An End as it stands in the ledger. */
export function endEntry(
  { policyHash, clusters, clock }: { policyHash: string; clusters: readonly Cluster[]; clock: Pick<Clock, 'now'> },
  request: Closed,
  { outcome, reason, rule, code, job, answeredBy, of, mayTakeEffect }: End,
  { since, began, seen }: { since: number; began: number; seen?: JobSeen | undefined },
): EndEntry {
  const ofJob = job ? jobSeen(clusters, job) : seen;
  return {
    ...askingOf(request), since, began, ended: clock.now(), policyHash, outcome, reason,
    ...(rule && { rule }), ...(code !== undefined && { code }), ...(answeredBy !== undefined && { answeredBy }), ...(ofJob && { job: ofJob }),
    ...(of && { of }), ...(mayTakeEffect && { mayTakeEffect }),
  };
}

/** An End as it was claimed, back from the ledger; what the run knows itself of the job is added by its caller. */
export function endOfEntry({ outcome, reason, rule, code, answeredBy, of, mayTakeEffect }: EndEntry): End {
  return { outcome, reason, ...(of && { of }), ...(mayTakeEffect && { mayTakeEffect }), ...(rule !== undefined && { rule: rule as NonNullable<End['rule']> }), ...(code !== undefined && { code }), ...(answeredBy !== undefined && { answeredBy }) };
}

/** The part of a job that is remembered; its cluster by id, since names change with the policy. */
export function jobSeen(clusters: readonly Cluster[], { cluster, job_id, job_name, job_type, user, queue, app_id, launcher_id }: Job): JobSeen {
  return { cluster: findCluster(clusters, cluster)?.id ?? cluster, job_id, job_name, job_type, user, queue, app_id, launcher_id };
}

/** What is remembered of a job, as a message names it. */
export function seenBy(clusters: readonly Cluster[], { cluster, job_id, job_name }: JobSeen): SeenJob {
  return { cluster: findCluster(clusters, cluster)?.name ?? cluster, job_id, job_name };
}

/** How long what stands of a running start is kept, from now. */
export function runUntil(now: number): number {
  return now + RUN_KEPT_MS;
}

/** How long an End is kept, from now. */
export function endUntil(now: number): number {
  return now + END_KEPT_MS;
}
