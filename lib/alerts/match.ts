import type { PickTarget, SeenAlert, Target } from '../core/request.ts';
import type { JobPick } from '../core/job-pick.ts';
import { type JobRef, parseJobId, parseJobRef, soleYarnIdIn, yarnIdsIn } from '../core/target.ts';
import { fitsLabels } from '../core/match-alert.ts';
import type { AlertRule } from '../policy/policy.ts';
import type { Alert } from './alert.ts';

/** The label names that carry a job or a cluster, in the order in which they are believed. `job` is Prometheus's scrape job. */
const ID_LABELS = ['mrs_job_id', 'job_execution_id', 'job_id'];
const YARN_LABELS = ['application_id', 'app_id', 'applicationId', 'yarn_application_id', 'applicationID', 'app'];
const NAME_LABELS = ['job_name', 'application_name', 'app_name', 'name'];
const CLUSTER_LABELS = ['mrs_cluster_id', 'cluster_id', 'yarn_cluster', 'cluster_name', 'cluster'];
const LONGEST_VALUE = 2_048;

/** Says in which state an alert is, and so something else once it is resolved. */
const STATE_LABELS: ReadonlySet<string> = new Set(['alarm_status', 'alert_status', 'alert_type', 'event_type', 'state', 'status', 'summary', 'title', 'transition']);

/** Whether a rule that kills may have taken the alert while it fired: resolved, it says its state in other words, and may leave out the rest. */
export function mayHaveTaken(rules: readonly AlertRule[], source: string, alert: Alert): boolean {
  return rules.some((rule) => rule.action !== 'notify' && (rule.source === undefined || rule.source === source) && fitsLabels(rule, alert, (name, value) => value === undefined || STATE_LABELS.has(name)));
}

const MOST_SEEN = 8_000;
const LONGEST_SEEN = 2_000;
/** What is called so is kept nowhere, unless a rule reads it. */
const SECRET_NAME = /token|secret|passw|credential|authorization|api_?key/i;

/** What of an alert is kept for when its warning is over: what the rules read of it first, then the rest as long as it is short. */
export function seenAlert(rules: readonly AlertRule[], source: string, { labels, annotations }: Alert): SeenAlert {
  const read = new Set(rules.flatMap(({ match }) => Object.keys(match)));
  const seen: SeenAlert = { source, labels: {}, annotations: {} };
  let length = 0;
  const keep = (into: Record<string, string>, from: Record<string, string>, isRead: boolean): void => {
    for (const [name, value] of Object.entries(from)) {
      if (read.has(name) !== isRead) continue;
      if (!isRead && SECRET_NAME.test(name)) continue;
      const short = value.slice(0, LONGEST_SEEN); // a rule that reads more of it does not take it then, and nothing is killed
      length += name.length + short.length;
      if (isRead || length <= MOST_SEEN) Object.defineProperty(into, name, { value: short, enumerable: true, configurable: true, writable: true });
    }
  };
  for (const isRead of [true, false]) {
    keep(seen.labels, labels, isRead);
    keep(seen.annotations, annotations, isRead);
  }
  return seen;
}

/**
 * The job that an alert means: by MRS id, by YARN id (also inside a URL or a metric name), by name; labels are believed before
 * annotations. A rule may name the cluster and the label of the job. `submittedBefore` (epoch ms) bounds a job that is found by
 * its name. Undefined where the alert names no job.
 */
export function findTarget(alert: Alert, rule: Pick<AlertRule, 'cluster' | 'job'>, submittedBefore: number): Target | undefined {
  const read = readerOf(alert);
  const job = rule.job === undefined ? findJob(read, alert.labels) : parseRef(read(rule.job));
  return job && { cluster: findCluster(read, rule), job, ...(job.by === 'name' && { submittedBefore }) };
}

/** The cluster in which a rule picks among the jobs that were submitted before (epoch ms); undefined where neither the rule nor the alert names one. */
export function findPickTarget(alert: Alert, rule: { cluster?: string | undefined }, pick: JobPick, submittedBefore: number): PickTarget | undefined {
  const cluster = findCluster(readerOf(alert), rule);
  return cluster === undefined ? undefined : { cluster, pick, submittedBefore };
}

/** Reads a label, or else the annotation of that name; '' where there is neither. */
function readerOf({ labels, annotations }: Alert): (name: string) => string {
  return (name) => (own(labels, name) || own(annotations, name) || '').trim();
}

function findCluster(read: (name: string) => string, rule: { cluster?: string | undefined }): string | undefined {
  return rule.cluster ?? CLUSTER_LABELS.map(read).find((value) => value !== '');
}

function findJob(read: (name: string) => string, labels: Record<string, string>): JobRef | undefined {
  const byId = ID_LABELS.map((name) => parseJobId(read(name))).find((ref) => ref !== undefined);
  if (byId) return byId;
  const byYarnId = YARN_LABELS.map((name) => parseRef(read(name))).find((ref) => ref?.by === 'yarn-id');
  if (byYarnId) return byYarnId;
  return soleYarnId(labels) ?? NAME_LABELS.map((name) => parseRef(read(name))).find((ref) => ref !== undefined);
}

/** The YARN id that stands somewhere in the labels, a metric's name for one. */
function soleYarnId(labels: Record<string, string>): JobRef | undefined {
  const id = soleYarnIdIn(Object.entries(labels).filter(([name]) => name !== 'job').map(([, value]) => value));
  return id === undefined ? undefined : { by: 'yarn-id', id };
}

/** One reference or none: a value that speaks of two jobs, or is longer than any name or URL, names neither. */
function parseRef(value: string): JobRef | undefined {
  return value.length > LONGEST_VALUE || new Set(yarnIdsIn(value)).size > 1 ? undefined : parseJobRef(value);
}

function own(record: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
