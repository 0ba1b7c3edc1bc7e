import type { Job } from './job.ts';
import type { End } from './end.ts';
import type { MessageRef, Requested } from './request.ts';

/** Who has to agree before a kill, and why. */
export type Question = { who: 'requester' | 'approver'; reason: string };

/** The start of a request whose card it is: what a click on its buttons is about. */
export type CardOf = { name: string; start: number };

/** What is shown of a request where it came from: a question, that the kill is under way, or the end. */
export type View =
  /** Until when (epoch ms) it can be answered, and by whom. Without buttons it cannot yet; they carry the request's name and start. */
  | { stage: 'ask'; job: Job; question: Question; until: number; mayApprove: readonly string[]; dryRun: boolean; buttons?: CardOf }
  | { stage: 'killing'; job: Job }
  /** A rule wants people to know of the job; killing it would be their own request. `dryRun`: that one would only be played. */
  | { stage: 'notify'; job: Job; dryRun: boolean; buttons?: CardOf }
  | { stage: 'end'; end: End; tookMs: number };

/**
 * Shows a view, as an update of `previous` where there is one. Resolves to the message; undefined where this place has no use
 * for such a view, or nobody can be reached. Throws where the message was lost, `retryable` where it may get through later.
 */
export type Show = (request: Requested, view: View, previous?: MessageRef) => Promise<MessageRef | undefined>;

/** The place that is told of requests: a Slack channel, or, where none is set up, the log alone. */
export type Reporter = {
  show: Show;
  /** A message that belongs to no request; no markup in `plain` words is followed, they may be a stranger's. */
  say: (text: string, as: 'plain' | 'mrkdwn') => Promise<void>;
  /** The report of a cleanup run, first when it begins, then as an update; undefined where nobody is told. */
  showCleanup: (report: CleanupReport, stage: 'begins' | 'done', previous?: MessageRef) => Promise<MessageRef | undefined>;
};

/** For deployments without Slack: the audit lines say it all, and nobody can be asked. */
export const silentReporter: Reporter = { show: async () => undefined, say: async () => undefined, showCleanup: async () => undefined };

/** What one rule did in a run. */
export type RuleReport = {
  rule: string;
  action: string;
  dryRun: boolean;
  matched: number;
  started: number;
  /** Those of them that wait for a person. */
  asked: number;
  /** Started by an earlier run of this hour, or by one at the same time. */
  repeated: number;
  spared: { job: string; by: string }[];
  /** Kept back by a limit. */
  refused: { by: string; reason: string; jobs: number } | undefined;
  /** Could not be started; the next run tries again. */
  failed: number;
};

/** The truth about one run: return value, log line and message say the same. */
export type CleanupReport = { rules: RuleReport[]; unreadable: { cluster: string; reason: string }[]; skipped?: string };
