import type { Trouble } from './errors.ts';
import type { Job } from './job.ts';
import type { Choice } from './request.ts';

/** How a request ends. Every request that was authenticated ends with exactly one of these. */
export const OUTCOMES = [
  'killed',
  'finished-first',
  'already-over',
  'would-kill',
  'refused',
  'declined',
  'expired',
  'not-found',
  'ambiguous',
  'still-running',
  'failed',
  /** People were told of the job, as the rule wanted; killing it would be a request of their own. */
  'notified',
  /** A sender's own test, or an alert without data. */
  'ignored',
  /** REST only: MRS took the kill, and the answer did not wait for more. */
  'accepted',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Everything that can refuse a request. A refusal's reason begins with its rule's name. */
export const RULES = [
  'team', 'channel', 'mayKill', 'mayApprove',
  'alerts', 'target', 'unreadable', 'no-data', 'test',
  'clusters', 'protected', 'SparkSql', 'paused', 'ask', 'changed', 'resolved', 'kept', 'repeat', 'warn',
  'perDelivery', 'perHour', 'percentOfRunning',
] as const;
export type Rule = (typeof RULES)[number];

/** The end of a request, for the report, the audit, the metric and the history. Plain data: it crosses durable steps. */
export type End = {
  outcome: Outcome;
  /** For people: why it ended so, and what to do where there is something to do. */
  reason: string;
  /** What refused. Which rule of the policy asked is the request's `policyRule`. */
  rule?: Rule;
  /** Where it failed: MRS's or IAM's own code, what kind of trouble it was, or the status of an execution that broke off. */
  code?: string;
  /** Where MRS or IAM was the reason: what they answered. */
  trouble?: Trouble;
  /** A POST went unanswered and may still take effect. */
  mayTakeEffect?: true;
  /** A pick that another's choice holds back: whose that is. */
  of?: Choice;
  /** The job as it was seen last. */
  job?: Job;
  /** The jobs to choose from, where several matched. */
  candidates?: Job[];
  /** Slack user id of the person who answered the question. */
  answeredBy?: string;
};

/** The end of a request that a rule refused. */
export function refusedEnd(rule: Rule, reason: string, job?: Job): End {
  return { outcome: 'refused', rule, reason: `${rule}: ${reason}`, ...(job && { job }) };
}

/** The end of a request that somebody said no to. */
export function declinedEnd(user: string | undefined): End {
  return { outcome: 'declined', reason: 'the kill was declined; nothing was killed', ...(user !== undefined && { answeredBy: user }) };
}

const UNTRIED: ReadonlySet<string | undefined> = new Set<Rule>(['paused', 'perHour', 'percentOfRunning', 'warn']);

/**
 * Whether nothing was tried: it may be otherwise at another moment, by nobody's mending. `isChosen`: of a job that a pick chose, so
 * that another one may be meant the next time.
 */
export function isUntried({ outcome, rule }: { outcome: Outcome; rule?: string | undefined }, isChosen: boolean): boolean {
  if (outcome === 'not-found' || outcome === 'ambiguous') return true;
  if (isChosen && (outcome === 'already-over' || rule === 'resolved' || rule === 'kept' || rule === 'repeat')) return true;
  return outcome === 'refused' && UNTRIED.has(rule);
}
