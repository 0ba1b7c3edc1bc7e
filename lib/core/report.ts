import type { WeeklyDigest } from './digest.ts';
import type { Job } from './job.ts';
import type { End } from './end.ts';
import type { MessageRef, Requested } from './request.ts';

/** Who has to agree before a kill, and why. */
export type Question = { who: 'requester' | 'approver'; reason: string };

/** The start of a request whose card it is: what a click on its buttons is about. */
export type CardOf = { name: string; start: number };

/** That somebody keeps the job (Slack user id), until when (epoch ms): on cards of kills that a keep does not hold back. */
export type KeptBy = { until: number; by: string };

/** What is shown of a request where it came from: a question, that the kill is under way, or the end. */
export type View =
  /** Until when (epoch ms) it can be answered, and by whom. Without buttons it cannot yet; they carry the request's name and start. */
  | { stage: 'ask'; job: Job; question: Question; until: number; mayApprove: readonly string[]; dryRun: boolean; kept?: KeptBy | undefined; buttons?: CardOf }
  | { stage: 'killing'; job: Job; kept?: KeptBy | undefined }
  | Warned
  /** A warned job that somebody keeps, until when (epoch ms); the card has no buttons then. `isOwner`: that person is the job's owner.
   *  `usedMs`: of `keepAtMost`, with this keep. */
  | { stage: 'kept'; job: Job; until: number; by: string; isOwner: boolean; usedMs: number; keepAtMostMs?: number | undefined }
  /** The warning is over, and what comes next is another request: the kill (`by`: who clicked Kill now), or a newer warning in a message below. */
  | { stage: 'handed-on'; job: Job; to: 'kill' | 'warning'; by?: string | undefined }
  /** A rule wants people to know of the job; killing it would be their own request. `dryRun`: that one would only be played. */
  | { stage: 'notify'; job: Job; dryRun: boolean; kept?: KeptBy | undefined; buttons?: CardOf }
  /** `isCopy`: another message says it too, so that where this one is gone it is not posted anew. */
  /** `seen`: what is known of the job where the End itself holds none. */
  | { stage: 'end'; end: End; tookMs: number; seen?: SeenJob; isCopy?: true };

/** A job that was found before, as a message names it. */
export type SeenJob = Pick<Job, 'job_name' | 'job_id' | 'cluster'>;

/** A warning, in the channel, or with the owner of the job where `to` names whom (a user's or channel's id). */
export type Warned = {
  stage: 'warn';
  job: Job;
  /** Epoch ms; left out on a card that is not live yet, which says about how long it will stand (`warnMs`). */
  until?: number | undefined;
  warnMs?: number | undefined;
  /** How long Keep keeps it, and what is left of how long it may be kept in all; `keepMs` is left out where nobody may keep it. */
  keepMs?: number | undefined;
  usedMs: number;
  keepAtMostMs?: number | undefined;
  /** Who may keep it still, where `keepAtMost` is used up. */
  mayApprove?: readonly string[] | undefined;
  /** Whose job it is: the user or channel of `slack.people`. */
  owner?: string | undefined;
  to?: string | undefined;
  /** The other message could not be posted. */
  lost?: 'channel' | 'owner' | undefined;
  /** Only played: nobody is asked for anything, and nothing will be killed. */
  dryRun: boolean;
  /** Kill now would only be played: the dry run covers what people ask for. */
  killIsPlayed?: boolean | undefined;
  buttons?: CardOf;
};

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
  /** The week in numbers; one try. */
  showDigest: (digest: WeeklyDigest) => Promise<void>;
};

/** For deployments without Slack: the audit lines say it all, and nobody can be asked. */
export const silentReporter: Reporter = { show: async () => undefined, say: async () => undefined, showCleanup: async () => undefined, showDigest: async () => undefined };

/** What one rule did in a run. */
export type RuleReport = {
  rule: string;
  action: string;
  dryRun: boolean;
  matched: number;
  started: number;
  /** Those of them that wait for a person. */
  asked: number;
  /** Those of them that are warned first, for as long as their rule says. */
  warned: number;
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
