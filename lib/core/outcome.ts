import type { Job } from './job.ts';

/** How a request ends. Every request ends with exactly one of these. */
export type Outcome =
  | 'killed'
  | 'finished-first'
  | 'already-over'
  | 'would-kill'
  | 'refused'
  | 'declined'
  | 'expired'
  | 'not-found'
  | 'ambiguous'
  | 'still-running'
  | 'failed';

/** What a trigger is told of each start. `accepted` means handed on; how it ends, the report says. */
export type StartOutcome = 'accepted' | 'duplicate' | 'refused' | 'ignored' | 'notified';

/** The end of a request, for the report, the audit and the history. Plain data: it crosses durable steps. */
export type End = {
  outcome: Outcome;
  /** For people: why it ended so, and what to do where there is something to do. */
  reason: string;
  /** The rule that refused. */
  rule?: string;
  /** What MRS or IAM answered where it failed: their code, or what kind of trouble it was. */
  code?: string;
  /** The job as it was seen last. */
  job?: Job;
  /** The jobs to choose from, where several matched. */
  candidates?: Job[];
  /** Slack user id of the person who answered the question. */
  answeredBy?: string;
};
