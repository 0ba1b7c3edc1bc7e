import type { Job } from './job.ts';

/** Everything that can refuse a request. A refusal's text begins with its rule's name. */
export const RULES = ['team','channel','mayKill','mayApprove','alerts','target','unreadable','no-data','test','clusters','protected','SparkSql','paused','ask','changed','resolved','kept','repeat','warn','perDelivery','perHour','percentOfRunning'] as const;
export type Rule = (typeof RULES)[number];

/** How a request ends. Every request ends with exactly one of these. */
export const OUTCOMES = [
  'killed', 'finished-first', 'already-over', 'would-kill', 'refused', 'declined', 'expired', 'not-found', 'ambiguous', 'still-running', 'failed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The end of a request, for the report, the audit and the history. Plain data: it crosses durable steps. */
export type End = {
  outcome: Outcome;
  /** For people: why it ended so, and what to do where there is something to do. */
  reason: string;
  /** The rule that refused. */
  rule?: Rule;
  /** What MRS or IAM answered where it failed: their code, or what kind of trouble it was. */
  code?: string;
  /** The job as it was seen last. */
  job?: Job;
  /** The jobs to choose from, where several matched. */
  candidates?: Job[];
  /** Slack user id of the person who answered the question. */
  answeredBy?: string;
};
